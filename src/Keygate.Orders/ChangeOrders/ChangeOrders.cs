using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>What change orders share: placing one, whether it still is what was agreed when it is paid, and its start. All in the caller's transaction.</summary>
internal sealed class ChangeOrders(OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, LicenseChanges changes)
{
    /// <summary>Why a subscription takes no change order now; null where it does.</summary>
    public async Task<Error?> RefusalAsync(Session session, Subscription subscription, CancellationToken cancellation) =>
        !SubscriptionMoves.IsInGoodStanding(subscription.Status) ? OrdersErrors.NotInGoodStanding.Because($"Subscription {subscription.Id} is {subscription.Status}.")
        : await orders.OpenOfAsync(session, subscription.Id, cancellation) is { } open ? OrdersErrors.SubscriptionBusy.Because($"Subscription {subscription.Id} has the open order {open}.")
        : null;

    /// <summary>Places the order. The subscription is locked and has no open order.</summary>
    public async Task<Order> PlaceAsync(Tx tx, Subscription subscription, string currency, IReadOnlyList<DetailRow> details, ItemChange change, string why, Actor actor, CancellationToken cancellation)
    {
        var id = await orders.AddAsync(tx, new Order
        {
            Type = Order.Change, State = OrderState.NW, CustomerId = subscription.CustomerId, PlanId = subscription.PlanId, PlanPeriodId = subscription.PlanPeriodId,
            SubscriptionId = subscription.Id, Currency = currency, Total = details.Sum(d => d.Amount), Comment = why,
        }, why, actor, cancellation);
        await orders.AddDetailsAsync(tx, id, details, cancellation);
        await orders.AddItemAsync(tx, new Item
        {
            OrderId = id, SubscriptionId = subscription.Id, Kind = ItemKind.Upgrade, ChangesLicense = change.License?.License, Change = Json.Write(change),
            KeyType = change.License?.To.KeyType, Features = Json.Write(change.License?.To.Features ?? []), AddOns = Json.Write(change.License?.To.AddOns ?? []),
        }, cancellation);
        return (await orders.LockAsync(tx, id, cancellation))!;
    }

    /// <summary>Why an order that waited can no longer go on: it would not do what was agreed. Null where it would.</summary>
    public async Task<Error?> FaultAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var subscription = (await subscriptions.LockAsync(tx, order.SubscriptionId, cancellation))!;
        if (!SubscriptionMoves.IsInGoodStanding(subscription.Status))
        {
            return OrdersErrors.NotInGoodStanding.Because($"Subscription {subscription.Id} is {subscription.Status}.");
        }

        var agreed = (await orders.ItemsAsync(tx, order.Id, cancellation)).Single().Changes;
        if (agreed.License is { } change)
        {
            await changes.LockAsync(tx, change.License, cancellation);
            return !(await changes.PreviewAsync(tx, change.License, change.To, agreed.CanChange, cancellation)).TryGet(out var now, out var refusal) ? refusal
                : change.IsStill(now) ? null
                : OrdersErrors.ChangeStale.Because($"Order {order.Id} would now do: {string.Join("; ", now.Calls)}.").Mend("Cancel the order and look at the change again.");
        }

        var held = (await subscriptions.ResourcesAsync(tx, subscription.Id, cancellation)).FirstOrDefault(r => r.RateId == agreed.Rate)?.Quantity ?? 0;
        return held == agreed.From ? null
            : OrdersErrors.ChangeStale.Because($"Order {order.Id} starts from {agreed.From} units, and {held} are held now.").Mend("Cancel the order and look at the change again.");
    }

    /// <summary>Nothing is owed: the license is changed by its process, a quantity at once. True where all is done.</summary>
    public async Task<bool> BeginAsync(Tx tx, Order order, Item item, CancellationToken cancellation)
    {
        var change = item.Changes;
        await orders.SubmitItemAsync(tx, item.Id, null, cancellation);
        if (change.License is { } license)
        {
            var (_, actor) = await orders.PlacedAsync(tx, order.Id, cancellation);
            await orders.SetWorkAsync(tx, item.Id, await changes.StartAsync(tx, license, null, actor, cancellation), cancellation);
            return false;
        }

        var rate = (await plans.FindAsync(tx, order.PlanId, cancellation))!.Rates.First(r => r.Id == change.Rate);
        await subscriptions.AddUnitsAsync(tx, order.SubscriptionId, rate, change.To - change.From, cancellation);
        await orders.SetItemAsync(tx, item.Id, ItemStatus.Completed, FormattableString.Invariant($"{rate.Name}: {change.To} units."), null, cancellation);
        return true;
    }
}
