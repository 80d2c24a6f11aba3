using Keygate.XmlRpc;

namespace Keygate.Api.Billing;

/// <summary>The one struct that every call is wrapped in (reference 5.1).</summary>
internal sealed record BillingRequest
{
    private const int DepthMax = 20;

    /// <summary>The container; <c>BM</c> where it is left out, as clients do.</summary>
    public string Server { get; private init; } = "BM";

    public string Method { get; private init; } = "";

    public XmlRpcArray Params { get; private init; } = [];

    /// <summary>A login in the call itself, which goes before that of the transport.</summary>
    public string? Username { get; private init; }

    public string Password { get; private init; } = "";

    /// <summary>False where the caller keeps the transaction open.</summary>
    public bool AutoCommit { get; private init; } = true;

    public string? TransactionId { get; private init; }

    /// <summary>Values that were wrapped as <c>censored</c>: they are processed and not logged.</summary>
    public IReadOnlyList<string> Censored { get; private init; } = [];

    /// <summary>Takes the wrapper apart; a fault where it is none. Members that are not known are passed over, as some clients repeat <c>methodName</c> there.</summary>
    public static (BillingRequest? Request, XmlRpcFault? Fault) Read(XmlRpcRequest call)
    {
        if (call.Method != "Execute")
        {
            return (null, new XmlRpcFault(XmlRpcFaultCodes.MethodNotFound, $"Server error. There is no method '{call.Method}': the one method is Execute."));
        }

        if (call.Parameters.Count != 1 || !call.Parameters[0].TryToStruct(out var wrapper))
        {
            return (null, Violation($"/methodCall/params: one param is expected, a struct; there are {call.Parameters.Count}"));
        }

        var censored = new List<string>();
        if (!TryText(wrapper, "Server", censored, out var server) || !TryText(wrapper, "Method", censored, out var method) || !TryText(wrapper, "Username", censored, out var username)
            || !TryText(wrapper, "Password", censored, out var password) || !TryText(wrapper, "AutoCommit", censored, out var autoCommit)
            || !TryText(wrapper, "TransactionID", censored, out var transaction) || !TryText(wrapper, "Lang", censored, out _))
        {
            return (null, Violation("/methodCall/params/param/value/struct: Server, Method, Lang, Username, Password, AutoCommit and TransactionID are strings"));
        }

        if (string.IsNullOrWhiteSpace(method))
        {
            return (null, Violation("/methodCall/params/param/value/struct: the member Method is missing"));
        }

        var given = Open(wrapper.GetOrNil("Params"), censored, 0);
        if (!given.IsNil && !given.TryToArray(out _))
        {
            return (null, Violation("/methodCall/params/param/value/struct: the member Params is an array"));
        }

        return (new BillingRequest
        {
            Server = string.IsNullOrWhiteSpace(server) ? "BM" : server,
            Method = method,
            Params = given.TryToArray(out var items) ? items : [],
            Username = string.IsNullOrEmpty(username) ? null : username,
            Password = password ?? "",
            AutoCommit = autoCommit is not { Length: > 0 } || !(autoCommit.Equals("No", StringComparison.OrdinalIgnoreCase) || autoCommit is "0" || autoCommit.Equals("false", StringComparison.OrdinalIgnoreCase)),
            TransactionId = string.IsNullOrWhiteSpace(transaction) ? null : transaction,
            Censored = censored,
        }, null);
    }

    /// <summary>A fault of the protocol: plain text (reference 5.3).</summary>
    public static XmlRpcFault Violation(string what) => new(XmlRpcFaultCodes.InvalidXmlRpc, $"Server error. XML-RPC violation: {what}");

    private static bool TryText(XmlRpcStruct wrapper, string name, List<string> censored, out string? text)
    {
        text = null;
        var value = Open(wrapper.GetOrNil(name), censored, 0);
        if (value.IsNil)
        {
            return true;
        }

        if (value.TryGetBoolean(out var flag))
        {
            text = flag ? "Yes" : "No";
            return true;
        }

        if (!value.TryToText(out var found))
        {
            return false;
        }

        text = found.TrimEnd();
        return true;
    }

    // A struct with the single member `censored` stands for its content (reference 5.5).
    private static XmlRpcValue Open(XmlRpcValue value, List<string> censored, int depth)
    {
        if (depth > DepthMax)
        {
            return value;
        }

        if (value.TryGetStruct(out var members) && members.Count == 1 && members.TryGet("censored", out var content))
        {
            Note(content, censored);
            return Open(content, censored, depth + 1);
        }

        if (!value.TryGetArray(out var items))
        {
            return value;
        }

        var opened = new XmlRpcArray();
        foreach (var item in items)
        {
            opened.Add(Open(item, censored, depth + 1));
        }

        return opened;
    }

    private static void Note(XmlRpcValue value, List<string> censored)
    {
        if (value.TryGetArray(out var items))
        {
            foreach (var item in items)
            {
                Note(item, censored);
            }
        }
        else if (value.TryToText(out var text) && text.Trim().Length > 0)
        {
            censored.Add(text.Trim());
        }
    }
}
