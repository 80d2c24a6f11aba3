namespace Keygate.XmlRpc;

/// <summary>What became of a call.</summary>
public enum XmlRpcReplyKind
{
    /// <summary>The server answered with a value.</summary>
    Answered = 0,

    /// <summary>The server answered with a fault. Whether it acted is its secret.</summary>
    Fault = 1,

    /// <summary>It is certain that no part of the call left this machine: it may be repeated at once.</summary>
    NotSent = 2,

    /// <summary>Sending had begun and no readable answer came: the server may have acted or not. Look before repeating.</summary>
    Unknown = 3,
}

/// <summary>Why a call brought no answer.</summary>
public enum XmlRpcCause
{
    /// <summary>There is an answer or a fault.</summary>
    None = 0,

    /// <summary>The request could not be written, e.g. a text holds a character that XML cannot carry.</summary>
    RequestUnwritable,

    /// <summary>The host's name has no address.</summary>
    NameNotResolved,

    /// <summary>The host is there and nothing listens on the port.</summary>
    ConnectionRefused,

    /// <summary>The network has no way to the host, or the connection broke while it was made.</summary>
    HostUnreachable,

    /// <summary>No connection within the time for it.</summary>
    ConnectTimedOut,

    /// <summary>What listens on the port does not speak TLS, or no common version or cipher.</summary>
    TlsFailed,

    /// <summary>The server's certificate is past its end, or not valid yet.</summary>
    CertificateExpired,

    /// <summary>The server's certificate is not the pinned one.</summary>
    CertificateNotPinned,

    /// <summary>The server's certificate comes from no authority that this system trusts.</summary>
    CertificateUntrusted,

    /// <summary>The server's certificate is for another name.</summary>
    CertificateNameMismatch,

    /// <summary>No whole answer within the time for the call.</summary>
    TimedOut,

    /// <summary>The connection broke before the whole answer was there.</summary>
    AnswerCut,

    /// <summary>The server answered with a status other than 200.</summary>
    HttpStatus,

    /// <summary>The answer is not XML-RPC.</summary>
    AnswerUnreadable,

    /// <summary>The answer is longer than the limit.</summary>
    AnswerTooLarge,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}

/// <summary>What became of a call: a value, a fault, or a cause. Never prints the value.</summary>
public sealed class XmlRpcReply
{
    private XmlRpcReply(XmlRpcReplyKind kind) => Kind = kind;

    /// <summary>What became of the call.</summary>
    public XmlRpcReplyKind Kind { get; }

    /// <summary>The answer; nil unless <see cref="XmlRpcReplyKind.Answered"/>.</summary>
    public XmlRpcValue Value { get; private init; }

    /// <summary>The fault; null unless <see cref="XmlRpcReplyKind.Fault"/>.</summary>
    public XmlRpcFault? Fault { get; private init; }

    /// <summary>Why there is no answer.</summary>
    public XmlRpcCause Cause { get; private init; }

    /// <summary>The cause in a sentence for the operator, with host and port. Empty when there is an answer.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The HTTP status, where one came.</summary>
    public int? HttpStatus { get; private init; }

    /// <summary>The kind with the cause, without the value.</summary>
    public override string ToString() => Text.Length == 0 ? Kind.ToString() : $"{Kind}: {Text}";

    internal static XmlRpcReply Answered(XmlRpcValue value) => new(XmlRpcReplyKind.Answered) { Value = value };

    internal static XmlRpcReply Faulted(XmlRpcFault fault) => new(XmlRpcReplyKind.Fault) { Fault = fault, Text = fault.Text };

    internal static XmlRpcReply Failed(bool mayHaveLeft, XmlRpcCause cause, string text, int? status = null) =>
        new(mayHaveLeft ? XmlRpcReplyKind.Unknown : XmlRpcReplyKind.NotSent) { Cause = cause, Text = text, HttpStatus = status };
}
