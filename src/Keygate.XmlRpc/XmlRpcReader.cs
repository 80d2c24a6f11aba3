using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>
/// Reads XML-RPC messages from bytes. Throws <see cref="XmlRpcFormatException"/>, and nothing else, for whatever is not one. There is no
/// document type, no entity but the five of XML, and nothing is ever fetched.
/// </summary>
public static class XmlRpcReader
{
    /// <summary>Reads a <c>methodCall</c>.</summary>
    /// <param name="bytes">The whole document.</param>
    /// <param name="limits">Bounds; null means <see cref="XmlRpcLimits.Server"/>.</param>
    /// <param name="charset">The encoding that the transport declared; it goes before the document's own declaration.</param>
    public static XmlRpcRequest ReadRequest(ReadOnlySpan<byte> bytes, XmlRpcLimits? limits = null, string? charset = null)
    {
        limits ??= XmlRpcLimits.Server;
        using var text = XmlRpcText.Decode(bytes, limits, charset);
        var parser = new XmlRpcParser(text.Utf8, limits);
        try
        {
            return parser.ReadRequest();
        }
        catch (XmlRpcFormatException e)
        {
            e.Path = XmlRpcPath.Of(parser.Seen);
            throw;
        }
        finally
        {
            parser.Dispose();
        }
    }

    /// <summary>
    /// Reads a <c>methodCall</c> from the body of a request, no more of it than <see cref="XmlRpcLimits.BytesMax"/>. A body that breaks off throws what its reader
    /// throws: there is nobody left to answer.
    /// </summary>
    /// <param name="body">The body; all that was looked at of it is consumed.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="charset">The encoding that the transport declared; it goes before the document's own declaration.</param>
    /// <param name="cancellationToken">Ends the wait for more of the body.</param>
    public static async ValueTask<XmlRpcRequest> ReadRequestAsync(PipeReader body, XmlRpcLimits limits, string? charset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(limits);
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var bytes = read.Buffer;
            if (bytes.Length <= limits.BytesMax && !read.IsCompleted)
            {
                body.AdvanceTo(bytes.Start, bytes.End);
                continue;
            }

            try
            {
                return bytes.Length > limits.BytesMax ? throw XmlRpcText.TooLarge(limits) : ReadRequest(bytes, limits, charset);
            }
            finally
            {
                body.AdvanceTo(bytes.End);
            }
        }
    }

    /// <inheritdoc cref="ReadRequest(ReadOnlySpan{byte}, XmlRpcLimits?, string?)"/>
    public static XmlRpcRequest ReadRequest(in ReadOnlySequence<byte> bytes, XmlRpcLimits? limits = null, string? charset = null)
    {
        limits ??= XmlRpcLimits.Server;
        if (bytes.IsSingleSegment)
        {
            return ReadRequest(bytes.FirstSpan, limits, charset);
        }

        XmlRpcText.CheckLength(bytes.Length, limits);
        using var whole = new XmlRpcBuffer((int)bytes.Length);
        foreach (var segment in bytes)
        {
            whole.Write(segment.Span);
        }

        return ReadRequest(whole.Span, limits, charset);
    }

    /// <summary>Reads a <c>methodResponse</c>.</summary>
    /// <param name="bytes">The whole document.</param>
    /// <param name="limits">Bounds; null means <see cref="XmlRpcLimits.Client"/>.</param>
    /// <param name="charset">The encoding that the transport declared; it goes before the document's own declaration.</param>
    public static XmlRpcResponse ReadResponse(ReadOnlySpan<byte> bytes, XmlRpcLimits? limits = null, string? charset = null)
    {
        limits ??= XmlRpcLimits.Client;
        using var text = XmlRpcText.Decode(bytes, limits, charset);
        var parser = new XmlRpcParser(text.Utf8, limits);
        try
        {
            return parser.ReadResponse();
        }
        finally
        {
            parser.Dispose();
        }
    }
}

