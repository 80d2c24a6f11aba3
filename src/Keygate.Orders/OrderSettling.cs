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
    /// <summary>An item is done. Does nothing where it was already, or where the order has ended meanwhile.</summary>
    public async Task CompleteAsync(Tx tx, OrderId order, ItemId item, string comment, CancellationToken cancellation)
    {
        if (await OpenItemAsync(tx, order, item, cancellation) is not null)
        {
            await orders.SetItemAsync(tx, item, ItemStatus.Completed, comment, null, cancellation);
            await SettleAsync(tx, order, comment, cancellation);
        }
    }

    /// <summary>An item has failed.</summary>
    public async Task FailAsync(Tx tx, OrderId order, ItemId item, string comment, string remedy, CancellationToken cancellation)
    {
        if (await OpenItemAsync(tx, order, item, cancellation) is not null)
        {
            await orders.SetItemAsync(tx, item, ItemStatus.Failed, comment, remedy, cancellation);
            await SettleAsync(tx, order, $"Item {item}: {comment}", cancellation);
        }
    }

    /// <summary>An item is under way again, or waits for somebody else.</summary>
    public async Task ContinueAsync(Tx tx, OrderId order, ItemId item, ItemStatus status, string comment, CancellationToken cancellation)
    {
        if (await OpenItemAsync(tx, order, item, cancellation) is { } open && (open.Status != status || open.Comment != comment))
        {
            await orders.SetItemAsync(tx, item, status, comment, null, cancellation);
            await SettleAsync(tx, order, comment, cancellation);
        }
    }

    /// <summary>Moves the order to where its items stand.</summary>
    public async Task SettleAsync(Tx tx, OrderId id, string why, CancellationToken cancellation)
    {
        var order = await orders.LockAsync(tx, id, cancellation) ?? throw new InvalidOperationException($"Order {id} has items but no row.");
        if (order.State is not (OrderState.PR or OrderState.PF or OrderState.LO))
        {
            return;
        }

        var items = await orders.ItemsAsync(tx, id, cancellation);
        var outcome = items switch
        {
            _ when items.Exists(i => i.Status == ItemStatus.Failed) => OrderOutcome.Failed,
            _ when items.TrueForAll(i => i.Status == ItemStatus.Completed) => OrderOutcome.Done,
            _ when items.Exists(i => i.Status == ItemStatus.Awaiting) => OrderOutcome.Awaiting,
            _ => OrderOutcome.UnderWay,
        };
        if (!OrderMoves.Next(id, order.State, OrderOperation.Settle, outcome).TryGet(out var to, out var missing))
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
        if (to == OrderState.CP)
        {
            var now = time.GetUtcNow();
            var period = (await plans.FindPeriodAsync(tx, order.PlanPeriodId, cancellation))!;
            await subscriptions.MoveAsync(
                tx, order.SubscriptionId, SubscriptionStatus.Active, ServiceStatus.Running, (DateOnly.FromDateTime(now.UtcDateTime), period.EndFrom(now)),
                $"Order {id} is completed.", Actor.Keygate, cancellation);
        }
    }

    // The order is locked first, then the item is read: so nobody decides on what another transaction is changing.
    private async Task<Item?> OpenItemAsync(Tx tx, OrderId order, ItemId item, CancellationToken cancellation)
    {
        await orders.LockAsync(tx, order, cancellation);
        return await orders.FindItemAsync(tx, item, cancellation) is { Status: ItemStatus.InProgress or ItemStatus.Awaiting or ItemStatus.Failed } open ? open : null;
    }
}
