using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Suspends a key, or resumes it: its status list says so, and while it is suspended it counts as a problem key, which partners can neither fetch nor
/// change. May be repeated: what is so already changes nothing.
/// </summary>
internal sealed class SuspendKeyHandler(KeyStore store, KeyAccess access, TrustStore trust, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, KeyReason request, bool suspend, KeyCaller caller, CancellationToken cancellation)
    {
        if (Reason.Of(request.Reason) is not { } reason)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        var status = (await trust.FindAsync(tx, key.Id, cancellation))?.Status ?? KeyStatus.Good;
        if (status == KeyStatus.Revoked)
        {
            return KeyServerErrors.KeyIsRevoked.Because($"{key.Number} is revoked.");
        }

        if (suspend && key.IsTerminated)
        {
            return KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.");
        }

        if (suspend == (status == KeyStatus.Suspended))
        {
            return key;
        }

        var now = time.GetUtcNow();
        await store.SetProblemAsync(tx, key.Id, suspend, now, cancellation);
        await trust.SetAsync(tx, key.Id, suspend ? KeyStatus.Suspended : KeyStatus.Good, reason, caller.Name, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, suspend ? "suspended" : "resumed", reason, caller.Name, now, cancellation);
        return key with { Problem = suspend };
    }
}

internal static class SuspendKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "suspend", true).WithSummary("Suspend a key")
            .WithDescription("Products that fetch status lists refuse it until it is resumed; partners can neither fetch nor change it.");
        Map(routes, "resume", false).WithSummary("Resume a suspended key");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, string verb, bool suspend) =>
        routes.MapPost($"/keys/{{number}}/{verb}", async Task<Result<KeyView>> (
            string number, KeyReason request, HttpContext http, WriteDoor door, SuspendKeyHandler handler, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyName.TryParse(number, out var name)
                ? await door.WriteAsync<KeyView>(database, http, request, async (tx, actor) =>
                    (await handler.HandleAsync(tx, name, request, suspend, new KeyCaller(actor.Name, null), http.RequestAborted)).TryGet(out var key, out var refusal)
                        ? await reader.ViewAsync(tx, key, http.RequestAborted) : refusal)
                : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number."));
}
