using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>What a writer does with characters that XML cannot carry: control characters, lone surrogates, U+FFFE and U+FFFF.</summary>
public enum XmlRpcInvalidCharacters
{
    /// <summary>Each becomes U+FFFD. Right for an answer, which must go out.</summary>
    Replace = 0,

    /// <summary>Throws <see cref="XmlRpcFormatException"/>. Right for a request, whose meaning must not change.</summary>
    Refuse = 1,
}

/// <summary>Writes XML-RPC messages as UTF-8 without white space between elements. Dates are written compact and without zone.</summary>
public static class XmlRpcWriter
{
    private const int DepthMax = XmlRpcLimits.DepthCap;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // A CR would be read back as LF unless it is written as a reference.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        "&<>\r\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000B\u000C\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017"
        + "\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\uFFFE\uFFFF");

    /// <summary>Writes a <c>methodCall</c>.</summary>
    /// <exception cref="XmlRpcFormatException">A text holds a character that XML cannot carry, and <paramref name="invalid"/> says to
    /// refuse it.</exception>
    public static void WriteRequest(
        IBufferWriter<byte> output,
        string method,
        ReadOnlySpan<XmlRpcValue> parameters,
        XmlRpcInvalidCharacters invalid = XmlRpcInvalidCharacters.Refuse)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentException.ThrowIfNullOrEmpty(method);
        var writer = new Pen(output, invalid);
        writer.Put("<?xml version=\"1.0\"?>\n<methodCall><methodName>"u8);
        writer.Text(method);
        writer.Put("</methodName><params>"u8);
        foreach (var parameter in parameters)
        {
            writer.Put("<param>"u8);
            writer.Value(parameter, 0);
            writer.Put("</param>"u8);
        }

        writer.Put("</params></methodCall>"u8);
        writer.Flush();
    }

    /// <summary>Writes a <c>methodResponse</c> with a value.</summary>
    public static void WriteResponse(
        IBufferWriter<byte> output,
        XmlRpcValue value,
        XmlRpcInvalidCharacters invalid = XmlRpcInvalidCharacters.Replace)
    {
        ArgumentNullException.ThrowIfNull(output);
        var writer = new Pen(output, invalid);
        writer.Put("<?xml version=\"1.0\"?>\n<methodResponse><params><param>"u8);
        writer.Value(value, 0);
        writer.Put("</param></params></methodResponse>"u8);
        writer.Flush();
    }

    /// <summary>Writes a <c>methodResponse</c> with a fault.</summary>
    public static void WriteFault(IBufferWriter<byte> output, XmlRpcFault fault)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(fault);
        var writer = new Pen(output, XmlRpcInvalidCharacters.Replace);
        writer.Put("<?xml version=\"1.0\"?>\n<methodResponse><fault>"u8);
        writer.Value(new XmlRpcStruct { ["faultCode"] = fault.Code, ["faultString"] = fault.Text }, 0);
        writer.Put("</fault></methodResponse>"u8);
        writer.Flush();
    }

    private ref struct Pen(IBufferWriter<byte> output, XmlRpcInvalidCharacters invalid)
    {
        private Span<byte> _free;
        private int _used;

        public void Put(ReadOnlySpan<byte> bytes)
        {
            Reserve(bytes.Length);
            bytes.CopyTo(_free[_used..]);
            _used += bytes.Length;
        }

        public void Value(XmlRpcValue value, int depth)
        {
            switch (value.Kind)
            {
                case XmlRpcKind.Nil:
                    Put("<value><nil/></value>"u8);
                    break;
                case XmlRpcKind.Int:
                    Put("<value><int>"u8);
                    Number(value.AsLong());
                    Put("</int></value>"u8);
                    break;
                case XmlRpcKind.Long:
                    Put("<value><i8>"u8);
                    Number(value.AsLong());
                    Put("</i8></value>"u8);
                    break;
                case XmlRpcKind.Boolean:
                    Put(value.AsBoolean() ? "<value><boolean>1</boolean></value>"u8 : "<value><boolean>0</boolean></value>"u8);
                    break;
                case XmlRpcKind.Double:
                    Put("<value><double>"u8);
                    Put(Encoding.ASCII.GetBytes(value.Written ?? Plain(value.AsDouble())));
                    Put("</double></value>"u8);
                    break;
                case XmlRpcKind.String:
                    Put("<value><string>"u8);
                    Text(value.AsString());
                    Put("</string></value>"u8);
                    break;
                case XmlRpcKind.DateTime:
                    Put("<value><dateTime.iso8601>"u8);
                    Reserve(XmlRpcDates.Length);
                    XmlRpcDates.Write(value.AsDateTime(), _free[_used..]);
                    _used += XmlRpcDates.Length;
                    Put("</dateTime.iso8601></value>"u8);
                    break;
                case XmlRpcKind.Base64:
                    Put("<value><base64>"u8);
                    Bytes(value.AsBytes().Span);
                    Put("</base64></value>"u8);
                    break;
                case XmlRpcKind.Struct:
                    CheckDepth(depth);
                    Put("<value><struct>"u8);
                    foreach (ref readonly var member in value.AsStruct().Members)
                    {
                        Put("<member><name>"u8);
                        Text(member.Key);
                        Put("</name>"u8);
                        Value(member.Value, depth + 1);
                        Put("</member>"u8);
                    }

                    Put("</struct></value>"u8);
                    break;
                case XmlRpcKind.Array:
                    CheckDepth(depth);
                    Put("<value><array><data>"u8);
                    foreach (ref readonly var item in value.AsArray().Items)
                    {
                        Value(item, depth + 1);
                    }

                    Put("</data></array></value>"u8);
                    break;
                default:
                    throw new InvalidOperationException("A value has no type.");
            }
        }

        public void Text(ReadOnlySpan<char> text)
        {
            while (!text.IsEmpty)
            {
                var stop = text.IndexOfAny(Special);
                Encode(stop < 0 ? text : text[..stop]);
                if (stop < 0)
                {
                    return;
                }

                switch (text[stop])
                {
                    case '&':
                        Put("&amp;"u8);
                        break;
                    case '<':
                        Put("&lt;"u8);
                        break;
                    case '>':
                        Put("&gt;"u8);
                        break;
                    case '\r':
                        Put("&#13;"u8);
                        break;
                    default:
                        if (invalid == XmlRpcInvalidCharacters.Refuse)
                        {
                            throw Unwritable();
                        }

                        Put("\uFFFD"u8);
                        break;
                }

                text = text[(stop + 1)..];
            }
        }

        public void Flush()
        {
            if (_used > 0)
            {
                output.Advance(_used);
                _free = default;
                _used = 0;
            }
        }

        private void Encode(ReadOnlySpan<char> run)
        {
            // In pieces, so that a long text asks the output for no giant span; a pair of surrogates stays together.
            const int PieceMax = 16 << 10;
            while (!run.IsEmpty)
            {
                var length = Math.Min(run.Length, PieceMax);
                if (length < run.Length && char.IsHighSurrogate(run[length - 1]))
                {
                    length--;
                }

                Reserve(length * 3);
                try
                {
                    var encoding = invalid == XmlRpcInvalidCharacters.Refuse ? Strict : Encoding.UTF8;
                    _used += encoding.GetBytes(run[..length], _free[_used..]);
                }
                catch (EncoderFallbackException)
                {
                    throw Unwritable();
                }

                run = run[length..];
            }
        }

        private void Number(long value)
        {
            Reserve(20);
            Utf8Formatter.TryFormat(value, _free[_used..], out var written);
            _used += written;
        }

        private void Bytes(ReadOnlySpan<byte> bytes)
        {
            const int PieceMax = 12 << 10;
            while (!bytes.IsEmpty)
            {
                var piece = bytes[..Math.Min(bytes.Length, PieceMax)];
                Reserve(Base64.GetMaxEncodedToUtf8Length(piece.Length));
                Base64.EncodeToUtf8(piece, _free[_used..], out _, out var written);
                _used += written;
                bytes = bytes[piece.Length..];
            }
        }

        private void Reserve(int size)
        {
            if (_free.Length - _used < size)
            {
                Flush();
                _free = output.GetSpan(Math.Max(size, 1024));
            }
        }

        private static void CheckDepth(int depth)
        {
            // A value that holds itself would otherwise end in a stack overflow, which nothing can catch.
            if (depth >= DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                throw new InvalidOperationException("A value is nested too deep to be written, or holds itself.");
            }
        }

        private static XmlRpcFormatException Unwritable() =>
            new(XmlRpcFaultCodes.InvalidCharacter, "A text holds a character that XML cannot carry.");
    }

    /// <summary>The shortest digits that read back as the same number, without exponent, which XML-RPC does not have.</summary>
    private static string Plain(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        if (e < 0)
        {
            return text;
        }

        var exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = text[0] == '-' ? "-" : "";
        var mantissa = text[sign.Length..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var place = (point < 0 ? mantissa.Length : point) + exponent;
        return place <= 0
            ? $"{sign}0.{new string('0', -place)}{digits}"
            : place >= digits.Length
                ? $"{sign}{digits}{new string('0', place - digits.Length)}"
                : $"{sign}{digits[..place]}.{digits[place..]}";
    }
}
