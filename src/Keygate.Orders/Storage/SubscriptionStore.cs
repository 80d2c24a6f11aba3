using System.Diagnostics;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Orders.Storage;

/// <summary>Subscriptions, what they hold, and the history of their statuses.</summary>
internal sealed class SubscriptionStore(Outbox outbox, TimeProvider time)
{
    private const string Columns =
        """
        id, customer_id, plan_id, plan_period_id, name, status, serv_status, start_date, expiration_date, target, ip_addresses,
        server, server_assigned_at, hardware_id, instance, ends_with_period, created_at, version
        """;

    public async Task<SubscriptionId> AddAsync(Tx tx, Subscription subscription, IReadOnlyList<(Rate Rate, int Quantity)> resources, string why, Actor actor, CancellationToken cancellation)
    {
        var id = SubscriptionId.Of((int)await tx.InsertAsync(
            """
            insert into subscriptions(customer_id, plan_id, plan_period_id, name, status, serv_status, target, ip_addresses, hardware_id, instance, created_at, changed_at)
            values (@CustomerId, @PlanId, @PlanPeriodId, @Name, @Status, @ServStatus, @Target, @IpAddresses, @HardwareId, @Instance, @now, @now) returning id
            """,
            new
            {
                subscription.CustomerId, subscription.PlanId, subscription.PlanPeriodId, subscription.Name, Status = (int)subscription.Status,
                ServStatus = (int)subscription.ServStatus, subscription.Target, subscription.IpAddresses, subscription.HardwareId,
                subscription.Instance, now = time.GetUtcNow(),
            },
            cancellation));
        foreach (var (rate, quantity) in resources)
        {
            await tx.LaterAsync(
                "insert into subscription_resources(subscription_id, resource_id, rate_id, quantity) values (@id, @ResourceId, @RateId, @quantity)",
                new { id, rate.ResourceId, RateId = rate.Id, quantity }, cancellation);
        }

        await LogAsync(tx, id, subscription.Status, subscription.ServStatus, why, actor, cancellation);
        return id;
    }

    /// <summary>Names a subscription that was placed without a name; the number is known only after the insert.</summary>
    public Task RenameAsync(Tx tx, SubscriptionId id, string name, CancellationToken cancellation) =>
        tx.LaterAsync("update subscriptions set name = @name where id = @id", new { id, name }, cancellation);

    public Task<Subscription?> FindAsync(Session session, SubscriptionId id, CancellationToken cancellation) =>
        Ask(session, id, cancellation).FindAsync();

    /// <summary>The same as a question.</summary>
    public Question<Subscription> Ask(Session session, SubscriptionId id, CancellationToken cancellation) =>
        session.Ask<Subscription>($"select {Columns} from subscriptions where id = @id", new { id }, cancellation);

