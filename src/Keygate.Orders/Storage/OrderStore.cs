using System.Diagnostics;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;

namespace Keygate.Orders.Storage;

/// <summary>All that stands about an order in this room.</summary>
internal sealed record WholeOrder(
    Order Order, IReadOnlyList<Item> Items, IReadOnlyList<CallbackRow> Callbacks, IReadOnlyList<DetailRow> Details, IReadOnlyList<PaymentRow> Payments, IReadOnlyList<OrderLogRow> Log,
    string Plan, string Subscription);

/// <summary>Orders with their items, lines, payments, log and callbacks.</summary>
internal sealed class OrderStore(Outbox outbox, TimeProvider time)
{
    private const string OrderColumns =
        """
        id, type, state, customer_id, plan_id, plan_period_id, subscription_id, currency, total, paid, approval_needed, comment, renews_from,
        created_at, changed_at, completed_at, version
        """;

    private const string DetailsOf = "select kind, resource_id, description, quantity, unit_amount, amount from order_details where order_id = @id order by id";

    private const string PaymentsOf = "select id, amount, currency, reference, note, actor, received_at from payments where order_id = @id order by id";

    private const string LogOf = "select id, at, from_state, to_state, operation, why, actor from order_log where order_id = @id order by id";

    private const string CallbacksOf =
        """
        select c.item_id, c.at, c.actor, c.issued_successfully, c.message, c.ignored_because
        from item_callbacks c join provisioning_items i on i.id = c.item_id where i.order_id = @id order by c.id
        """;

    private const string ItemColumns =
        """
        id, order_id, subscription_id, kind, status, comment, remedy, submitted_at, completed_at, key_type, features, add_ons,
        license_id, work_id, answered, change, changes_license, version
        """;

    public async Task<OrderId> AddAsync(Tx tx, Order order, string why, Actor actor, CancellationToken cancellation)
    {
        var id = OrderId.Of((int)await tx.InsertAsync(
            """
            insert into orders(type, state, customer_id, plan_id, plan_period_id, subscription_id, currency, total, approval_needed, comment, renews_from, created_at, changed_at)
            values (@Type, @State, @CustomerId, @PlanId, @PlanPeriodId, @SubscriptionId, @Currency, @Total, @ApprovalNeeded, @Comment, @RenewsFrom, @now, @now) returning id
            """,
            new
            {
                order.Type, State = order.State.ToString(), order.CustomerId, order.PlanId, order.PlanPeriodId, order.SubscriptionId,
                order.Currency, order.Total, order.ApprovalNeeded, order.Comment, order.RenewsFrom, now = time.GetUtcNow(),
            },
            cancellation));
        await LogAsync(tx, id, null, order.State, "place", why, actor, cancellation);
        await TellAsync(tx, order with { Id = id }, why, cancellation);
        return id;
    }

    /// <summary>Why and by whom an order was placed.</summary>
    public async Task<(string Why, Actor Actor)> PlacedAsync(Session session, OrderId id, CancellationToken cancellation)
    {
        var row = await session.GetAsync<OrderLogRow>("select id, at, from_state, to_state, operation, why, actor from order_log where order_id = @id order by id limit 1", new { id }, cancellation);
        return (row.Why, Actor.Keygate with { Name = row.Actor });
    }

    public Task<Order?> FindAsync(Session session, OrderId id, CancellationToken cancellation) =>
        session.FindAsync<Order>($"select {OrderColumns} from orders where id = @id", new { id }, cancellation);