/// <summary>The parser of one document. Its input is known to be valid UTF-8 of characters that XML allows.</summary>
internal ref struct XmlRpcParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly XmlRpcLimits _limits;
    private int _at;
    private int _depth;
    private int _values;
    private XmlRpcBuffer? _pieces;

    public XmlRpcParser(ReadOnlySpan<byte> utf8, XmlRpcLimits limits)
    {
        _text = utf8;
        _limits = limits;
    }

    public readonly void Dispose() => _pieces?.Dispose();

    /// <summary>What was read so far.</summary>
    public readonly ReadOnlySpan<byte> Seen => _text[..Math.Min(_at, _text.Length)];

    public XmlRpcRequest ReadRequest()
    {
        SkipProlog();
        OpenFilled("<methodCall>"u8);
        SkipBetween();
        OpenFilled("<methodName>"u8);
        var name = ReadName("method name");
        Close("</methodName>"u8);
        if (!IsMethodName(name))
        {
            throw Invalid("the method name may hold letters, digits and _ . : / only");
        }

        XmlRpcArray parameters = [];
        SkipBetween();
        if (!AtEndTag && Open("<params>"u8))
        {
            SkipBetween();
            while (!AtEndTag)
            {
                if (parameters.Count == _limits.ParametersMax)
                {
                    throw Invalid(Bound($"more than {_limits.ParametersMax} parameters"));
                }

                parameters.Add(ReadParameter());
                SkipBetween();
            }

            Close("</params>"u8);
        }

        SkipBetween();
        Close("</methodCall>"u8);
        SkipEpilog();
        return new(name, parameters);
    }

    public XmlRpcResponse ReadResponse()
    {
        SkipProlog();
        OpenFilled("<methodResponse>"u8);
        SkipBetween();
        XmlRpcResponse response;
        if (PeekIs("fault"u8))
        {
            OpenFilled("<fault>"u8);
            SkipBetween();
            var value = ReadValue();
            SkipBetween();
            Close("</fault>"u8);
            response = new(default, FaultOf(value));
        }
        else
        {
            XmlRpcValue value = default;
            if (Open("<params>"u8))
            {
                SkipBetween();
                if (!AtEndTag)
                {
                    value = ReadParameter();
                    SkipBetween();
                }

                Close("</params>"u8);
            }

            response = new(value);
        }

        SkipBetween();
        Close("</methodResponse>"u8);
        SkipEpilog();
        return response;
    }

    private XmlRpcFault FaultOf(XmlRpcValue value)
    {
        if (!value.TryGetStruct(out var members) || !members.GetOrNil("faultCode").TryToLong(out var code) || code != (int)code)
        {
            throw Invalid("a fault is a struct with faultCode and faultString");
        }

        return new((int)code, members.GetOrNil("faultString").TryToText(out var text) ? text : "");
    }

    private XmlRpcValue ReadParameter()
    {
        OpenFilled("<param>"u8);
        SkipBetween();
        var value = ReadValue();
        SkipBetween();
        Close("</param>"u8);
        return value;
    }

    private XmlRpcValue ReadValue()
    {
        if (++_values > _limits.ValuesMax)
        {
            throw Invalid(Bound($"more than {_limits.ValuesMax} values"));
        }

        if (!Open("<value>"u8))
        {
            return "";
        }

        var start = _at;
        SkipBetween();
        if (_at + 1 < _text.Length && _text[_at] == '<' && _text[_at + 1] is not ((byte)'/' or (byte)'!'))
        {
            var value = ReadTyped();
            SkipBetween();
            Close("</value>"u8);
            return value;
        }

        // No type element: all that stands here is the string, white space included.
        _at = start;
        var text = ReadString();
        Close("</value>"u8);
        return text;
    }

    private XmlRpcValue ReadTyped()
    {
        if (TryTake("<string>"u8))
        {
            var text = ReadString();
            Close("</string>"u8);
            return text;
        }

        if (TryTake("<struct>"u8))
        {
            return ReadStruct();
        }

        if (TryTake("<array>"u8))
        {
            return ReadArray();
        }

        var tag = ReadOpenTag(out var empty);
        switch (tag)
        {
            case [.., (byte)'g'] when tag.SequenceEqual("string"u8):
                return empty ? "" : Closed(ReadString(), tag);
            case [(byte)'s', ..] when tag.SequenceEqual("struct"u8):
                return empty ? new XmlRpcStruct() : ReadStruct();
            case [(byte)'a', ..] when tag.SequenceEqual("array"u8):
                return empty ? new XmlRpcArray() : ReadArray();
            case [(byte)'i', ..] when tag.SequenceEqual("int"u8) || tag.SequenceEqual("i4"u8):
                var whole = ReadWhole(tag, empty);
                return whole == (int)whole ? (int)whole : throw Invalid("a number does not fit into 32 bits");
            case [(byte)'b', ..] when tag.SequenceEqual("boolean"u8):
                return ReadBoolean(tag, empty);
            case [(byte)'b', ..] when tag.SequenceEqual("base64"u8):
                return empty ? Array.Empty<byte>() : ReadBase64(tag);
            case [(byte)'d', ..] when tag.SequenceEqual("double"u8):
                return ReadDouble(tag, empty);
            case [(byte)'d', ..] when tag.SequenceEqual("dateTime.iso8601"u8):
                return ReadDateTime(tag, empty);
            case [.., (byte)'8'] when tag.SequenceEqual("i8"u8) || tag.SequenceEqual("ex:i8"u8):
                return ReadWhole(tag, empty);
            case [.., (byte)'l'] when tag.SequenceEqual("nil"u8) || tag.SequenceEqual("ex:nil"u8):
                if (!empty)
                {
                    SkipBetween();
                    CloseSlowly(tag);
                }

                return default;
            default:
                throw Invalid($"<{Printable(tag)}> is no type of XML-RPC");
        }
    }

    private XmlRpcValue ReadStruct()
    {
        Descend();
        var members = new XmlRpcStruct();
        SkipBetween();
        while (!AtEndTag)
        {
            if (members.Count == _limits.MembersMax)
            {
                throw Invalid(Bound($"more than {_limits.MembersMax} members in a struct"));
            }

            OpenFilled("<member>"u8);
            SkipBetween();
            var name = "";
            if (Open("<name>"u8))
            {
                name = ReadName("member name");
                Close("</name>"u8);
            }

            SkipBetween();
            var value = ReadValue();
            SkipBetween();
            Close("</member>"u8);

            // Two readers could take different ones of two members with one name, so neither is taken.
            if (!members.TryAdd(name, value))
            {
                throw Invalid("a struct names a member twice");
            }

            SkipBetween();
        }

        Close("</struct>"u8);
        _depth--;
        return members;
    }

    private XmlRpcValue ReadArray()
    {
        Descend();
        var items = new XmlRpcArray();
        SkipBetween();
        if (!AtEndTag && Open("<data>"u8))
        {
            SkipBetween();
            while (!AtEndTag)
            {
                if (items.Count == _limits.MembersMax)
                {
                    throw Invalid(Bound($"more than {_limits.MembersMax} items in an array"));
                }

                items.Add(ReadValue());
                SkipBetween();
            }

            Close("</data>"u8);
        }

        SkipBetween();
        Close("</array>"u8);
        _depth--;
        return items;
    }

    private void Descend()
    {
        if (++_depth > _limits.DepthMax)
        {
            throw Invalid(Bound($"nested deeper than {_limits.DepthMax} levels"));
        }

        // A stack overflow ends the process, and how much stack there is, is the caller's affair.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Invalid("nested too deep for the stack");
        }
    }

    private long ReadWhole(ReadOnlySpan<byte> tag, bool empty)
    {
        var digits = ReadToken(tag, empty);
        var unsigned = digits is [(byte)'+', >= (byte)'0' and <= (byte)'9', ..] ? digits[1..] : digits;
        return Utf8Parser.TryParse(unsigned, out long value, out var used) && used == unsigned.Length
            ? Closed(value, tag)
            : throw Invalid("a whole number is malformed or too large");
    }

    private bool ReadBoolean(ReadOnlySpan<byte> tag, bool empty)
    {
        var word = ReadToken(tag, empty);
        var value = word is [(byte)'1'] || word.SequenceEqual("true"u8);
        return value || word is [(byte)'0'] || word.SequenceEqual("false"u8)
            ? Closed(value, tag)
            : throw Invalid("a boolean is 0 or 1");
    }

    private double ReadDouble(ReadOnlySpan<byte> tag, bool empty)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var digits = ReadToken(tag, empty);
        return double.TryParse(digits, Style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? Closed(value, tag)
            : throw Invalid("a double is malformed or too large");
    }

    private DateTime ReadDateTime(ReadOnlySpan<byte> tag, bool empty) =>
        XmlRpcDates.TryRead(ReadToken(tag, empty), out var value)
            ? Closed(value, tag)
            : throw Invalid("a date is malformed: yyyyMMddTHH:mm:ss expected");

    private byte[] ReadBase64(ReadOnlySpan<byte> tag)
    {
        var digits = ReadRaw();
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(digits.Length)];
        if (Base64.DecodeFromUtf8(digits, bytes, out var used, out var written) != OperationStatus.Done || !digits[used..].Trim(" \t\r\n"u8).IsEmpty)
        {
            throw Invalid("base64 is malformed");
        }

        Array.Resize(ref bytes, written);
        return Closed(bytes, tag);
    }

    private ReadOnlySpan<byte> ReadToken(ReadOnlySpan<byte> tag, bool empty) =>
        empty ? throw Invalid($"<{Printable(tag)}> is empty") : ReadRaw().Trim(" \t\r\n"u8);

    private T Closed<T>(T value, ReadOnlySpan<byte> tag)
    {
        CloseSlowly(tag);
        return value;
    }

    private string ReadName(string what)
    {
        var raw = ReadRaw();
        return raw.Length <= _limits.NameBytesMax
            ? Encoding.UTF8.GetString(raw)
            : throw Invalid(Bound($"a {what} is longer than {_limits.NameBytesMax} bytes"));
    }

    private string ReadString()
    {
        var raw = ReadRaw();
        return raw.IsEmpty ? "" : Encoding.UTF8.GetString(raw);
    }

    /// <summary>The character data up to the next tag, decoded. Valid until the next call.</summary>
    private ReadOnlySpan<byte> ReadRaw()
    {
        var rest = _text[_at..];
        var stop = rest.IndexOfAny((byte)'<', (byte)'&', (byte)'\r');
        if (stop >= 0 && rest[stop] == '<' && stop + 1 < rest.Length && rest[stop + 1] is not ((byte)'!' or (byte)'?'))
        {
            CheckText(stop);
            _at += stop;
            return rest[..stop];
        }

        return ReadPieces();
    }

    private ReadOnlySpan<byte> ReadPieces()
    {
        _pieces ??= new XmlRpcBuffer();
        _pieces.Clear();
        while (true)
        {
            var rest = _text[_at..];
            var stop = rest.IndexOfAny((byte)'<', (byte)'&', (byte)'\r');
            if (stop < 0)
            {
                throw CutShort();
            }

            _pieces.Write(rest[..stop]);
            CheckText(_pieces.Length);
            _at += stop;
            rest = rest[stop..];
            if (rest[0] == '&')
            {
                ReadReference(rest);
            }
            else if (rest[0] == '\r')
            {
                // XML hands on every line end as one LF.
                _at += rest.Length > 1 && rest[1] == '\n' ? 2 : 1;
                _pieces.Write("\n"u8);
            }
            else if (rest.StartsWith("<![CDATA["u8))
            {
                ReadCdata(rest[9..]);
            }
            else if (!SkipComment() && !SkipInstruction())
            {
                return _pieces.Span;
            }
        }
    }

    private void ReadCdata(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("]]>"u8);
        if (end < 0)
        {
            throw CutShort();
        }

        CheckText(_pieces!.Length + end);
        _at += 9 + end + 3;
        var data = rest[..end];
        while (data.IndexOf((byte)'\r') is >= 0 and var at)
        {
            _pieces.Write(data[..at]);
            _pieces.Write("\n"u8);
            data = data[(at + (at + 1 < data.Length && data[at + 1] == '\n' ? 2 : 1))..];
        }

        _pieces.Write(data);
    }

    private void ReadReference(ReadOnlySpan<byte> rest)
    {
        // No reference that counts is longer than this, so an endless one is not searched to its end.
        var end = rest[..Math.Min(rest.Length, 16)].IndexOf((byte)';');
        if (end < 2)
        {
            throw Malformed("'&' begins no reference");
        }

        var name = rest[1..end];
        if (name[0] == '#')
        {
            Span<byte> utf8 = stackalloc byte[4];
            var hex = name is [_, (byte)'x', ..];
            var digits = name[(hex ? 2 : 1)..];
            if (!Utf8Parser.TryParse(digits, out uint code, out var used, hex ? 'x' : 'd') || used != digits.Length || !IsXmlCharacter(code))
            {
                throw Malformed("a character reference names no character that XML allows");
            }

            _pieces!.Write(utf8[..new Rune(code).EncodeToUtf8(utf8)]);
        }
        else
        {
            _pieces!.Write(name switch
            {
                [(byte)'l', (byte)'t'] => "<"u8,
                [(byte)'g', (byte)'t'] => ">"u8,
                [(byte)'a', (byte)'m', (byte)'p'] => "&"u8,
                [(byte)'q', (byte)'u', (byte)'o', (byte)'t'] => "\""u8,
                [(byte)'a', (byte)'p', (byte)'o', (byte)'s'] => "'"u8,
                _ => throw Malformed("an entity is not one of the five that XML defines"),
            });
        }

        _at += end + 1;
    }

    private readonly void CheckText(int length)
    {
        if (length > _limits.TextBytesMax)
        {
            throw Invalid(Bound($"a text is longer than {_limits.TextBytesMax} bytes"));
        }
    }

    private readonly bool AtEndTag => _at + 1 < _text.Length && _text[_at] == '<' && _text[_at + 1] == '/';

    private readonly bool PeekIs(ReadOnlySpan<byte> name)
    {
        var rest = _text[_at..];
        return rest.Length > name.Length + 1 && rest[0] == '<' && rest[1..].StartsWith(name) && !IsNameByte(rest[name.Length + 1]);
    }

    /// <summary>Reads the opening tag; false when it is an empty element, which is then closed already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Open(ReadOnlySpan<byte> tag) => TryTake(tag) || OpenSlowly(tag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OpenFilled(ReadOnlySpan<byte> tag)
    {
        if (!TryTake(tag) && !OpenSlowly(tag))
        {
            throw Invalid($"{Printable(tag)} is empty");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Close(ReadOnlySpan<byte> tag)
    {
        if (!TryTake(tag))
        {
            CloseSlowly(tag[2..^1]);
        }
    }

    // Nearly all tags stand as everybody writes them, without attributes and white space: one comparison with a constant.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(ReadOnlySpan<byte> literal)
    {
        if (!_text[_at..].StartsWith(literal))
        {
            return false;
        }

        _at += literal.Length;
        return true;
    }

    private bool OpenSlowly(ReadOnlySpan<byte> tag)
    {
        var found = ReadOpenTag(out var empty);
        return found.SequenceEqual(tag[1..^1]) ? !empty : throw Invalid($"{Printable(tag)} expected, <{Printable(found)}> found");
    }

    private void CloseSlowly(ReadOnlySpan<byte> name)
    {
        var rest = _text[_at..];
        if (rest.Length < name.Length + 3)
        {
            throw CutShort();
        }

        if (rest[0] != '<' || rest[1] != '/' || !rest[2..].StartsWith(name) || IsNameByte(rest[name.Length + 2]))
        {
            throw rest is [(byte)'<', (byte)'/' or (byte)'!', ..]
                ? Malformed($"</{Printable(name)}> expected")
                : Invalid($"</{Printable(name)}> expected");
        }

        _at += name.Length + 2;
        SkipWhite();
        if (_at >= _text.Length || _text[_at] != '>')
        {
            throw Malformed($"</{Printable(name)}> is not closed");
        }

        _at++;
    }

    /// <summary>Reads an opening tag, and over its attributes, which mean nothing here.</summary>
    private ReadOnlySpan<byte> ReadOpenTag(out bool empty)
    {
        if (_at >= _text.Length)
        {
            throw CutShort();
        }

        if (_text[_at] != '<')
        {
            throw Invalid("text where an element is expected");
        }

        if (_at + 1 < _text.Length && _text[_at + 1] == '/')
        {
            throw Invalid("an element is missing");
        }

        _at++;
        var name = ReadXmlName();
        while (true)
        {
            var before = _at;
            SkipWhite();
            if (_at >= _text.Length)
            {
                throw CutShort();
            }

            switch (_text[_at])
            {
                case (byte)'>':
                    _at++;
                    empty = false;
                    return name;
                case (byte)'/' when _at + 1 < _text.Length && _text[_at + 1] == '>':
                    _at += 2;
                    empty = true;
                    return name;
                default:
                    if (before == _at)
                    {
                        throw Malformed("a tag is malformed");
                    }

                    SkipAttribute();
                    break;
            }
        }
    }

    private void SkipAttribute()
    {
        ReadXmlName();
        SkipWhite();
        if (_at >= _text.Length || _text[_at] != '=')
        {
            throw Malformed("an attribute has no value");
        }

        _at++;
        SkipWhite();
        var quote = _at < _text.Length ? _text[_at] : default;
        if (quote is not ((byte)'"' or (byte)'\''))
        {
            throw Malformed("an attribute's value has no quotes");
        }

        var rest = _text[(_at + 1)..];
        var end = rest.IndexOfAny(quote, (byte)'<');
        if (end < 0 || rest[end] == '<')
        {
            throw Malformed("an attribute's value does not end");
        }

        _at += end + 2;
    }

    private ReadOnlySpan<byte> ReadXmlName()
    {
        var start = _at;
        while (_at < _text.Length && IsNameByte(_text[_at]))
        {
            _at++;
        }

        var name = _text[start.._at];
        return name is [] or [(byte)'-' or (byte)'.' or (>= (byte)'0' and <= (byte)'9'), ..]
            ? throw Malformed("a name is expected")
            : name;
    }

    private void SkipProlog()
    {
        // The declaration was read with the encoding.
        if (_text.StartsWith("<?xml"u8) && _text.Length > 5 && IsWhite(_text[5]))
        {
            var end = _text.IndexOf("?>"u8);
            if (end < 0)
            {
                throw CutShort();
            }

            _at = end + 2;
        }

        SkipBetween();
        if (_text[_at..].StartsWith("<!"u8))
        {
            throw Malformed("a document type declaration is refused");
        }

        if (_at >= _text.Length)
        {
            throw Malformed("the document is empty");
        }

        if (_text[_at] != '<')
        {
            throw Malformed("the document begins with no element");
        }
    }

    private void SkipEpilog()
    {
        SkipBetween();
        if (_at < _text.Length)
        {
            throw Malformed("something follows the document's end");
        }
    }

    /// <summary>Skips white space, comments and processing instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipBetween()
    {
        if (_at + 1 >= _text.Length || _text[_at] != '<' || _text[_at + 1] is (byte)'!' or (byte)'?')
        {
            SkipBetweenSlowly();
        }
    }

    private void SkipBetweenSlowly()
    {
        do
        {
            SkipWhite();
        }
        while (SkipComment() || SkipInstruction());
    }

    private void SkipWhite()
    {
        while (_at < _text.Length && IsWhite(_text[_at]))
        {
            _at++;
        }
    }

    private bool SkipComment()
    {
        var rest = _text[_at..];
        if (!rest.StartsWith("<!--"u8))
        {
            return false;
        }

        var end = rest[4..].IndexOf("--"u8);
        if (end < 0)
        {
            throw CutShort();
        }

        if (4 + end + 2 >= rest.Length || rest[4 + end + 2] != '>')
        {
            throw Malformed("'--' stands inside a comment");
        }

        _at += 4 + end + 3;
        return true;
    }

    private bool SkipInstruction()
    {
        var rest = _text[_at..];
        if (!rest.StartsWith("<?"u8))
        {
            return false;
        }

        var end = rest.IndexOf("?>"u8);
        if (end < 0)
        {
            throw CutShort();
        }

        if (rest.Length > 5 && IsWhite(rest[5]) && Ascii.EqualsIgnoreCase(rest[2..5], "xml"u8))
        {
            throw Malformed("an XML declaration stands only at the beginning");
        }

        _at += end + 2;
        return true;
    }

    private static bool IsWhite(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private static bool IsNameByte(byte value) =>
        (value | 0x20) is >= (byte)'a' and <= (byte)'z' || value is >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)':' or (byte)'_' or (byte)'-' or >= 0x80;

    private static bool IsMethodName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or ':' or '/'))
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private static bool IsXmlCharacter(uint code) =>
        code is '\t' or '\n' or '\r' or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF);

    private static string Printable(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, 40)]);

    private static string Bound(FormattableString text) => FormattableString.Invariant(text);

    private readonly XmlRpcFormatException Invalid(string what) => At(XmlRpcFaultCodes.InvalidXmlRpc, "Not XML-RPC", what);

    private readonly XmlRpcFormatException Malformed(string what) => At(XmlRpcFaultCodes.NotWellFormed, "Malformed XML", what);

    private readonly XmlRpcFormatException CutShort() => Malformed("the document is cut short");

    private readonly XmlRpcFormatException At(int code, string kind, string what)
    {
        var before = _text[..Math.Min(_at, _text.Length)];
        var line = before.Count((byte)'\n') + 1;
        var column = before.Length - before.LastIndexOf((byte)'\n');
        return new(code, FormattableString.Invariant($"{kind}, line {line}, column {column}: {what}."));
    }
}
