namespace Keygate.XmlRpc;

/// <summary>The type of one XML-RPC value.</summary>
public enum XmlRpcKind : byte
{
    /// <summary>No value: <c>&lt;nil/&gt;</c>. Accepted on input; the classic API servers never send it.</summary>
    Nil = 0,

    /// <summary>A whole number of 32 bits: <c>&lt;int&gt;</c> or <c>&lt;i4&gt;</c>.</summary>
    Int = 1,

    /// <summary>A whole number of 64 bits: <c>&lt;i8&gt;</c>, an extension that old clients do not know.</summary>
    Long = 2,

    /// <summary><c>&lt;boolean&gt;</c>, 0 or 1 on the wire.</summary>
    Boolean = 3,

    /// <summary><c>&lt;double&gt;</c>; infinities and NaN do not exist in XML-RPC.</summary>
    Double = 4,

    /// <summary><c>&lt;string&gt;</c>, or a value without a type element.</summary>
    String = 5,

    /// <summary><c>&lt;dateTime.iso8601&gt;</c>: date and time of day without a zone.</summary>
    DateTime = 6,

    /// <summary><c>&lt;base64&gt;</c>: bytes.</summary>
    Base64 = 7,

    /// <summary><c>&lt;struct&gt;</c>: named members.</summary>
    Struct = 8,

    /// <summary><c>&lt;array&gt;</c>: values in order.</summary>
    Array = 9,
}

/// <summary>A set of types: what a parameter accepts.</summary>
[Flags]
public enum XmlRpcKinds
{
    /// <summary>The empty set.</summary>
    None = 0,

    /// <inheritdoc cref="XmlRpcKind.Nil"/>
    Nil = 1 << 0,

    /// <inheritdoc cref="XmlRpcKind.Int"/>
    Int = 1 << 1,

    /// <inheritdoc cref="XmlRpcKind.Long"/>
    Long = 1 << 2,

    /// <inheritdoc cref="XmlRpcKind.Boolean"/>
    Boolean = 1 << 3,

    /// <inheritdoc cref="XmlRpcKind.Double"/>
    Double = 1 << 4,

    /// <inheritdoc cref="XmlRpcKind.String"/>
    String = 1 << 5,

    /// <inheritdoc cref="XmlRpcKind.DateTime"/>
    DateTime = 1 << 6,

    /// <inheritdoc cref="XmlRpcKind.Base64"/>
    Base64 = 1 << 7,

    /// <inheritdoc cref="XmlRpcKind.Struct"/>
    Struct = 1 << 8,

    /// <inheritdoc cref="XmlRpcKind.Array"/>
    Array = 1 << 9,

    /// <summary>A string without a character: what some clients send where nothing was given.</summary>
    EmptyString = 1 << 10,

    /// <summary>A struct without members: what PHP may send for an empty array.</summary>
    EmptyStruct = 1 << 11,

    /// <summary>An array without items: what PHP sends for an empty struct.</summary>
    EmptyArray = 1 << 12,

    /// <summary>A whole number of either width.</summary>
    Whole = Int | Long,

    /// <summary>Everything but nil.</summary>
    Any = Int | Long | Boolean | Double | String | DateTime | Base64 | Struct | Array,
}