    /// <summary>The subscription, locked until the transaction ends; null where there is none.</summary>
    public Task<Subscription?> LockAsync(Tx tx, SubscriptionId id, CancellationToken cancellation) =>
        tx.FindAsync<Subscription>($"select {Columns} from subscriptions where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation);

    /// <summary>The subscription that has a dedicated server and is not over; null where it is free.</summary>
    public Task<Subscription?> FindByServerAsync(Session session, string server, CancellationToken cancellation) =>
        session.FindAsync<Subscription>($"select {Columns} from subscriptions where server = @server and status not in (60, 70)", new { server }, cancellation);

    public Task<int> AssignServerAsync(Tx tx, SubscriptionId id, string server, string target, IReadOnlyList<string> addresses, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update subscriptions set server = @server, server_assigned_at = @now, target = @target, ip_addresses = @addresses, changed_at = @now, version = version + 1
            where id = @id
            """,
            new { id, server, target, addresses = Json.Write(addresses), now = time.GetUtcNow() }, cancellation);

    public Task<List<Subscription>> ListAsync(Session session, AccountId? customer, bool awaitsServer, long before, int limit, CancellationToken cancellation)
    {
        var where = (customer is null ? "" : " and customer_id = @customer")
            + (awaitsServer ? " and server is null and status not in (60, 70) and plan_id in (select id from plans where hosting_gate = @gate)" : "");
        return session.QueryAsync<Subscription>(
            $"select {Columns} from subscriptions where id < @before{where} order by id desc limit @limit",
            new { before, limit, customer, gate = nameof(HostingGate.DedicatedServer) }, cancellation);
    }

    /// <summary>Subscriptions of a plan that are due, by their ends.</summary>
    public Task<List<SubscriptionId>> DueAsync(Session session, PlanId plan, RenewalDue due, int limit, CancellationToken cancellation) => session.QueryAsync<SubscriptionId>(
        $"""
        select s.id from subscriptions s where s.plan_id = @plan and s.status = @Status and s.expiration_date <= @Until and s.start_date is not null
          {(due.Ends is null ? "" : "and s.ends_with_period = @Ends")}{(due.Since is null ? "" : "and s.changed_at <= @Since")}
          {(due.Unplaced ? """
            and not exists (select 1 from orders o where o.subscription_id = s.id and ((o.state not in ('CP', 'CL', 'FR') and (o.paid > 0 or o.type = 'SO' or o.state not in ('NW', 'HL', 'WP', 'WA'))) or o.renews_from = s.expiration_date))
            """ : "")}
          {(due.IsEnd ? """
            and not exists (select 1 from orders o where o.subscription_id = s.id and o.state not in ('CP', 'CL', 'FR') and (o.type = 'SO' or o.paid > 0 or o.state not in ('NW', 'HL', 'WP', 'WA')))
            """ : "")}
        order by s.expiration_date, s.id limit @limit
        """, new { plan, Status = (int)due.Status, due.Until, Ends = due.Ends ?? false, Since = due.Since ?? default, limit }, cancellation);

    public Task SetRenewalAsync(Tx tx, SubscriptionId id, bool endsWithPeriod, CancellationToken cancellation) => tx.ExecuteAsync(
        "update subscriptions set ends_with_period = @endsWithPeriod, version = version + 1 where id = @id", new { id, endsWithPeriod }, cancellation);

    public Task<List<SubscriptionResourceRow>> ResourcesAsync(Session session, SubscriptionId id, CancellationToken cancellation) =>
        session.QueryAsync<SubscriptionResourceRow>(
            """
            select s.resource_id, s.rate_id, r.gate, r.command, r.kind, r.name, r.category, s.quantity, t.included_units, t.min_units, t.max_units
            from subscription_resources s join resources r on r.id = s.resource_id join resource_rates t on t.id = s.rate_id
            where s.subscription_id = @id order by s.rate_id
            """,
            new { id }, cancellation);

    /// <summary>Units more or less of a resource; what is left with none is no longer held.</summary>
    public async Task AddUnitsAsync(Tx tx, SubscriptionId id, Rate rate, int units, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            """
            insert into subscription_resources(subscription_id, resource_id, rate_id, quantity) values (@id, @ResourceId, @RateId, @units)
            on conflict (subscription_id, resource_id) do update set quantity = subscription_resources.quantity + excluded.quantity
            """, new { id, rate.ResourceId, RateId = rate.Id, units }, cancellation);
        await tx.ExecuteAsync("delete from subscription_resources where subscription_id = @id and resource_id = @ResourceId and quantity <= 0", new { id, rate.ResourceId }, cancellation);
    }

    public Task<List<SubscriptionHistoryRow>> HistoryAsync(Session session, SubscriptionId id, CancellationToken cancellation) =>
        session.QueryAsync<SubscriptionHistoryRow>(
            "select at, actor, status, serv_status, why from subscription_history where subscription_id = @id order by id", new { id }, cancellation);

    /// <summary>Sets both statuses, and the dates where it begins to run, with the row of its history.</summary>
    public async Task MoveAsync(
        Tx tx, SubscriptionId id, AccountId customer, SubscriptionStatus status, ServiceStatus service, (DateOnly Start, DateOnly End)? runs, string why, Actor actor,
        CancellationToken cancellation)
    {
        await tx.LaterAsync(
            """
            update subscriptions set status = @status, serv_status = @service, start_date = coalesce(@start, start_date),
              expiration_date = coalesce(@end, expiration_date), changed_at = @now, version = version + 1
            where id = @id
            """,
            new { id, status = (int)status, service = (int)service, start = runs?.Start, end = runs?.End, now = time.GetUtcNow() }, cancellation);
        await LogAsync(tx, id, status, service, why, actor, cancellation);
        if (OrderNews.TopicOf(status) is { } topic)
        {
            await outbox.AddAsync(
                tx, topic, id.Subject, Json.Write(new { Id = id, Status = status, ServiceStatus = service, CustomerId = customer, ExpirationDate = runs?.End, Why = why }), cancellation);
        }
    }

    private Task LogAsync(Tx tx, SubscriptionId id, SubscriptionStatus status, ServiceStatus service, string why, Actor actor, CancellationToken cancellation) =>
        tx.LaterAsync(
            """
            insert into subscription_history(subscription_id, at, actor, status, serv_status, why, trace)
            values (@id, @now, @actor, @status, @service, @why, @trace)
            """,
            new { id, now = time.GetUtcNow(), actor = actor.Name, status = (int)status, service = (int)service, why, trace = Activity.Current?.TraceId.ToString() },
            cancellation);
}

/// <summary>A resource that a subscription holds.</summary>
internal sealed class SubscriptionResourceRow
{
    public ResourceId ResourceId { get; init; }
    public RateId RateId { get; init; }
    public string Gate { get; init; } = "";
    public string Command { get; init; } = "";
    public ResourceKind Kind { get; init; }
    public string Name { get; init; } = "";
    public string Category { get; init; } = "";
    public int Quantity { get; init; }
    public int IncludedUnits { get; init; }
    public int MinUnits { get; init; }
    public int MaxUnits { get; init; }
}

/// <summary>A change of a subscription's statuses.</summary>
internal sealed class SubscriptionHistoryRow
{
    public DateTimeOffset At { get; init; }
    public string Actor { get; init; } = "";
    public SubscriptionStatus Status { get; init; }
    public ServiceStatus ServStatus { get; init; }
    public string Why { get; init; } = "";
}
