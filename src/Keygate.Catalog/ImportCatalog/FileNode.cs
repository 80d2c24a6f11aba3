using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>A JSON value that knows the line of the file it stands in: the framework's own tree forgets it.</summary>
internal sealed class FileNode
{
    // The format has four levels; whatever is deeper is no catalog, and its bound keeps the recursion short.
    private const int DepthMax = 16;

    private FileNode(JsonTokenType type, int line, string text) => (Type, Line, Text) = (type, line, text);

    public JsonTokenType Type { get; }

    /// <summary>Counted from one.</summary>
    public int Line { get; }

    /// <summary>The text of a string, the digits of a number.</summary>
    public string Text { get; }

    public List<(string Name, int Line, FileNode Value)> Members { get; } = [];

    public List<FileNode> Items { get; } = [];

    public static Result<FileNode> Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("\uFEFF"u8))
        {
            file = file[3..];
        }

        if (FirstLineNotUtf8(file) is { } foreign)
        {
            return CatalogErrors.FileBroken.Because($"Line {foreign}: the text is not UTF-8");
        }

        var lines = new Lines(file);
        var reader = new Utf8JsonReader(file, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            reader.Read();
            var root = Read(ref reader, ref lines);
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var line = (e.LineNumber ?? 0) + 1;
            return CatalogErrors.FileBroken.Because(FormattableString.Invariant($"Line {line}: {Reason(e)}"));
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 alone names no character.
            return CatalogErrors.FileBroken.Because(FormattableString.Invariant($"Line {lines.At(reader.TokenStartIndex)}: a text holds half a character"));
        }
    }

    private static FileNode Read(ref Utf8JsonReader reader, ref Lines lines)
    {
        var line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var thing = new FileNode(JsonTokenType.StartObject, line, "");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var (name, at) = (reader.GetString()!, lines.At(reader.TokenStartIndex));
                    reader.Read();
                    thing.Members.Add((name, at, Read(ref reader, ref lines)));
                }

                return thing;
            case JsonTokenType.StartArray:
                var list = new FileNode(JsonTokenType.StartArray, line, "");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items.Add(Read(ref reader, ref lines));
                }

                return list;
            case JsonTokenType.String:
                return new FileNode(JsonTokenType.String, line, reader.GetString()!);
            case JsonTokenType.Number:
                // Only whole numbers occur; others keep no text and so never pass for one.
                return new FileNode(JsonTokenType.Number, line, reader.TryGetInt32(out var number) ? number.ToString(CultureInfo.InvariantCulture) : "");
            default:
                return new FileNode(reader.TokenType, line, "");
        }
    }

    private static int? FirstLineNotUtf8(ReadOnlySpan<byte> file)
    {
        if (Utf8.IsValid(file))
        {
            return null;
        }

        var line = 0;
        foreach (var range in file.Split((byte)'\n'))
        {
            line++;
            if (!Utf8.IsValid(file[range]))
            {
                return line;
            }
        }

        throw new InvalidOperationException("A line feed is never part of another character, so one line must be at fault.");
    }

    // The framework's message ends in its own counting of lines, from zero, and of bytes.
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.');
    }

    // Tokens come in order, so each byte is looked at once.
    private ref struct Lines(ReadOnlySpan<byte> file)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private int _seen;
        private int _line = 1;

        public int At(long index)
        {
            if (index > _seen)
            {
                _line += _file[_seen..(int)index].Count((byte)'\n');
                _seen = (int)index;
            }

            return _line;
        }
    }
}
