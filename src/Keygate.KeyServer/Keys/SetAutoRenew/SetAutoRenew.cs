using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Whether the key server renews a key by itself.</summary>
/// <param name="AutoRenew">True where it does.</param>
public sealed record AutoRenewRequest(bool AutoRenew);

/// <summary>Lets the key server renew a lease by itself from its update date on, or leaves that to its owner. May be repeated. The revision stays.</summary>
internal sealed class SetAutoRenewHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, bool autoRenew, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.IsTerminated)
        {
            return KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.");
        }

        if (autoRenew && key.Billing == BillingType.Purchase)
        {
            return KeyServerErrors.NotRenewable.Because($"{key.Number} is a purchased key.");
        }

        if (key.AutoRenew == autoRenew)
        {
            return key;
        }

        var now = time.GetUtcNow();
        await store.SetAutoRenewAsync(tx, key.Id, autoRenew, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, autoRenew ? "renews automatically" : "renews no more", "", caller.Name, now, cancellation);
        return key with { AutoRenew = autoRenew };
    }
}

internal static class SetAutoRenewEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/keys/{number}/auto-renew", (
            string number, AutoRenewRequest request, HttpContext http, WriteDoor door, SetAutoRenewHandler handler, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyActs.RunAsync(number, http, door, reader, database, (tx, name, caller) => handler.HandleAsync(tx, name, request.AutoRenew, caller, http.RequestAborted), request))
            .WithSummary("Let the key server renew a lease by itself, or not")
            .WithDescription("From its update date on, by one term, under the next revision, while key and client are in good standing.");
}
