using System.Diagnostics;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Keygate.Api.Billing;

/// <summary>
/// The door of the Billing API: XML-RPC by POST, one method <c>Execute</c> (reference 5.1 to 5.5). What breaks the protocol is answered with a fault in plain text, every other
/// refusal with a fault whose text is base64, as clients decode it without looking.
/// </summary>
internal sealed class BillingDoor(
    Database database, BillingMethods methods, BillingCallers callers, OpenTransactions transactions, ILogger<BillingDoor> log)
{
    private const int BadMethod = 404, Crash = 500;

    /// <summary>Answers one POST.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            // Read below, with the bound of XML-RPC.
            bound.MaxRequestBodySize = null;
        }

        var (call, unreadable) = await ReadAsync(http);
        var (request, fault) = call is null ? (null, unreadable) : BillingRequest.Read(call);
        if (request is null)
        {
            log.LogInformation("Billing API: {Fault} ({Trace})", fault!.Text, Trace(http));
            await WriteAsync(http, fault, null);
            return;
        }

        var began = Stopwatch.GetTimestamp();
        var (answer, refusal) = await AnswerAsync(http, request);
        var outcome = refusal is null ? "done" : Masked(refusal.Text, request);
        log.LogInformation(
            "Billing API {Server}.{Method}: {Outcome} in {Milliseconds} ms ({Trace})", request.Server, request.Method, outcome, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds, Trace(http));
        await WriteAsync(http, refusal is { IsProtocol: false } ? new XmlRpcFault(refusal.Code, Encoded($"{refusal.Text} [request {Trace(http)}]")) : refusal is null ? null : new XmlRpcFault(refusal.Code, refusal.Text), answer);
    }

    private static string Trace(HttpContext http) => Problems.TraceIdOf(http);

    /// <summary>The text of a fault on the wire: base64 of UTF-8 in an ordinary string, with a line's end (reference 5.3).</summary>
    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text + "\n"));

    private static string Masked(string text, BillingRequest request) => request.Censored.Aggregate(text, (masked, secret) => masked.Replace(secret, "***", StringComparison.Ordinal));

    private static async Task<(XmlRpcRequest?, XmlRpcFault?)> ReadAsync(HttpContext http)
    {
        try
        {
            return (await XmlRpcReader.ReadRequestAsync(http.Request.BodyReader, XmlRpcLimits.Server, http.Request.GetTypedHeaders().ContentType?.Charset.Value, http.RequestAborted), null);
        }
        catch (XmlRpcFormatException e)
        {
            return (null, BillingRequest.Violation(string.IsNullOrEmpty(e.Path) ? e.Fault.Text : $"{e.Path}: {e.Fault.Text}"));
        }
    }

    private static async Task WriteAsync(HttpContext http, XmlRpcFault? fault, XmlRpcStruct? answer)
    {
        using var buffer = new XmlRpcBuffer();
        if (fault is not null)
        {
            XmlRpcWriter.WriteFault(buffer, fault);
        }
        else
        {
            XmlRpcWriter.WriteResponse(buffer, answer);
        }

        http.Response.ContentType = "text/xml; charset=utf-8";
        http.Response.ContentLength = buffer.Length;
        await http.Response.BodyWriter.WriteAsync(buffer.Memory, http.RequestAborted);
    }

    private async Task<(XmlRpcStruct?, Refusal?)> AnswerAsync(HttpContext http, BillingRequest request)
    {
        try
        {
            if (!(await callers.FindAsync(http, request, http.RequestAborted)).TryGet(out var caller, out var unknown))
            {
                if (request.Username is null)
                {
                    // Clients that send a login only when they are asked for one.
                    http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    http.Response.Headers.WWWAuthenticate = "Basic realm=\"Billing API\", charset=\"UTF-8\"";
                }

                return (null, Refusal.Of(unknown));
            }

            return BillingMethods.IsEnd(request.Method, out var commit)
                ? await EndAsync(request, caller.Actor, commit)
                : await CallAsync(http, request, caller);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (StorageFaults.Of(e) is { } storage)
        {
            log.LogWarning(e, "Billing API {Server}.{Method} met {Code} ({Trace})", request.Server, request.Method, storage.Code, Trace(http));
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.RetryAfter = Problems.RetryAfter;
            return (null, Refusal.Of(storage));
        }
        catch (Exception e)
        {
            log.LogError(e, "Billing API {Server}.{Method} crashed ({Trace})", request.Server, request.Method, Trace(http));
            return (null, new Refusal(Crash, "The server failed while carrying out the call; nothing was changed. Its log says more."));
        }
    }

    private async Task<(XmlRpcStruct?, Refusal?)> EndAsync(BillingRequest request, Actor actor, bool commit)
    {
        var id = request.TransactionId ?? (request.Params.Count == 1 && request.Params[0].TryToText(out var named) ? named.TrimEnd() : null);
        if (id is null)
        {
            return (null, Refusal.Of(ApiErrors.BillingTransactionMissing.Because($"{request.Method} names no transaction.")));
        }

        return transactions.Find(id, actor).TryGet(out var open, out var refusal) && (await open.EndAsync(commit)).TryGet(out _, out refusal)
            ? (Wrapped(BillingAnswer.Done, null), null)
            : (null, Refusal.Of(refusal));
    }

    private async Task<(XmlRpcStruct?, Refusal?)> CallAsync(HttpContext http, BillingRequest request, SignedIn caller)
    {
        if (!methods.TryFind(request.Server, request.Method, out var method, out var why))
        {
            return (null, new Refusal(BadMethod, why));
        }

        if (method.Changes && caller.Role == StaffRole.Auditor)
        {
            return (null, Refusal.Of(AccountsErrors.RoleInsufficient.Because($"{caller.Actor.Name} has the role {caller.Role} and may not change anything.")));
        }

        if (BillingCall.Violation(method, request.Params) is { } violation)
        {
            return (null, new Refusal(XmlRpcFaultCodes.InvalidXmlRpc, $"Server error. XML-RPC violation: {violation}") { IsProtocol = true });
        }

        if (BillingCall.Unfit(method, request.Params) is { } unfit)
        {
            return (null, Refusal.Of(unfit));
        }

        if (request is { TransactionId: null, AutoCommit: true })
        {
            return Told(method.Changes
                ? await database.WriteAsync(tx => ActAsync(tx, http.RequestAborted), http.RequestAborted, WriteTurn.AtDoor)
                : await database.ReadAsync(s => ActAsync(s, http.RequestAborted), http.RequestAborted), null);
        }

        var found = request.TransactionId is { } id ? transactions.Find(id, caller.Actor) : await transactions.BeginAsync(caller.Actor);
        if (!found.TryGet(out var open, out var refusal))
        {
            return (null, Refusal.Of(refusal));
        }

        // A caller who goes away in the middle does not end the transaction: the next call may follow.
        var result = await open.RunAsync((tx, over) => ActAsync(tx, over));
        if (request.AutoCommit)
        {
            log.LogWarning("Billing API: {Server}.{Method} joined transaction {Transaction} without AutoCommit=No, which ends it", request.Server, request.Method, open.Id);
            if (!(await open.EndAsync(commit: result.IsDone)).TryGet(out _, out refusal) && result.IsDone)
            {
                return (null, Refusal.Of(refusal));
            }

            return Told(result, null);
        }

        return Told(result, open.Id);

        Task<Result<BillingAnswer>> ActAsync(Session session, CancellationToken cancellation) => method.Act(new BillingCall(method, request.Params, caller.Actor, session), cancellation);
    }

    private static (XmlRpcStruct?, Refusal?) Told(Result<BillingAnswer> result, string? transaction) =>
        result.TryGet(out var answer, out var refusal) ? (Wrapped(answer, transaction), null) : (null, Refusal.Of(refusal));

    private static XmlRpcStruct Wrapped(BillingAnswer answer, string? transaction)
    {
        var wrapper = new XmlRpcStruct { ["Result"] = XmlRpcArray.Create(answer.Element) };
        if (transaction is not null)
        {
            wrapper["TransactionID"] = transaction;
        }

        return wrapper;
    }

    /// <summary>A refusal on its way to the wire.</summary>
    private sealed record Refusal(int Code, string Text)
    {
        /// <summary>True where the call breaks the protocol, so that its text is plain.</summary>
        public bool IsProtocol { get; init; }

        // The reference has no table of codes: the numbers are those of HTTP, which everybody knows (ADR 0026).
        public static Refusal Of(Error error) => new(
            Problems.StatusOf(error.Kind),
            string.Join(" ", new[] { error }.Concat(error.Others).Select(e => $"{e.Detail.TrimEnd('.')}. {e.Remedy}")));
    }
}