    /// <summary>
    /// Reads an order and keeps it until the transaction ends. Whoever changes an order or one of its items locks the order first: so two items
    /// that end at once see each other, and nobody waits in a circle.
    /// </summary>
    public async Task<Order?> LockAsync(Tx tx, OrderId id, CancellationToken cancellation)
    {
        if (tx.Known<Order>(id) is { } known)
        {
            return known;
        }

        // Who locks an order mostly goes on to its items, which nobody else changes from here on.
        var asked = tx.Ask<Order>($"select {OrderColumns} from orders where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation);
        var items = await AskItems(tx, id, cancellation).AllAsync();
        items.ForEach(item => tx.Know(item.Id, item));
        tx.Know(id, new ItemIds([.. items.Select(item => item.Id)]));
        var order = await asked.FindAsync();
        tx.Know(id, order);
        return order;
    }

    /// <summary>Keeps an order until the transaction ends, where what it says isn't needed.</summary>
    public Task HoldAsync(Tx tx, OrderId id, CancellationToken cancellation) => tx.Known<Order>(id) is not null ? Task.CompletedTask : tx.LockLaterAsync(
        $"select id from orders where id = @id{tx.Dialect.ForUpdate}", new { id },
        found => _ = found == 1 ? found : throw new InvalidOperationException($"There is no order {id}."), cancellation);

    /// <summary>All that stands about an order in this room, in one round trip; null where there is none.</summary>
    public async Task<WholeOrder?> WholeAsync(Session session, OrderId id, CancellationToken cancellation)
    {
        var of = new { id };
        var order = session.Ask<Order>($"select {OrderColumns} from orders where id = @id", of, cancellation);
        var items = AskItems(session, id, cancellation);
        var callbacks = session.Ask<CallbackRow>(CallbacksOf, of, cancellation);
        var details = session.Ask<DetailRow>(DetailsOf, of, cancellation);
        var payments = session.Ask<PaymentRow>(PaymentsOf, of, cancellation);
        var log = session.Ask<OrderLogRow>(LogOf, of, cancellation);
        var plan = session.Ask<string>("select name from plans where id = (select plan_id from orders where id = @id)", of, cancellation);
        var subscription = session.Ask<string>("select name from subscriptions where id = (select subscription_id from orders where id = @id)", of, cancellation);
        return await order.FindAsync() is { } found
            ? new WholeOrder(
                found, await items.AllAsync(), await callbacks.AllAsync(), await details.AllAsync(), await payments.AllAsync(), await log.AllAsync(),
                await plan.GetAsync(), await subscription.GetAsync())
            : null;
    }

    public Task<List<Order>> ListAsync(Session session, OrderState? state, AccountId? customer, SubscriptionId? subscription, long before, int limit, CancellationToken cancellation)
    {
        var where = (state is null ? "" : " and state = @State")
            + (customer is null ? "" : " and customer_id = @customer")
            + (subscription is null ? "" : " and subscription_id = @subscription");
        return session.QueryAsync<Order>(
            $"select {OrderColumns} from orders where id < @before{where} order by id desc limit @limit",
            new { before, limit, State = state?.ToString(), customer, subscription }, cancellation);
    }

    /// <summary>Paid orders that are not complete and have not moved since a time, oldest first.</summary>
    public Task<List<Order>> StalledAsync(Session session, DateTimeOffset until, long after, int limit, CancellationToken cancellation) => session.QueryAsync<Order>(
        $"select {OrderColumns} from orders where state in ('PD', 'PR', 'PF', 'LO') and changed_at <= @until and id > @after order by id limit @limit",
        new { until, after, limit }, cancellation);

    /// <summary>
    /// Saves a move as from → to with the row of the log; the order as it is then. Throws when it isn't as it was read: it is locked, so that is a fault
    /// of ours.
    /// </summary>
    public async Task<Order> MoveAsync(Tx tx, Order order, OrderState to, string operation, string why, Actor actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var moved = order with { State = to, ChangedAt = now, CompletedAt = to == OrderState.CP ? now : order.CompletedAt, Version = order.Version + 1 };
        await tx.OneLaterAsync(
            """
            update orders set state = @To, changed_at = @now, completed_at = @completed, version = version + 1
            where id = @Id and state = @From and version = @Version
            """,
            new { order.Id, From = order.State.ToString(), To = to.ToString(), order.Version, now, completed = moved.CompletedAt },
            () => new InvalidOperationException($"Order {order.Id} is no longer {order.State} in version {order.Version}."), cancellation);
        await LogAsync(tx, order.Id, order.State, to, operation, why, actor, cancellation);
        await TellAsync(tx, moved, why, cancellation);
        tx.Know(order.Id, moved);
        return moved;
    }

    /// <summary>Writes a payment; the order as it is then.</summary>
    public async Task<Order> AddPaymentAsync(Tx tx, Order order, long amount, string reference, string note, Actor actor, CancellationToken cancellation)
    {
        await tx.LaterAsync(
            """
            insert into payments(order_id, amount, currency, reference, note, actor, received_at)
            values (@Id, @amount, @Currency, @reference, @note, @actor, @now)
            """,
            new { order.Id, amount, order.Currency, reference, note, actor = actor.Name, now = time.GetUtcNow() }, cancellation);
        await tx.LaterAsync("update orders set paid = paid + @amount where id = @Id", new { order.Id, amount }, cancellation);
        var paid = order with { Paid = order.Paid + amount };
        tx.Know(order.Id, paid);
        return paid;
    }

    public async Task AddDetailsAsync(Tx tx, OrderId id, IReadOnlyList<DetailRow> details, CancellationToken cancellation)
    {
        foreach (var detail in details)
        {
            await tx.LaterAsync(
                """
                insert into order_details(order_id, kind, resource_id, description, quantity, unit_amount, amount)
                values (@id, @Kind, @ResourceId, @Description, @Quantity, @UnitAmount, @Amount)
                """,
                new { id, Kind = detail.Kind.ToString(), detail.ResourceId, detail.Description, detail.Quantity, detail.UnitAmount, detail.Amount },
                cancellation);
        }
    }

    public Task<List<OrderLogRow>> LogAsync(Session session, OrderId id, CancellationToken cancellation) =>
        session.QueryAsync<OrderLogRow>(LogOf, new { id }, cancellation);

    public Task<long> AddItemAsync(Tx tx, Item item, CancellationToken cancellation)
    {
        tx.Know<ItemIds>(item.OrderId, null);
        return tx.InsertAsync(
            """
            insert into provisioning_items(order_id, subscription_id, kind, status, comment, key_type, features, add_ons, change, changes_license, changed_at)
            values (@OrderId, @SubscriptionId, @Kind, @Status, '', @KeyType, @Features, @AddOns, @Change, @ChangesLicense, @now) returning id
            """,
            new
            {
                item.OrderId, item.SubscriptionId, Kind = item.Kind.ToString(), Status = item.Status.ToString(), item.KeyType, item.Features, item.AddOns, item.Change, item.ChangesLicense,
                now = time.GetUtcNow(),
            },
            cancellation);
    }

    public async Task<List<Item>> ItemsAsync(Session session, OrderId id, CancellationToken cancellation) => session is Tx tx && tx.Known<ItemIds>(id) is { } known
        ? [.. known.Ids.Select(item => tx.Known<Item>(item)!)]
        : await AskItems(session, id, cancellation).AllAsync();

    /// <summary>The open order of a subscription; null where there is none.</summary>
    public async Task<OrderId?> OpenOfAsync(Session session, SubscriptionId subscription, CancellationToken cancellation) =>
        (await session.QueryAsync<OrderId>("select id from orders where subscription_id = @subscription and state not in ('CP', 'CL', 'FR')", new { subscription }, cancellation)) is [var id, ..] ? id : null;

    /// <summary>The renewal of the period that begins on a day, paid or open; null where there is none.</summary>
    public Task<Order?> RenewalOfAsync(Session session, SubscriptionId subscription, DateOnly from, CancellationToken cancellation) => session.FindAsync<Order>(
        $"select {OrderColumns} from orders where subscription_id = @subscription and renews_from = @from and state not in ('CL', 'FR') order by id desc limit 1", new { subscription, from }, cancellation);

    public async Task<Item?> FindItemAsync(Session session, ItemId id, CancellationToken cancellation) =>
        (session as Tx)?.Known<Item>(id) ?? await session.FindAsync<Item>($"select {ItemColumns} from provisioning_items where id = @id", new { id }, cancellation);

    public Task<Item?> FindItemAsync(Session session, LicenseId license, CancellationToken cancellation) =>
        session.FindAsync<Item>($"select {ItemColumns} from provisioning_items where license_id = @license", new { license }, cancellation);

    /// <summary>The newest item that changes a license; null where there is none.</summary>
    public Task<Item?> FindChangeItemAsync(Session session, LicenseId license, CancellationToken cancellation) =>
        session.FindAsync<Item>($"select {ItemColumns} from provisioning_items where changes_license = @license order by id desc limit 1", new { license }, cancellation);

    /// <summary>The hosting item of a subscription's newest order; null where it has none.</summary>
    public Task<Item?> FindHostingItemAsync(Session session, SubscriptionId subscription, CancellationToken cancellation) =>
        session.FindAsync<Item>(
            $"select {ItemColumns} from provisioning_items where subscription_id = @subscription and kind = @kind order by id desc limit 1",
            new { subscription, kind = nameof(ItemKind.Hosting) }, cancellation);

    /// <summary>An item begins, or begins anew: what was said of it before no longer counts.</summary>
    public Task SubmitItemAsync(Tx tx, ItemId id, LicenseId? license, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Know(tx, id, item => item with
        {
            Status = ItemStatus.InProgress, Comment = "", Remedy = null, SubmittedAt = now, Answered = null, LicenseId = license ?? item.LicenseId, Version = item.Version + 1,
        });
        return tx.LaterAsync(
            """
            update provisioning_items set status = @Status, comment = '', remedy = null, submitted_at = @now, answered = null,
              license_id = coalesce(@license, license_id), changed_at = @now, version = version + 1
            where id = @id
            """,
            new { id, Status = nameof(ItemStatus.InProgress), license, now }, cancellation);
    }

    public Task SetWorkAsync(Tx tx, ItemId id, long work, CancellationToken cancellation)
    {
        Know(tx, id, item => item with { WorkId = work });
        return tx.LaterAsync("update provisioning_items set work_id = @work where id = @id", new { id, work }, cancellation);
    }

    public Task AnswerItemAsync(Tx tx, ItemId id, bool successfully, string message, CancellationToken cancellation)
    {
        Know(tx, id, item => item with { Answered = successfully, Comment = message });
        return tx.LaterAsync("update provisioning_items set answered = @successfully, comment = @message where id = @id", new { id, successfully, message }, cancellation);
    }

    public Task SetItemAsync(Tx tx, ItemId id, ItemStatus status, string comment, string? remedy, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var completed = status == ItemStatus.Completed ? now : (DateTimeOffset?)null;
        Know(tx, id, item => item with { Status = status, Comment = comment, Remedy = remedy, CompletedAt = completed, Version = item.Version + 1 });
        return tx.LaterAsync(
            """
            update provisioning_items set status = @Status, comment = @comment, remedy = @remedy, completed_at = @completed, changed_at = @now, version = version + 1
            where id = @id
            """,
            new { id, Status = status.ToString(), comment, remedy, completed, now }, cancellation);
    }

    public Task AddCallbackAsync(Tx tx, ItemId item, bool successfully, string message, string? ignoredBecause, Actor actor, CancellationToken cancellation) =>
        tx.LaterAsync(
            """
            insert into item_callbacks(item_id, at, actor, issued_successfully, message, ignored_because)
            values (@item, @now, @actor, @successfully, @message, @ignoredBecause)
            """,
            new { item, now = time.GetUtcNow(), actor = actor.Name, successfully, message, ignoredBecause }, cancellation);

    // States that an order only passes through are no news.
    private Task TellAsync(Tx tx, Order order, string why, CancellationToken cancellation) => OrderNews.TopicOf(order.State) is { } topic
        ? outbox.AddAsync(
            tx, topic, $"order/{order.Id}",
            Json.Write(new { order.Id, order.Type, State = order.State.ToString(), order.CustomerId, order.SubscriptionId, order.Total, order.Paid, order.Currency, Why = why }), cancellation)
        : Task.CompletedTask;

    private static Question<Item> AskItems(Session session, OrderId id, CancellationToken cancellation) =>
        session.Ask<Item>($"select {ItemColumns} from provisioning_items where order_id = @id order by id", new { id }, cancellation);

    // Items are known where their order is locked.
    private static void Know(Tx tx, ItemId id, Func<Item, Item> change)
    {
        if (tx.Known<Item>(id) is { } item)
        {
            tx.Know(id, change(item));
        }
    }

    private sealed record ItemIds(IReadOnlyList<ItemId> Ids);

    private Task LogAsync(Tx tx, OrderId id, OrderState? from, OrderState to, string operation, string why, Actor actor, CancellationToken cancellation) =>
        tx.LaterAsync(
            """
            insert into order_log(order_id, at, from_state, to_state, operation, why, actor, trace)
            values (@id, @now, @From, @To, @operation, @why, @actor, @trace)
            """,
            new { id, now = time.GetUtcNow(), From = from?.ToString(), To = to.ToString(), operation, why, actor = actor.Name, trace = Activity.Current?.TraceId.ToString() },
            cancellation);
}
