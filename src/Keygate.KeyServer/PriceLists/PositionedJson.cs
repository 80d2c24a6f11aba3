using System.Text.Json;
using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>
/// A JSON value that knows the line it stands on, so that a broken file is refused with the line at fault. Comments and trailing commas are
/// allowed: people write these files.
/// </summary>
internal sealed class PositionedJson
{
    private const int DepthMax = 32;

    private PositionedJson(int line, JsonTokenType kind, string text) => (Line, Kind, Text) = (line, kind, text);

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>StartObject, StartArray, String, Number, True, False or Null.</summary>
    public JsonTokenType Kind { get; }

    /// <summary>The text of a string or number; empty for anything else.</summary>
    public string Text { get; }

    /// <summary>The members of an object, in order.</summary>
    public List<(string Name, PositionedJson Value)> Members { get; } = [];

    /// <summary>The items of an array.</summary>
    public List<PositionedJson> Items { get; } = [];

    /// <summary>Reads one JSON value; refused with line and reason.</summary>
    public static Result<PositionedJson> Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthMax });
        var lines = new LineCounter(utf8);
        try
        {
            reader.Read();
            var value = Value(ref reader, ref lines);
            reader.Read();
            return value;
        }
        catch (JsonException e)
        {
            // The reader appends its own position to the message; ours stands in front, counted from 1.
            var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            return At((int)(e.LineNumber ?? 0) + 1, end < 0 ? e.Message : e.Message[..end]);
        }
        catch (InvalidOperationException e)
        {
            return At(lines.At(reader.TokenStartIndex), e.Message);
        }
    }

    /// <summary>A refusal at a line.</summary>
    public static Error At(int line, string reason) => KeyServerErrors.PriceListBroken.Because(FormattableString.Invariant($"Line {line}: {reason}"));

    /// <summary>A refusal at this value's line.</summary>
    public Error Wrong(string reason) => At(Line, reason);

    private static PositionedJson Value(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
            _ => "",
        };
        var value = new PositionedJson(lines.At(reader.TokenStartIndex), reader.TokenType, text);
        if (value.Kind == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.GetString()!;
                reader.Read();
                value.Members.Add((name, Value(ref reader, ref lines)));
            }
        }
        else if (value.Kind == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                value.Items.Add(Value(ref reader, ref lines));
            }
        }

        return value;
    }

    // Tokens come in order, so every byte is looked at once.
    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _at;
        private int _line = 1;

        public int At(long index)
        {
            _line += _utf8[_at..(int)index].Count((byte)'\n');
            _at = (int)index;
            return _line;
        }
    }
}
