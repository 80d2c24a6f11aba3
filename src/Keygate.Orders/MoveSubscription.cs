using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>What the acts on a subscription share: each has a reason, locks it, asks the table, sees that no order is open, and is written down.</summary>
internal sealed class MoveSubscription(SubscriptionStore subscriptions, OrderStore orders, OrderFlow flow, Audit audit)
{
    /// <summary>The subscription, locked, and where the operation leads. In this order: a reason is given, it exists, no order of it is open, its status allows the operation.</summary>
    public async Task<Result<(Subscription Subscription, SubscriptionStatus To)>> LockAsync(
        Tx tx, SubscriptionId id, SubscriptionOperation operation, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        // The order comes first, as for whoever else changes both.
        var open = await orders.OpenOfAsync(tx, id, cancellation);
        if (open is { } order)
        {
            await orders.LockAsync(tx, order, cancellation);
        }

        if (await subscriptions.LockAsync(tx, id, cancellation) is not { } subscription)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        if (await orders.OpenOfAsync(tx, id, cancellation) is { } still && !await IsOutOfTheWayAsync(tx, still, operation, request, actor, cancellation))
        {
            return OrdersErrors.SubscriptionBusy.Because($"Subscription {id} has the open order {still}.");
        }

        return SubscriptionMoves.Next(id, subscription.Status, operation).TryGet(out var to, out var refusal) ? (subscription, to) : refusal;
    }

    /// <summary>Moves the subscription and its service, with the row that explains it and the audit's.</summary>
    public async Task MoveAsync(
        Tx tx, Subscription subscription, SubscriptionStatus to, ServiceStatus service, string audited, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        await subscriptions.MoveAsync(tx, subscription.Id, subscription.CustomerId, to, service, null, request.Or(""), actor, cancellation);
        await audit.AddAsync(tx, actor, audited, subscription.Id.Subject, request.Reason, cancellation);
    }

    // What waits for its payment keeps nobody from stopping a subscription; with the subscription's end it ends too. A cancellation that is under way is not in the way of itself.
    private async Task<bool> IsOutOfTheWayAsync(Tx tx, OrderId id, SubscriptionOperation operation, OrderReason request, Actor actor, CancellationToken cancellation) =>
        await orders.FindAsync(tx, id, cancellation) is { IsSale: false } open
        && (operation != SubscriptionOperation.Cancel ? open.IsRenewal
            : (open.IsCancellation && !open.IsUnpaid) || (await flow.GiveUpAsync(tx, id, $"The subscription is cancelled: {request.Or("")}", actor, cancellation)).IsDone);
}
