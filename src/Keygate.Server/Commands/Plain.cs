using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keygate.Server;

/// <summary>JSON as people read it on a terminal: fields in lines, lists in columns.</summary>
internal static class Plain
{
    /// <summary>Writes an answer; a page as a table, of these columns where some are named.</summary>
    public static void Write(TextWriter output, JsonNode? json, IReadOnlyList<string> columns)
    {
        switch (json)
        {
            case JsonObject page when page["items"] is JsonArray items && page.All(p => p.Key is "items" or "next"):
                Table(output, items, columns, "");
                break;
            case JsonObject one:
                Fields(output, one, "");
                break;
            case JsonArray items:
                Table(output, items, columns, "");
                break;
            case { } value:
                output.WriteLine(Text(value));
                break;
            default:
                output.WriteLine("Done.");
                break;
        }
    }

    private static void Fields(TextWriter output, JsonObject one, string indent)
    {
        var width = one.Where(p => p.Value is not (JsonObject or JsonArray)).Select(p => p.Key.Length).DefaultIfEmpty().Max();
        // Plain fields first: what follows them may be long.
        foreach (var (name, value) in one.OrderBy(p => p.Value is JsonObject ? 2 : p.Value is JsonArray items && items.Any(i => i is JsonObject) ? 1 : 0))
        {
            switch (value)
            {
                case JsonObject inner:
                    output.WriteLine($"{indent}{name}:");
                    Fields(output, inner, indent + "  ");
                    break;
                case JsonArray items when items.Any(i => i is JsonObject):
                    output.WriteLine($"{indent}{name}:");
                    Table(output, items, [], indent + "  ");
                    break;
                default:
                    output.WriteLine($"{indent}{name.PadRight(width)}  {Text(value)}");
                    break;
            }
        }
    }

    private static void Table(TextWriter output, JsonArray items, IReadOnlyList<string> columns, string indent)
    {
        var rows = items.OfType<JsonObject>().ToList();
        if (rows.Count == 0)
        {
            output.WriteLine($"{indent}{(items.Count == 0 ? "None." : Text(items))}");
            return;
        }

        var names = columns.Count > 0 ? columns : [.. rows.SelectMany(r => r.Where(p => p.Value is not (JsonObject or JsonArray)).Select(p => p.Key)).Distinct()];
        var cells = new List<IReadOnlyList<string>> { names };
        cells.AddRange(rows.Select(r => (IReadOnlyList<string>)[.. names.Select(n => Text(r[n]))]));
        var widths = names.Select((_, i) => cells.Max(row => row[i].Length)).ToList();
        foreach (var row in cells)
        {
            output.WriteLine(indent + string.Join("  ", row.Select((cell, i) => i == row.Count - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray items => string.Join(", ", items.Select(Text)),
        JsonValue v when v.GetValueKind() == JsonValueKind.String => Moment(v.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    // Moments come with fractions of a second that nobody reads in a table.
    private static string Moment(string text) =>
        text.Length > 19 && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : text;
}
