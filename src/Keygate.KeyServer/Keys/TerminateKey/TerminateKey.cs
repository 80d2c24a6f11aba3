using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Terminates a key for good. May be repeated: a terminated key is found as wanted. Additional keys are not terminated with it. Purchased keys are
/// not terminated by partners; the issuer's staff may. A problem key must be released first, but for callers who end those too.
/// </summary>
internal sealed class TerminateKeyHandler(KeyStore store, KeyAccess access, VendorActs vendors, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.IsTerminated)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (key.Problem && !caller.EndsProblemKeys)
        {
            return KeyServerErrors.KeyIsProblem.Because($"{key.Number} is marked as problem.");
        }

        if (key.Billing == BillingType.Purchase && caller.Reach is not null)
        {
            return KeyServerErrors.PurchaseNotTerminated.Because($"{key.Number} is a purchased key.");
        }

        if (key.VendorId is not null)
        {
            return await vendors.TerminateAsync(tx, key, caller.Name, cancellation) is { } unasked ? unasked : new ChangedKey(key, IsChanged: true);
        }

        var now = time.GetUtcNow();
        await store.SetTerminatedAsync(tx, key.Id, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "terminated", "", caller.Name, now, cancellation);
        return new ChangedKey(key with { TerminatedAt = now }, IsChanged: true);
    }
}

internal static class TerminateKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/keys/{number}/terminate", (
            string number, HttpContext http, WriteDoor door, TerminateKeyHandler handler, KeyReader reader, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyActs.RunAsync(number, http, door, reader, database, async (tx, name, caller) =>
                (await handler.HandleAsync(tx, name, caller, http.RequestAborted)).Map(changed => changed.Key)))
            .WithSummary("Terminate a key")
            .WithDescription("For good. Terminating a terminated key changes nothing. Additional keys are terminated one by one.");
}
