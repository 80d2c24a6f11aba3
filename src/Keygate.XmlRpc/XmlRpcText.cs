using System.Buffers;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>
/// A document as UTF-8 without byte-order mark, checked to be valid and to hold only characters that XML allows: the bytes themselves
/// where they are UTF-8 already, else transcoded.
/// </summary>
internal readonly ref struct XmlRpcText
{
    // Encodings that keep ASCII in its place and have one reading of every byte. Others (UTF-7, the shifting ones of East Asia) have
    // been used to smuggle markup past checks.
    private static readonly HashSet<string> SingleByte = new(StringComparer.OrdinalIgnoreCase)
    {
        "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-13", "iso-8859-15",
        "latin1", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1257", "koi8-r", "koi8-u",
    };

    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);

    private readonly XmlRpcBuffer? _transcoded;

    private XmlRpcText(ReadOnlySpan<byte> utf8, XmlRpcBuffer? transcoded)
    {
        Utf8 = utf8;
        _transcoded = transcoded;
    }

    public ReadOnlySpan<byte> Utf8 { get; }

    public void Dispose() => _transcoded?.Dispose();

    public static XmlRpcText Decode(ReadOnlySpan<byte> bytes, XmlRpcLimits limits, string? charset)
    {
        CheckLength(bytes.Length, limits);
        var encoding = EncodingOf(ref bytes, charset);
        if (encoding is null)
        {
            CheckCharacters(bytes);
            return new(bytes, null);
        }

        var transcoded = Transcode(bytes, encoding);
        try
        {
            CheckCharacters(transcoded.Span);
            return new(transcoded.Span, transcoded);
        }
        catch
        {
            transcoded.Dispose();
            throw;
        }
    }

    public static void CheckLength(long length, XmlRpcLimits limits)
    {
        if (length > limits.BytesMax)
        {
            throw TooLarge(limits);
        }
    }

    public static XmlRpcFormatException TooLarge(XmlRpcLimits limits) =>
        new(XmlRpcFaultCodes.InvalidXmlRpc, FormattableString.Invariant($"The document is longer than {limits.BytesMax} bytes."));

    /// <summary>The encoding to transcode from, or null for UTF-8; takes off the byte-order mark.</summary>
    private static Encoding? EncodingOf(ref ReadOnlySpan<byte> bytes, string? charset)
    {
        switch (bytes)
        {
            case [0xEF, 0xBB, 0xBF, ..]:
                bytes = bytes[3..];
                return null;
            case [0xFF, 0xFE, ..]:
                bytes = bytes[2..];
                return new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
            case [0xFE, 0xFF, ..]:
                bytes = bytes[2..];
                return new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
            case [(byte)'<', 0, ..]:
                return new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
            case [0, (byte)'<', ..]:
                return new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
        }

        var name = string.IsNullOrWhiteSpace(charset) ? Declared(bytes) : charset.Trim().Trim('"', '\'');
        if (name is null || IsUtf8(name))
        {
            return null;
        }

        // ASCII is a part of UTF-8. Clients declare it and send UTF-8 all the same, which is valid or not by itself.
        if (name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) || name.Equals("ascii", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!SingleByte.Contains(name))
        {
            throw new XmlRpcFormatException(XmlRpcFaultCodes.UnsupportedEncoding, "The encoding of the document is not supported: send UTF-8.");
        }

        if (name.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase) || name.Equals("latin1", StringComparison.OrdinalIgnoreCase))
        {
            return Encoding.Latin1;
        }

        return CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
            ?? throw new XmlRpcFormatException(XmlRpcFaultCodes.UnsupportedEncoding, "The encoding of the document is not supported: send UTF-8.");
    }

    private static bool IsUtf8(string name) =>
        name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("utf8", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name in <c>encoding="..."</c> of the XML declaration, or null.</summary>
    private static string? Declared(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("<?xml"u8))
        {
            return null;
        }

        var declaration = bytes[..Math.Min(bytes.Length, 200)];
        var end = declaration.IndexOf("?>"u8);
        var at = end < 0 ? -1 : declaration[..end].IndexOf("encoding"u8);
        if (at < 0)
        {
            return null;
        }

        var value = declaration[(at + 8)..end].TrimStart(" \t\r\n="u8);
        if (value is not [(byte)'"' or (byte)'\'', ..])
        {
            return null;
        }

        var close = value[1..].IndexOf(value[0]);
        return close < 0 ? null : Encoding.ASCII.GetString(value.Slice(1, close));
    }

    private static XmlRpcBuffer Transcode(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        char[]? chars = null;
        try
        {
            chars = ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(bytes.Length));
            var count = encoding.GetChars(bytes, chars);
            var buffer = new XmlRpcBuffer(Math.Max(1, Encoding.UTF8.GetMaxByteCount(count)));
            buffer.Advance(Encoding.UTF8.GetBytes(chars.AsSpan(0, count), buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(count))));
            return buffer;
        }
        catch (DecoderFallbackException)
        {
            throw new XmlRpcFormatException(XmlRpcFaultCodes.InvalidCharacter, "A byte does not belong to the encoding of the document.");
        }
        finally
        {
            if (chars is not null)
            {
                ArrayPool<char>.Shared.Return(chars, clearArray: true);
            }
        }
    }

    private static void CheckCharacters(ReadOnlySpan<byte> utf8)
    {
        var ascii = Ascii.IsValid(utf8);
        if (!ascii && !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            throw new XmlRpcFormatException(XmlRpcFaultCodes.InvalidCharacter, "The document is not valid UTF-8.");
        }

        if (utf8.ContainsAny(Controls) || (!ascii && (utf8.IndexOf("\uFFFE"u8) >= 0 || utf8.IndexOf("\uFFFF"u8) >= 0)))
        {
            throw new XmlRpcFormatException(XmlRpcFaultCodes.InvalidCharacter, "The document holds a character that XML does not allow.");
        }
    }
}
