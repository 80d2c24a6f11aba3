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
internal sealed class SuspendKeyHandler(KeyStore store, KeyAccess access, PriceListStore priceLists, TrustStore trust, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyReason request, bool suspend, KeyCaller caller, CancellationToken cancellation)
    {
        if (Reason.Of(request.Reason) is not { } reason)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.Kind == KeyKind.Feature)
        {
            return KeyServerErrors.ObjectUnfit.Because($"{key.Number} is a feature key.");
        }

        var status = (await trust.FindAsync(tx, key.Id, cancellation))?.Status ?? KeyStatus.Good;
        if (status == KeyStatus.Revoked)
        {
            return KeyServerErrors.KeyIsRevoked.Because($"{key.Number} is revoked.");
        }

        // To partners a terminated key is final; the staff may take the flag off one.
        if (key.IsTerminated && (suspend || caller.Reach is not null))
        {
            return KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.");
        }

        if (suspend == key.Problem && suspend == (status == KeyStatus.Suspended))
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (suspend && (await priceLists.GetAsync(tx, key.PriceListId, cancellation)).KeyType(key.KeyType) is { Suspendable: false })
        {
            return KeyServerErrors.ProblemUnsupported.Because($"Keys of the key type {key.KeyType} are not marked as problem.");
        }

        var now = time.GetUtcNow();
        await store.SetProblemAsync(tx, key.Id, suspend, now, cancellation);
        await trust.SetAsync(tx, key.Id, suspend ? KeyStatus.Suspended : KeyStatus.Good, reason, caller.Name, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, suspend ? "suspended" : "resumed", reason, caller.Name, now, cancellation);
        return new ChangedKey(key with { Problem = suspend }, IsChanged: true);
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
        routes.MapPost($"/keys/{{number}}/{verb}", (
            string number, KeyReason request, HttpContext http, WriteDoor door, SuspendKeyHandler handler, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyActs.RunAsync(number, http, door, reader, database, async (tx, name, caller) =>
                (await handler.HandleAsync(tx, name, request, suspend, caller, http.RequestAborted)).Map(changed => changed.Key), request));
}
