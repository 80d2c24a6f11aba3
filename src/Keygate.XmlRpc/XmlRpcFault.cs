namespace Keygate.XmlRpc;

/// <summary>The codes of the fault-code interoperability extension of XML-RPC.</summary>
public static class XmlRpcFaultCodes
{
    /// <summary>The XML is not well-formed.</summary>
    public const int NotWellFormed = -32700;

    /// <summary>The document's encoding is not supported.</summary>
    public const int UnsupportedEncoding = -32701;

    /// <summary>A byte or character does not belong to the encoding, or is not allowed in XML.</summary>
    public const int InvalidCharacter = -32702;

    /// <summary>Well-formed, but not XML-RPC, or beyond the receiver's limits.</summary>
    public const int InvalidXmlRpc = -32600;

    /// <summary>There is no such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>No form of the method takes this number and these types of parameters.</summary>
    public const int InvalidParameters = -32602;

    /// <summary>The server failed inside.</summary>
    public const int InternalError = -32603;

    /// <summary>A refusal of the application.</summary>
    public const int ApplicationError = -32500;
}

/// <summary>The answer of a server that could not carry out a call.</summary>
/// <param name="Code">A number for programs; see <see cref="XmlRpcFaultCodes"/>.</param>
/// <param name="Text">A sentence for people.</param>
public sealed record XmlRpcFault(int Code, string Text);

/// <summary>Thrown by a handler to answer with a fault of its own choice.</summary>
public class XmlRpcFaultException : Exception
{
    /// <summary>A fault with its code and text.</summary>
    public XmlRpcFaultException(int code, string text)
        : base(text) => Fault = new(code, text);

    /// <summary>The fault that the caller gets.</summary>
    public XmlRpcFault Fault { get; }
}

/// <summary>A value has another type than the one asked for, or is missing. Answered with fault -32602 when a handler lets it out.</summary>
public sealed class XmlRpcTypeException : XmlRpcFaultException
{
    /// <summary>Says what was expected and what was found; never the contents.</summary>
    public XmlRpcTypeException(string text)
        : base(XmlRpcFaultCodes.InvalidParameters, text)
    {
    }
}

/// <summary>The bytes are not readable XML-RPC. The message names line and column, never contents.</summary>
public sealed class XmlRpcFormatException : XmlRpcFaultException
{
    /// <summary>Says what is wrong, and where.</summary>
    public XmlRpcFormatException(int code, string text)
        : base(code, text)
    {
    }

    /// <summary>
    /// The elements that were open where reading stopped, such as <c>/methodCall/params/param[1]/value/i4</c>, with the place among its siblings of each that may stand
    /// several times. Null where it is not known.
    /// </summary>
    public string? Path { get; internal set; }
}
