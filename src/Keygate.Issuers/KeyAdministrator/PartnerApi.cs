using System.Buffers;
using System.Globalization;
using System.Text;
using Keygate.Plugins.Abstractions;
using Keygate.XmlRpc;

namespace Keygate.Issuers;

/// <summary>What a method does at the issuer.</summary>
internal enum CallKind
{
    /// <summary>It changes something: sent at most once.</summary>
    Act,

    /// <summary>It reads what every order needs: may be asked twice; a login that may not do it is of no use.</summary>
    Read,

    /// <summary>It reads what orders can do without: may be asked twice; a login that may not do it can still order.</summary>
    Search,
}

/// <summary>Calls methods of the Partner API 1.0 and turns what comes back, or doesn't, into one of the five outcomes.</summary>
internal sealed class PartnerApi : IDisposable
{
    private const int WordsMax = 500;

    private readonly KeyAdministratorSettings _settings;
    private readonly XmlRpcClient _client;

    public PartnerApi(KeyAdministratorSettings settings)
    {
        _settings = settings;

        // Keygate ends a call that takes too long by its cancellation; the client's own bound is out of its way.
        _client = new XmlRpcClient(new XmlRpcClientOptions { Url = settings.Url, Pins = settings.Pins, Timeout = TimeSpan.FromHours(2), UserAgent = "Keygate" });
    }

    /// <summary>The text of an answer, as it travels.</summary>
    public static string Shown(XmlRpcValue answer)
    {
        var text = new ArrayBufferWriter<byte>();
        XmlRpcWriter.WriteResponse(text, answer);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Calls a method; the credentials go first, as in every call (reference 4.1).</summary>
    /// <param name="method">Without its prefix.</param>
    /// <param name="kind">What the method does there.</param>
    /// <param name="arguments">What follows the credentials.</param>
    /// <param name="read">Reads the answer of a call that was done; null where it lacks what it must have.</param>
    /// <param name="cancellation">Gives the call up.</param>
    public Task<Answer<T>> CallAsync<T>(string method, CallKind kind, XmlRpcValue[] arguments, Func<XmlRpcStruct, T?> read, CancellationToken cancellation)
        where T : class => CallAsync("partner10", method, kind, arguments, read, cancellation);

    /// <summary>The same for a method that is no part of Partner API 1.0.</summary>
    public async Task<Answer<T>> CallAsync<T>(string family, string method, CallKind kind, XmlRpcValue[] arguments, Func<XmlRpcStruct, T?> read, CancellationToken cancellation)
        where T : class
    {
        var credentials = new XmlRpcStruct { ["login"] = _settings.Login, ["password"] = _settings.Password };
        var parameters = XmlRpcArray.Create([credentials, .. arguments]);
        var reply = kind == CallKind.Act
            ? await _client.CallAsync($"{family}.{method}", parameters, cancellation)
            : await _client.QueryAsync($"{family}.{method}", parameters, cancellation);
        return reply.Kind switch
        {
            XmlRpcReplyKind.NotSent when reply.Cause == XmlRpcCause.RequestUnwritable =>
                Answer.Refused<T>(new Reason(reply.Text, "Take the character that cannot be sent out of the request.")),
            XmlRpcReplyKind.NotSent => Answer.NotDone<T>(new Reason(Transport(reply), RemedyOf(reply))),
            XmlRpcReplyKind.Unknown => Answer.Unknown<T>(new Reason(Transport(reply), RemedyOf(reply))),
            XmlRpcReplyKind.Fault => Answer.Unknown<T>(new Reason(
                string.Create(CultureInfo.InvariantCulture, $"{_settings.Place} answered {method} with fault {reply.Fault!.Code}: {Words(reply.Fault.Text)}"),
                "The issuer failed inside or does not know the method; if it stays so, ask the issuer.",
                reply.Fault.Code.ToString(CultureInfo.InvariantCulture))),
            _ => Read(method, kind, reply.Value, read),
        };
    }

    public void Dispose() => _client.Dispose();

    private Answer<T> Read<T>(string method, CallKind kind, XmlRpcValue value, Func<XmlRpcStruct, T?> read)
        where T : class
    {
        if (!value.TryToStruct(out var answer) || !answer.GetOrNil("resultCode").TryToInt(out var code))
        {
            return Unreadable<T>(method, "has no result code");
        }

        if (ResultCodes.OutcomeOf(code) == Outcome.Done)
        {
            try
            {
                return read(answer) is { } result ? Answer.Done(result) : Unreadable<T>(method, "lacks what it must have");
            }
            catch (XmlRpcTypeException e)
            {
                return Unreadable<T>(method, $"cannot be read ({e.Message.TrimEnd('.')})");
            }
        }

        var word = code.ToString(CultureInfo.InvariantCulture);
        var words = answer.GetOrNil("resultDesc").TryToText(out var description) && description.Length > 0 ? Words(description) : "without a description";
        var reason = new Reason($"{_settings.Place}: {word} {words}", ResultCodes.RemedyOf(code, words), word);
        return ResultCodes.OutcomeOf(code) == Outcome.Unknown
            ? Answer.Unknown<T>(reason)
            : Answer.Refused<T>(reason, pausesPlugin: code == ResultCodes.LoginRejected || (code == ResultCodes.MethodDenied && kind != CallKind.Search));
    }

    private Answer<T> Unreadable<T>(string method, string why) => Answer.Unknown<T>(new Reason(
        $"HTTP request error: the answer of {_settings.Place} to {method} {why}.", "Check that host, port and path lead to a Partner API 1.0."));

    // The first three words are those that administrators know from the old system's documentation.
    private string Transport(XmlRpcReply reply) => "HTTP request error: " + (reply.Cause == XmlRpcCause.Cancelled
        ? reply.Kind == XmlRpcReplyKind.Unknown ? $"No answer from {_settings.Place} within the plug-in's time-out." : $"No connection to {_settings.Place} within the plug-in's time-out."
        : reply.Text);

    private static string RemedyOf(XmlRpcReply reply) => reply.Cause switch
    {
        XmlRpcCause.NameNotResolved => "Check the plug-in's host and this machine's name servers.",
        XmlRpcCause.ConnectionRefused => "Check the plug-in's port, and that the Key Administrator runs.",
        XmlRpcCause.HostUnreachable or XmlRpcCause.ConnectTimedOut => "Check the plug-in's host and port, the network and the firewall.",
        XmlRpcCause.TlsFailed => "Check that the plug-in's port is the one for the Partner API; it speaks TLS only.",
        XmlRpcCause.CertificateExpired => "The Key Administrator needs a new certificate; if it is pinned, put the new one into the plug-in's settings.",
        XmlRpcCause.CertificateNotPinned => "If the Key Administrator was given a new certificate, put it into the plug-in's settings; otherwise somebody else answers there.",
        XmlRpcCause.CertificateUntrusted => "If it is the right server, put its certificate into the plug-in's settings.",
        XmlRpcCause.CertificateNameMismatch => "Use the name that the certificate is for as the plug-in's host, or put the certificate into its settings.",
        XmlRpcCause.TimedOut => "Check that the Key Administrator works; raise the plug-in's time-out if it is slow.",
        XmlRpcCause.Cancelled => "Check that the Key Administrator works; raise the plug-in's time-out if it is slow.",
        _ => "Check the plug-in's host, port and path, and that the Key Administrator works.",
    };

    private static string Words(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim();
        return line.Length <= WordsMax ? line : line[..WordsMax] + "...";
    }
}
