using System.Text;

namespace Keygate.Verification;

/// <summary>A growing run of UTF-8 octets with the escapes of canonical XML. Reused from document to document.</summary>
internal sealed class OctetBuffer
{
    // What a character below 0x80 needs: 0 itself, 1 an escape in text, 2 one in attributes, 3 one in both.
    private static readonly byte[] Escapes = MakeEscapes();

    private byte[] _octets;

    public OctetBuffer(int capacity = 8192) => _octets = new byte[capacity];

    public int Length { get; private set; }

    public byte[] Octets => _octets;

    public static byte[] Literal(string text) => Encoding.UTF8.GetBytes(text);

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length <= Length ? length : throw new ArgumentOutOfRangeException(nameof(length));

    public byte[] ToArray()
    {
        var copy = new byte[Length];
        Buffer.BlockCopy(_octets, 0, copy, 0, Length);
        return copy;
    }

    public void Add(byte octet)
    {
        Ensure(1);
        _octets[Length++] = octet;
    }

    public void Add(byte[] octets) => Add(octets, 0, octets.Length);

    public void Add(byte[] octets, int start, int count)
    {
        Ensure(count);
        Buffer.BlockCopy(octets, start, _octets, Length, count);
        Length += count;
    }

    /// <summary>Adds text that needs no escapes: names of the format, digits, base64.</summary>
    public void AddPlain(string text)
    {
        Ensure(text.Length * 3);
        Length += Encoding.UTF8.GetBytes(text, 0, text.Length, _octets, Length);
    }

    public void AddText(string text) => AddEscaped(text, 1);

    public void AddAttributeValue(string text) => AddEscaped(text, 2);

    private void AddEscaped(string text, byte place)
    {
        // No character grows beyond six octets (&quot;), so that the loop needs no further checks.
        Ensure(text.Length * 6);
        var octets = _octets;
        var at = Length;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < 0x80)
            {
                if ((Escapes[c] & place) == 0)
                {
                    octets[at++] = (byte)c;
                }
                else
                {
                    foreach (var e in EscapeOf(c))
                    {
                        octets[at++] = (byte)e;
                    }
                }
            }
            else if (c < 0x800)
            {
                octets[at++] = (byte)(0xC0 | (c >> 6));
                octets[at++] = (byte)(0x80 | (c & 0x3F));
            }
            else if (!char.IsSurrogate(c))
            {
                octets[at++] = (byte)(0xE0 | (c >> 12));
                octets[at++] = (byte)(0x80 | ((c >> 6) & 0x3F));
                octets[at++] = (byte)(0x80 | (c & 0x3F));
            }
            else
            {
                var point = i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1])
                    ? char.ConvertToUtf32(c, text[++i])
                    : throw new InvalidOperationException("A text with half a surrogate pair passed the check before.");
                octets[at++] = (byte)(0xF0 | (point >> 18));
                octets[at++] = (byte)(0x80 | ((point >> 12) & 0x3F));
                octets[at++] = (byte)(0x80 | ((point >> 6) & 0x3F));
                octets[at++] = (byte)(0x80 | (point & 0x3F));
            }
        }
        Length = at;
    }

    private void Ensure(int more)
    {
        var needed = checked(Length + more);
        if (needed > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(needed, _octets.Length * 2));
        }
    }

    private static string EscapeOf(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\t' => "&#x9;",
        '\n' => "&#xA;",
        _ => "&#xD;",
    };

    private static byte[] MakeEscapes()
    {
        var escapes = new byte[0x80];
        escapes['&'] = escapes['<'] = escapes['\r'] = 3;
        escapes['>'] = 1;
        escapes['"'] = escapes['\t'] = escapes['\n'] = 2;
        return escapes;
    }
}
