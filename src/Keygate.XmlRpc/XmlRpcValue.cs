using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Keygate.XmlRpc;

/// <summary>
/// One XML-RPC value. Values are converted from .NET types implicitly and taken out by typed accessors: <c>As...</c> throws
/// <see cref="XmlRpcTypeException"/> when the type is another (a dispatcher answers that with fault -32602), <c>TryGet...</c> answers
/// false. Clients that are sloppy about types are understood through <see cref="XmlRpcLenient"/>, and only there.
/// </summary>
/// <remarks>The default value is nil. A value never prints its contents, since arguments carry passwords.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct XmlRpcValue : IEquatable<XmlRpcValue>
{
    private readonly object? _object;
    private readonly long _bits;
    private readonly XmlRpcKind _kind;
    private readonly DateTimeKind _zone;

    private XmlRpcValue(XmlRpcKind kind, object? value, long bits = 0, DateTimeKind zone = DateTimeKind.Unspecified) =>
        (_kind, _object, _bits, _zone) = (kind, value, bits, zone);

    /// <summary>No value.</summary>
    public static XmlRpcValue Nil => default;

    /// <summary>The type of this value.</summary>
    public XmlRpcKind Kind => _kind;

    /// <summary>True for <c>&lt;nil/&gt;</c> and for what was never given.</summary>
    public bool IsNil => _kind == XmlRpcKind.Nil;

    /// <summary>The type as a set, together with the mark for an empty string, struct or array.</summary>
    public XmlRpcKinds Kinds
    {
        get
        {
            var kinds = (XmlRpcKinds)(1 << (int)_kind);
            return _kind switch
            {
                XmlRpcKind.String when ((string)_object!).Length == 0 => kinds | XmlRpcKinds.EmptyString,
                XmlRpcKind.Struct when ((XmlRpcStruct)_object!).Count == 0 => kinds | XmlRpcKinds.EmptyStruct,
                XmlRpcKind.Array when ((XmlRpcArray)_object!).Count == 0 => kinds | XmlRpcKinds.EmptyArray,
                _ => kinds,
            };
        }
    }

    /// <summary>A string; null becomes nil.</summary>
    public static implicit operator XmlRpcValue(string? value) => value is null ? default : new(XmlRpcKind.String, value);

    /// <summary>A whole number of 32 bits.</summary>
    public static implicit operator XmlRpcValue(int value) => new(XmlRpcKind.Int, null, value);

    /// <summary>A whole number of 64 bits: written as <c>&lt;i8&gt;</c>, which classic clients do not know.</summary>
    public static implicit operator XmlRpcValue(long value) => new(XmlRpcKind.Long, null, value);

    /// <summary>A boolean.</summary>
    public static implicit operator XmlRpcValue(bool value) => new(XmlRpcKind.Boolean, null, value ? 1 : 0);

    /// <summary>A double. Throws for infinities and NaN, which XML-RPC cannot say.</summary>
    public static implicit operator XmlRpcValue(double value) => double.IsFinite(value)
        ? new(XmlRpcKind.Double, null, BitConverter.DoubleToInt64Bits(value))
        : throw new ArgumentOutOfRangeException(nameof(value), "XML-RPC has no infinity and no NaN.");

    /// <summary>
    /// A date with its time of day, cut to the second. The wire has no zone: the digits are written as they stand. Throws for
    /// <see cref="DateTimeKind.Local"/>, whose zone would be lost without a word.
    /// </summary>
    public static implicit operator XmlRpcValue(DateTime value) => value.Kind == DateTimeKind.Local
        ? throw new ArgumentException("A local time has no meaning on the wire: give UTC, or a time without zone.", nameof(value))
        : new(XmlRpcKind.DateTime, null, value.Ticks - (value.Ticks % TimeSpan.TicksPerSecond), value.Kind);

    /// <summary>Midnight of a date.</summary>
    public static implicit operator XmlRpcValue(DateOnly value) => value.ToDateTime(TimeOnly.MinValue);

    /// <summary>Bytes; null becomes nil. The array is not copied.</summary>
    public static implicit operator XmlRpcValue(byte[]? value) => value is null ? default : new(XmlRpcKind.Base64, value);

    /// <summary>A struct; null becomes nil.</summary>
    public static implicit operator XmlRpcValue(XmlRpcStruct? value) => value is null ? default : new(XmlRpcKind.Struct, value);

    /// <summary>An array; null becomes nil.</summary>
    public static implicit operator XmlRpcValue(XmlRpcArray? value) => value is null ? default : new(XmlRpcKind.Array, value);

    /// <summary>A double that is written with a number of decimals, such as an amount of money: <c>18.90</c>.</summary>
    public static XmlRpcValue FromDecimal(decimal value, int decimals) =>
        new(XmlRpcKind.Double, new Digits(value.ToString($"F{decimals}", System.Globalization.CultureInfo.InvariantCulture)), BitConverter.DoubleToInt64Bits((double)value));

    /// <summary>An instant, written as its digits in UTC.</summary>
    public static XmlRpcValue FromInstant(DateTimeOffset value) => value.UtcDateTime;

    /// <summary>The number of 32 bits; an <c>i8</c> that fits is taken too.</summary>
    public int AsInt() => TryGetInt(out var value) ? value : throw Wrong("int");

    /// <summary>The whole number of either width.</summary>
    public long AsLong() => TryGetLong(out var value) ? value : throw Wrong("int or i8");

    /// <summary>The number, whole or not.</summary>
    public double AsDouble() => TryGetDouble(out var value) ? value : throw Wrong("double");

    /// <summary>The boolean.</summary>
    public bool AsBoolean() => TryGetBoolean(out var value) ? value : throw Wrong("boolean");

    /// <summary>The text.</summary>
    public string AsString() => TryGetString(out var value) ? value : throw Wrong("string");

    /// <summary>The date with its time of day: unspecified kind, or UTC where the sender wrote a zone.</summary>
    public DateTime AsDateTime() => TryGetDateTime(out var value) ? value : throw Wrong("dateTime.iso8601");

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> AsBytes() => TryGetBytes(out var value) ? value : throw Wrong("base64");

    /// <summary>The struct.</summary>
    public XmlRpcStruct AsStruct() => TryGetStruct(out var value) ? value : throw Wrong("struct");

    /// <summary>The array.</summary>
    public XmlRpcArray AsArray() => TryGetArray(out var value) ? value : throw Wrong("array");

    /// <inheritdoc cref="AsInt"/>
    public bool TryGetInt(out int value)
    {
        value = (int)_bits;
        return (_kind is XmlRpcKind.Int or XmlRpcKind.Long) && value == _bits;
    }

    /// <inheritdoc cref="AsLong"/>
    public bool TryGetLong(out long value)
    {
        value = _bits;
        return _kind is XmlRpcKind.Int or XmlRpcKind.Long;
    }

    /// <inheritdoc cref="AsDouble"/>
    public bool TryGetDouble(out double value)
    {
        value = _kind == XmlRpcKind.Double ? BitConverter.Int64BitsToDouble(_bits) : _bits;
        return _kind is XmlRpcKind.Double or XmlRpcKind.Int or XmlRpcKind.Long;
    }

    /// <inheritdoc cref="AsBoolean"/>
    public bool TryGetBoolean(out bool value)
    {
        value = _bits == 1;
        return _kind == XmlRpcKind.Boolean;
    }

    /// <inheritdoc cref="AsString"/>
    public bool TryGetString([NotNullWhen(true)] out string? value) => (value = _object as string) is not null;

    /// <inheritdoc cref="AsDateTime"/>
    public bool TryGetDateTime(out DateTime value)
    {
        value = _kind == XmlRpcKind.DateTime ? new DateTime(_bits, _zone) : default;
        return _kind == XmlRpcKind.DateTime;
    }

    /// <inheritdoc cref="AsBytes"/>
    public bool TryGetBytes(out ReadOnlyMemory<byte> value)
    {
        value = _object as byte[];
        return _kind == XmlRpcKind.Base64;
    }

    /// <inheritdoc cref="AsStruct"/>
    public bool TryGetStruct([NotNullWhen(true)] out XmlRpcStruct? value) => (value = _object as XmlRpcStruct) is not null;

    /// <inheritdoc cref="AsArray"/>
    public bool TryGetArray([NotNullWhen(true)] out XmlRpcArray? value) => (value = _object as XmlRpcArray) is not null;

    /// <summary>Same type and same contents, through all levels. Dates compare by their digits.</summary>
    public bool Equals(XmlRpcValue other) => _kind == other._kind && _bits == other._bits && _kind switch
    {
        XmlRpcKind.String => string.Equals((string)_object!, (string)other._object!, StringComparison.Ordinal),
        XmlRpcKind.Base64 => ((byte[])_object!).AsSpan().SequenceEqual((byte[])other._object!),
        XmlRpcKind.Struct or XmlRpcKind.Array => _object!.Equals(other._object),
        _ => true,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is XmlRpcValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_kind, _bits, _kind switch
    {
        XmlRpcKind.String => string.GetHashCode((string)_object!, StringComparison.Ordinal),
        XmlRpcKind.Base64 => ((byte[])_object!).Length,
        XmlRpcKind.Struct => ((XmlRpcStruct)_object!).Count,
        XmlRpcKind.Array => ((XmlRpcArray)_object!).Count,
        _ => 0,
    });

    /// <summary>Same type and same contents.</summary>
    public static bool operator ==(XmlRpcValue left, XmlRpcValue right) => left.Equals(right);

    /// <summary>Another type or other contents.</summary>
    public static bool operator !=(XmlRpcValue left, XmlRpcValue right) => !left.Equals(right);

    /// <summary>The type and size, never the contents: a value may hold a password.</summary>
    public override string ToString() => _kind switch
    {
        XmlRpcKind.String => string.Create(CultureInfo.InvariantCulture, $"string of {((string)_object!).Length}"),
        XmlRpcKind.Base64 => string.Create(CultureInfo.InvariantCulture, $"base64 of {((byte[])_object!).Length}"),
        XmlRpcKind.Struct => string.Create(CultureInfo.InvariantCulture, $"struct of {((XmlRpcStruct)_object!).Count}"),
        XmlRpcKind.Array => string.Create(CultureInfo.InvariantCulture, $"array of {((XmlRpcArray)_object!).Count}"),
        _ => NameOf(_kind),
    };

    /// <summary>The digits that a double is written with; null where the shortest will do.</summary>
    internal string? Written => (_object as Digits)?.Text;

    internal static string NameOf(XmlRpcKind kind) => kind switch
    {
        XmlRpcKind.Nil => "nil",
        XmlRpcKind.Int => "int",
        XmlRpcKind.Long => "i8",
        XmlRpcKind.Boolean => "boolean",
        XmlRpcKind.Double => "double",
        XmlRpcKind.String => "string",
        XmlRpcKind.DateTime => "dateTime.iso8601",
        XmlRpcKind.Base64 => "base64",
        XmlRpcKind.Struct => "struct",
        XmlRpcKind.Array => "array",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private XmlRpcTypeException Wrong(string wanted) => new($"{wanted} expected, {NameOf(_kind)} found.");

    private sealed record Digits(string Text);
}
