using System.Diagnostics;
using System.Net;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>
/// The door of Partner API 1.0: XML-RPC by POST. It checks in the order of reference section 3: form of AuthInfo (400), credentials (200), the
/// login's role (201), its rate (300); the method checks the rest. Refusals are answers with a result code; faults are left for unreadable XML, unknown methods,
/// wrong parameter types and our own crashes.
/// </summary>
internal sealed class PartnerDoor
{
    private const int LoginLengthMax = 255, PasswordLengthMax = 63;
    private readonly CallerEntry _entry;
    private readonly ILogger<PartnerDoor> _log;

    public PartnerDoor(CallerEntry entry, IEnumerable<IPartnerMethod> methods, ILogger<PartnerDoor> log)
    {
        (_entry, _log) = (entry, log);
        Dispatcher = new XmlRpcDispatcher<Received>(XmlRpcLimits.Server, Crashed);
        foreach (var method in methods)
        {
            foreach (var form in method.Forms)
            {
                Dispatcher.Register($"{method.Family}.{method.Name}", form, async (arguments, received, cancellation) => await CallAsync(method, arguments, received, cancellation));
            }
        }
    }

    /// <summary>What the door knows of a call before it is read.</summary>
    /// <param name="At">When it came in, as a timestamp of real time.</param>
    /// <param name="Trace">Names the call in the log.</param>
    /// <param name="From">Where it comes from.</param>
    internal readonly record struct Received(long At, string Trace, IPAddress? From);

    internal XmlRpcDispatcher<Received> Dispatcher { get; }

    /// <summary>Answers one POST.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        // The dispatcher has a bound of its own, which answers in the caller's language.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = null;
        }

        var received = new Received(TimeProvider.System.GetTimestamp(), Activity.Current?.Id ?? http.TraceIdentifier, http.Connection.RemoteIpAddress);
        using var answer = await Dispatcher.AnswerAsync(http.Request.BodyReader, http.Request.GetTypedHeaders().ContentType?.Charset.Value, received, http.RequestAborted);
        http.Response.ContentType = "text/xml; charset=utf-8";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer.Memory, http.RequestAborted);
    }

    private async Task<XmlRpcValue> CallAsync(IPartnerMethod method, XmlRpcArguments arguments, Received received, CancellationToken cancellation)
    {
        var login = "";
        Result<XmlRpcStruct> answer;
        try
        {
            var entry = await EnterAsync(method, arguments[0], received.From, cancellation);
            login = entry.IsDone ? entry.Value.Login : "";
            answer = entry.TryGet(out var caller, out var refusal) ? await method.CallAsync(new PartnerCall(caller, received.At), arguments, cancellation) : refusal;
        }
        catch (Exception e) when (StorageFaults.Of(e) is not null)
        {
            _log.LogError(e, "Partner API 1.0 {Method} found no database ({Trace})", method.Name, received.Trace);
            answer = KeyServerErrors.Unavailable;
        }

        var wire = answer.TryGet(out var done, out var error) ? done : Wire.Answer(error);
        _log.LogInformation(
            "Partner API 1.0 {Method} by {Login}: {Code} in {Milliseconds} ms", method.Name, login, wire["resultCode"].AsInt(),
            (long)TimeProvider.System.GetElapsedTime(received.At).TotalMilliseconds);
        return wire;
    }

    private async Task<Result<CallerRow>> EnterAsync(IPartnerMethod method, XmlRpcValue authInfo, IPAddress? from, CancellationToken cancellation)
    {
        if (!authInfo.TryGetStruct(out var members) || !members.GetOrNil("login").TryToText(out var login) || !members.GetOrNil("password").TryToText(out var password)
            || login.Length is 0 or > LoginLengthMax || password.Length is 0 or > PasswordLengthMax)
        {
            return KeyServerErrors.AuthMalformed;
        }

        if (!(await _entry.FindAsync(login, password, from, cancellation)).TryGet(out var caller, out var rejected))
        {
            return rejected;
        }

        return _entry.Refusal(caller, method.Least, method.Name) is { } refusal ? refusal : caller;
    }

    private XmlRpcFault Crashed(string method, Exception crash, Received received)
    {
        _log.LogError(crash, "{Method} crashed ({Trace})", method, received.Trace);
        return new XmlRpcFault(XmlRpcFaultCodes.InternalError, $"The key server failed while carrying out the call; the issuer finds it in the log under {received.Trace}.");
    }
}
