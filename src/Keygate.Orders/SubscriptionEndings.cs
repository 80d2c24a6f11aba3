using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>Ends subscriptions for good, by an order or by their terms.</summary>
internal sealed class SubscriptionEndings(SubscriptionStore subscriptions, WorkQueue queue)
{
    /// <summary>Its licenses are terminated by a process of their own; when nothing is left it is over, and with it the item of the order that asked for it.</summary>
    public async Task<long> EndAsync(Tx tx, Subscription subscription, Item? item, string why, Actor actor, CancellationToken cancellation)
    {
        if (!SubscriptionMoves.Next(subscription.Id, subscription.Status, SubscriptionOperation.Cancel).TryGet(out var to, out var refusal))
        {
            throw new InvalidOperationException(refusal.Detail);
        }

        await subscriptions.MoveAsync(tx, subscription.Id, subscription.CustomerId, to, ServiceStatus.Removing, null, why, actor, cancellation);
        return await queue.StartAsync(
            tx, new StartWork(
                EndSubscription.KindName, subscription.Id.Subject,
                Json.Write(new EndSubscriptionPayload(subscription.Id, $"Subscription {subscription.Id} is cancelled: {why}", actor, item?.OrderId, item?.Id)))
            {
                UniqueKey = $"{subscription.Id.Subject}/{EndSubscription.KindName}",
            }, cancellation);
    }
}
