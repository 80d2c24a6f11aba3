using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>
/// What renewal orders share: placing one over what the subscription really holds when the period begins, and what follows when it is paid. All in the caller's transaction.
/// </summary>
internal sealed class Renewals(
    OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, LicenseStandings standings, LicenseReader licenses, LicenseChanges makes, TimeProvider time)
{
    /// <summary>Places the order for the period behind the present one. The subscription is locked, runs, and has no open order.</summary>
    public async Task<Order> PlaceAsync(Tx tx, Subscription subscription, string why, Actor actor, CancellationToken cancellation)
    {
        var plan = (await plans.FindAsync(tx, subscription.PlanId, cancellation))!;
        var period = plan.Periods.First(p => p.Id == subscription.PlanPeriodId);
        var from = subscription.ExpirationDate!.Value;
        var scheduled = await makes.ScheduledAsync(
            tx, [.. (await licenses.OfSubscriptionAsync(tx, subscription.Id.Value, cancellation)).Select(l => l.Id)], new DateTimeOffset(from.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), cancellation);
        var held = SubscriptionChangeRules.After(plan, await subscriptions.ResourcesAsync(tx, subscription.Id, cancellation), scheduled);
        var details = RenewalRules.Details(plan, period, from, held);
        var id = await orders.AddAsync(tx, new Order
        {
            Type = Order.Renewal, State = OrderState.NW, CustomerId = subscription.CustomerId, PlanId = plan.Id, PlanPeriodId = period.Id, SubscriptionId = subscription.Id,
            Currency = plan.Currency, Total = details.Sum(d => d.Amount), RenewsFrom = from, Comment = "",
        }, why, actor, cancellation);
        await orders.AddDetailsAsync(tx, id, details, cancellation);
        await orders.AddItemAsync(tx, new Item { OrderId = id, SubscriptionId = subscription.Id, Kind = ItemKind.Renewal }, cancellation);
        return (await orders.LockAsync(tx, id, cancellation))!;
    }

    /// <summary>Why a renewal order that waited can no longer go on; null where it can.</summary>
    public async Task<Error?> FaultAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var subscription = (await subscriptions.LockAsync(tx, order.SubscriptionId, cancellation))!;
        return !SubscriptionMoves.Next(subscription.Id, subscription.Status, SubscriptionOperation.Renew).TryGet(out _, out var refusal) ? refusal
            : subscription.ExpirationDate != order.RenewsFrom ? OrdersErrors.RenewalStale.Because($"Order {order.Id} renews from {order.RenewsFrom:yyyy-MM-dd}; subscription {subscription.Id} runs until {subscription.ExpirationDate:yyyy-MM-dd}.")
            : null;
    }

    /// <summary>
    /// What the subscription holds and no longer has, since its lease ran out while it was not in good standing: an expired key does not come back, so a paid renewal
    /// provides another.
    /// </summary>
    public async Task<IReadOnlyList<LicenseMake>> LostAsync(Tx tx, SubscriptionId id, CancellationToken cancellation)
    {
        var main = (await licenses.OfSubscriptionAsync(tx, id.Value, cancellation)).Where(l => l.ParentId is null).OrderByDescending(l => l.Id.Value).ToList();
        var held = (await subscriptions.ResourcesAsync(tx, id, cancellation)).Where(r => r.Kind == ResourceKind.Class).Sum(r => r.Quantity);
        var lost = new List<LicenseMake>();
        foreach (var license in main.Where(l => l.Status == LicenseState.Expired).Take(Math.Max(0, held - main.Count(l => l.Status is not (LicenseState.Expired or LicenseState.Terminated)))))
        {
            // What was to begin with this period is in its charge, so the new license is that.
            if (await makes.ScheduledAsync(tx, [license.Id], time.GetUtcNow(), cancellation) is [var scheduled]
                && (await makes.UndoAsync(tx, license.Id, Actor.Keygate, cancellation)).TryGet(out _, out _))
            {
                await ChangeHeldAsync(tx, id, scheduled, cancellation);
                lost.Add(scheduled.To);
                continue;
            }

            lost.Add((await makes.MakeAsync(tx, license.Id, cancellation)).Value.Make);
        }

        return lost;
    }

    /// <summary>The subscription holds what its license is made of, so that the next period is charged for that.</summary>
    public async Task ChangeHeldAsync(Tx tx, SubscriptionId id, LicenseChange change, CancellationToken cancellation)
    {
        var plan = (await plans.FindAsync(tx, (await subscriptions.FindAsync(tx, id, cancellation))!.PlanId, cancellation))!;
        foreach (var (codes, units) in SubscriptionChangeRules.Units(change))
        {
            foreach (var rate in codes.Select(c => plan.Rates.FirstOrDefault(r => r.Command == c)).OfType<Rate>())
            {
                await subscriptions.AddUnitsAsync(tx, id, rate, units, cancellation);
            }
        }
    }

    /// <summary>The renewal is paid: the period follows the old one, however late, and what was stopped goes on.</summary>
    public async Task ExtendAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var subscription = (await subscriptions.LockAsync(tx, order.SubscriptionId, cancellation))!;
        if (!SubscriptionMoves.Next(subscription.Id, subscription.Status, SubscriptionOperation.Renew).TryGet(out var to, out var refusal))
        {
            throw new InvalidOperationException(refusal.Detail);
        }

        var period = (await plans.FindPeriodAsync(tx, order.PlanPeriodId, cancellation))!;
        var end = period.EndAfter(subscription.StartDate!.Value, order.RenewsFrom!.Value);
        await subscriptions.MoveAsync(
            tx, subscription.Id, subscription.CustomerId, to, to == SubscriptionStatus.Active ? ServiceStatus.Running : subscription.ServStatus, (subscription.StartDate.Value, end),
            $"Order {order.Id} renews it until {end:yyyy-MM-dd}.", Actor.Keygate, cancellation);
        if (subscription.Status is SubscriptionStatus.Graced or SubscriptionStatus.Expired)
        {
            await standings.RegainAsync(tx, subscription.Id.Value, $"Renewal order {order.Id} is paid.", Actor.Keygate, cancellation);
        }
    }
}
