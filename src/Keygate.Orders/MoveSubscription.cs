using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>What the acts on a subscription share: lock it, ask the table, see that no order is open.</summary>
internal sealed class MoveSubscription(SubscriptionStore subscriptions, OrderStore orders)
{
    public async Task<Result<(Subscription Subscription, SubscriptionStatus To)>> LockAsync(Tx tx, SubscriptionId id, SubscriptionOperation operation, CancellationToken cancellation)
    {
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

        if (await orders.OpenOfAsync(tx, id, cancellation) is { } still)
        {
            return OrdersErrors.SubscriptionBusy.Because($"Subscription {id} has the open order {still}.");
        }

        return SubscriptionMoves.Next(id, subscription.Status, operation).TryGet(out var to, out var refusal) ? (subscription, to) : refusal;
    }
}
