using Keygate.Accounts;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>
/// Draws the sum of an order's items, whatever happened to them and in whichever order: failed when one has failed, completed when all are,
/// waiting when one waits for somebody else. Called after every change of an item, in its transaction.
/// </summary>
internal sealed class OrderSettling(OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, TimeProvider time)
{
    /// <summary>
    /// An item is done; <paramref name="comment"/> null leaves what is said of it. Does nothing where it was already, or where the order has ended
    /// meanwhile. Returns the order's items as they are then.
    /// </summary>
    public Task<List<Item>> CompleteAsync(Tx tx, OrderId order, ItemId item, string? comment, CancellationToken cancellation) =>
        ChangeAsync(tx, order, item, open => open with { Status = ItemStatus.Completed, Comment = comment ?? open.Comment, Remedy = null }, changed => changed.Comment, cancellation);

    /// <summary>An item has failed.</summary>
    public Task FailAsync(Tx tx, OrderId order, ItemId item, string comment, string remedy, CancellationToken cancellation) =>
        ChangeAsync(tx, order, item, open => open with { Status = ItemStatus.Failed, Comment = comment, Remedy = remedy }, _ => $"Item {item}: {comment}", cancellation);

    /// <summary>An item is under way again, or waits for somebody else.</summary>
    public Task ContinueAsync(Tx tx, OrderId order, ItemId item, ItemStatus status, string comment, CancellationToken cancellation) => ChangeAsync(
        tx, order, item, open => open.Status == status && open.Comment == comment ? open : open with { Status = status, Comment = comment, Remedy = null }, _ => comment, cancellation);

    /// <summary>Moves the order to where its items stand.</summary>
    public async Task SettleAsync(Tx tx, OrderId id, string why, CancellationToken cancellation) =>
        await SettleAsync(tx, await LockAsync(tx, id, cancellation), await orders.ItemsAsync(tx, id, cancellation), why, cancellation);

    // The order is locked first, then its items are read: so nobody decides on what another transaction is changing.
    private async Task<List<Item>> ChangeAsync(Tx tx, OrderId id, ItemId item, Func<Item, Item> change, Func<Item, string> why, CancellationToken cancellation)
    {
        var order = await LockAsync(tx, id, cancellation);
        var items = await orders.ItemsAsync(tx, id, cancellation);
        var at = items.FindIndex(i => i.Id == item && i.Status is ItemStatus.InProgress or ItemStatus.Awaiting or ItemStatus.Failed);
        if (at >= 0 && change(items[at]) is var changed && !ReferenceEquals(changed, items[at]))
        {
            await orders.SetItemAsync(tx, item, changed.Status, changed.Comment, changed.Remedy, cancellation);
            items[at] = changed;
            await SettleAsync(tx, order, items, why(changed), cancellation);
        }

        return items;
    }

    private async Task<Order> LockAsync(Tx tx, OrderId id, CancellationToken cancellation) =>
        await orders.LockAsync(tx, id, cancellation) ?? throw new InvalidOperationException($"Order {id} has items but no row.");

    private async Task SettleAsync(Tx tx, Order order, List<Item> items, string why, CancellationToken cancellation)
    {
        if (order.State is not (OrderState.PR or OrderState.PF or OrderState.LO))
        {
            return;
        }

        var outcome = items switch
        {
            _ when items.Exists(i => i.Status == ItemStatus.Failed) => OrderOutcome.Failed,
            _ when items.TrueForAll(i => i.Status == ItemStatus.Completed) => OrderOutcome.Done,
            _ when items.Exists(i => i.Status == ItemStatus.Awaiting) => OrderOutcome.Awaiting,
            _ => OrderOutcome.UnderWay,
        };
        if (!OrderMoves.Next(order.Id, order.State, OrderOperation.Settle, outcome).TryGet(out var to, out var missing))
        {
            throw new InvalidOperationException(missing.Detail);
        }

        if (to == order.State)
        {
            return;
        }

        var because = to switch
        {
            OrderState.CP => "All items are completed.",
            OrderState.PR => "The items are under way again.",
            _ when why.Length > 0 => why,
            _ => string.Join(" ", items.Where(i => i.Comment.Length > 0).Select(i => $"Item {i.Id}: {i.Comment}")),
        };
        await orders.MoveAsync(tx, order, to, OrderMoves.Word(OrderOperation.Settle), because, Actor.Keygate, cancellation);
        if (to == OrderState.CP && order.IsSale)
        {
            var now = time.GetUtcNow();
            var period = (await plans.FindPeriodAsync(tx, order.PlanPeriodId, cancellation))!;
            await subscriptions.MoveAsync(
                tx, order.SubscriptionId, order.CustomerId, SubscriptionStatus.Active, ServiceStatus.Running, (DateOnly.FromDateTime(now.UtcDateTime), period.EndFrom(now)),
                $"Order {order.Id} is completed.", Actor.Keygate, cancellation);
        }
    }
}
