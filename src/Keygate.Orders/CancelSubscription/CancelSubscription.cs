using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Ends a subscription for good: it is Canceled at once, its licenses are terminated each with a result of its own, purchased ones go to stock, and when
/// nothing is left it is Terminated and its service Removed.
/// </summary>
public sealed class CancelSubscription
{
    private readonly MoveSubscription _move;
    private readonly ShowSubscription _show;

    internal CancelSubscription(MoveSubscription move, ShowSubscription show) => (_move, _show) = (move, show);

    /// <summary>Refused where its status does not allow it, while an order is open, and without a reason. May be repeated: it goes on where it stands.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _move.LockAsync(tx, id, SubscriptionOperation.Cancel, request, actor, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        if (found.Subscription.ServStatus != ServiceStatus.Removing)
        {
            await _move.EndAsync(tx, found.Subscription, request.Or(""), actor, cancellation);
        }

        return await _show.HandleAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/cancel",
        (SubscriptionId id, OrderReason request, HttpContext http, WriteDoor door, CancelSubscription handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("CancelSubscription").WithTags("Subscriptions").WithSummary("End a subscription for good, with a reason: its licenses are terminated, purchased ones go to stock.");
}
