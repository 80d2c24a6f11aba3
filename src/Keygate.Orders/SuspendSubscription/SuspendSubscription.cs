using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Suspends a subscription, as for non-payment: it and its licenses are no longer in good standing, their keys are suspended where the issuer does that, and the
/// installed copies are removed where the installer does that.
/// </summary>
public sealed class SuspendSubscription
{
    private readonly MoveSubscription _move;
    private readonly LicenseStandings _standings;
    private readonly ShowSubscription _show;

    internal SuspendSubscription(MoveSubscription move, LicenseStandings standings, ShowSubscription show) => (_move, _standings, _show) = (move, standings, show);

    /// <summary>Refused where its status does not allow it, while an order is open, and without a reason.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _move.LockAsync(tx, id, SubscriptionOperation.Suspend, request, actor, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        await _move.MoveAsync(tx, found.Subscription, found.To, ServiceStatus.Stopped, "subscription.suspended", request, actor, cancellation);
        await _standings.HoldAsync(tx, id.Value, $"Subscription {id} is suspended: {request.Or("")}", actor, cancellation);
        return await _show.HandleAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/suspend",
        (SubscriptionId id, OrderReason request, HttpContext http, WriteDoor door, SuspendSubscription handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("SuspendSubscription").WithTags("Subscriptions").WithSummary("Suspend a subscription, with a reason: its keys are suspended and installed copies removed.");
}
