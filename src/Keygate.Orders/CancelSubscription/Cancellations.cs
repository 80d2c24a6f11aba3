using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>What cancellation orders share: what one would do, placing it, and what happens when nothing is owed for it. All in the caller's transaction.</summary>
internal sealed class Cancellations(
    OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, InvoiceStore invoices, LicenseReader licenses, SubscriptionEndings endings, TimeProvider time)
{
    /// <summary>What a cancellation would do now.</summary>
    public async Task<(CancellationPreview Preview, IReadOnlyList<DetailRow> Details)> PreviewAsync(Session session, Subscription subscription, CancelSubscriptionRequest request, CancellationToken cancellation)
    {
        var plan = (await plans.FindAsync(session, subscription.PlanId, cancellation))!;
        var period = plan.Periods.First(p => p.Id == subscription.PlanPeriodId);
        var details = CancellationRules.Details(
            plan, period, subscription, await subscriptions.ResourcesAsync(session, subscription.Id, cancellation), request,
            request.Credit == CancellationCredit.None ? 0 : await invoices.CreditableAsync(session, subscription.Id, cancellation), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        var ends = (await licenses.OfSubscriptionAsync(session, subscription.Id.Value, cancellation)).OrderBy(l => l.Id.Value).Select(CancellationRules.EndOf).OfType<LicenseEnd>().ToList();
        var preview = new CancellationPreview("", subscription.Id, plan.Currency, details.Sum(d => d.Amount), [.. details.Select(DetailView.Of)], ends, Reversible: false);
        return (preview with { Token = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(preview)))) }, details);
    }

    /// <summary>Places the order. The subscription is locked and has no open order.</summary>
    public async Task<Order> PlaceAsync(Tx tx, Subscription subscription, CancelSubscriptionRequest request, CancellationPreview preview, IReadOnlyList<DetailRow> details, Actor actor, CancellationToken cancellation)
    {
        var why = request.Reason!.Trim();
        var id = await orders.AddAsync(tx, new Order
        {
            Type = preview.Total > 0 ? Order.CancellationCharge : Order.Cancellation, State = OrderState.NW, CustomerId = subscription.CustomerId, PlanId = subscription.PlanId,
            PlanPeriodId = subscription.PlanPeriodId, SubscriptionId = subscription.Id, Currency = preview.Currency, Total = preview.Total,
            Comment = request.Credit == CancellationCredit.Refund && preview.Total < 0 ? $"{why} ({Currency.Shown(-preview.Total, preview.Currency)} are to be refunded by hand.)" : why,
        }, why, actor, cancellation);
        await orders.AddDetailsAsync(tx, id, details, cancellation);
        await orders.AddItemAsync(tx, new Item { OrderId = id, SubscriptionId = subscription.Id, Kind = ItemKind.Cancellation }, cancellation);
        return (await orders.LockAsync(tx, id, cancellation))!;
    }

    /// <summary>Why a cancellation that waited for its fee can no longer go on; null where it can.</summary>
    public async Task<Error?> FaultAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var subscription = (await subscriptions.LockAsync(tx, order.SubscriptionId, cancellation))!;
        return SubscriptionMoves.Next(subscription.Id, subscription.Status, SubscriptionOperation.Cancel).TryGet(out _, out var refusal) ? null : refusal;
    }

    /// <summary>Nothing is owed: the subscription ends, and with it the item.</summary>
    public async Task BeginAsync(Tx tx, Order order, Item item, CancellationToken cancellation)
    {
        var subscription = (await subscriptions.LockAsync(tx, order.SubscriptionId, cancellation))!;
        await orders.SubmitItemAsync(tx, item.Id, null, cancellation);
        var (why, actor) = await orders.PlacedAsync(tx, order.Id, cancellation);
        await orders.SetWorkAsync(tx, item.Id, await endings.EndAsync(tx, subscription, item, why, actor, cancellation), cancellation);
    }
}
