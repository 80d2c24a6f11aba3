using System.Text;

namespace Keygate.XmlRpc;

/// <summary>Which elements are open at the end of a piece of a document: for messages, on the way of a refusal alone.</summary>
internal static class XmlRpcPath
{
    // Only these stand several times beside each other.
    private static readonly HashSet<string> Counted = ["param", "member", "value"];

    /// <summary>The path of elements open at the end of what was read; empty where there is none.</summary>
    public static string Of(ReadOnlySpan<byte> read)
    {
        var open = new List<(string Name, int Place, Dictionary<string, int> Children)>();
        var roots = new Dictionary<string, int>(StringComparer.Ordinal);
        while (read.IndexOf((byte)'<') is >= 0 and var start)
        {
            read = read[(start + 1)..];
            var (end, skip) = read switch
            {
                [(byte)'!', (byte)'-', ..] => ("-->"u8.ToArray(), true),
                [(byte)'!', (byte)'[', ..] => ("]]>"u8.ToArray(), true),
                [(byte)'?' or (byte)'!', ..] => (">"u8.ToArray(), true),
                _ => (">"u8.ToArray(), false),
            };
            var close = read.IndexOf(end);
            var tag = close < 0 ? read : read[..close];
            read = close < 0 ? [] : read[(close + end.Length)..];
            if (skip)
            {
                continue;
            }

            if (tag is [(byte)'/', ..])
            {
                if (open.Count > 0 && close >= 0)
                {
                    open.RemoveAt(open.Count - 1);
                }

                continue;
            }

            var name = Name(tag);
            if (name.Length == 0)
            {
                continue;
            }

            var siblings = open.Count == 0 ? roots : open[^1].Children;
            var place = siblings[name] = siblings.GetValueOrDefault(name) + 1;
            if (tag is not [.., (byte)'/'])
            {
                open.Add((name, place, new(StringComparer.Ordinal)));
            }
        }

        // A value of an array is told apart by its place; the value of a parameter or member is the only one.
        var path = new StringBuilder();
        for (var i = 0; i < open.Count; i++)
        {
            var (name, place, _) = open[i];
            path.Append('/').Append(name);
            if (Counted.Contains(name) && (name != "value" || (i > 0 && open[i - 1].Name == "data")))
            {
                path.Append('[').Append(place).Append(']');
            }
        }

        return path.ToString();
    }

    private static string Name(ReadOnlySpan<byte> tag)
    {
        var length = 0;
        while (length < tag.Length && length < 40 && (char.IsAsciiLetterOrDigit((char)tag[length]) || tag[length] is (byte)'.' or (byte)':' or (byte)'_'))
        {
            length++;
        }

        return Encoding.ASCII.GetString(tag[..length]);
    }
}
