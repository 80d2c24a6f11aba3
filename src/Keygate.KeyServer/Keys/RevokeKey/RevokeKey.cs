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
/// Revokes a key: its status list says so for ever, and the key is terminated, whatever its billing type. For good. May be repeated. To terminate alone does
/// not revoke: what was paid runs to its date.
/// </summary>
internal sealed class RevokeKeyHandler(KeyStore store, KeyAccess access, TrustStore trust, VendorActs vendors, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, KeyReason request, KeyCaller caller, CancellationToken cancellation)
    {
        if (Reason.Of(request.Reason) is not { } reason)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if ((await trust.FindAsync(tx, key.Id, cancellation))?.Status == KeyStatus.Revoked)
        {
            return key;
        }

        var now = time.GetUtcNow();
        if (!key.IsTerminated)
        {
            await store.SetTerminatedAsync(tx, key.Id, now, cancellation);
            if (key.VendorId is not null)
            {
                // What is open now is followed by the termination when it ends.
                await vendors.TerminateAsync(tx, key, caller.Name, cancellation);
            }
        }

        await trust.SetAsync(tx, key.Id, KeyStatus.Revoked, reason, caller.Name, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "revoked", reason, caller.Name, now, cancellation);
        return key with { TerminatedAt = key.TerminatedAt ?? now };
    }
}

internal static class RevokeKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/keys/{number}/revoke", async Task<Result<KeyView>> (
            string number, KeyReason request, HttpContext http, WriteDoor door, RevokeKeyHandler handler, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyName.TryParse(number, out var name)
                ? await door.WriteAsync<KeyView>(database, http, request, async (tx, actor) =>
                    (await handler.HandleAsync(tx, name, request, new KeyCaller(actor.Name, null), http.RequestAborted)).TryGet(out var key, out var refusal)
                        ? await reader.ViewAsync(tx, key, http.RequestAborted) : refusal)
                : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number."))
            .WithSummary("Revoke a key")
            .WithDescription("For good: the key is terminated, and products that fetch status lists refuse it.");
}
