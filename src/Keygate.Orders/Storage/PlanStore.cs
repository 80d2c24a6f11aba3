using Keygate.Storage;

namespace Keygate.Orders.Storage;

/// <summary>Plans, their periods and rates.</summary>
internal sealed class PlanStore(TimeProvider time)
{
    private const string PlanColumns =
        "id, name, description, currency, hosting_gate, issuer_id, installer_id, approval_needed, published, renew_before_days, grace_days, hold_days, destroy_after_hold, version";

    private const string RateColumns =
        """
        t.id, t.plan_id, t.resource_id, r.gate, r.command, r.kind, r.name, r.category,
        t.included_units, t.min_units, t.max_units, t.setup_fee, t.recurring_fee
        """;

    public async Task<PlanId> AddAsync(Tx tx, Plan plan, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = PlanId.Of((int)await tx.InsertAsync(
            """
            insert into plans(name, description, currency, hosting_gate, issuer_id, installer_id, approval_needed, published, renew_before_days, grace_days, hold_days,
              destroy_after_hold, created_at, changed_at)
            values (@Name, @Description, @Currency, @Gate, @IssuerId, @InstallerId, @ApprovalNeeded, @Published, @RenewBeforeDays, @GraceDays, @HoldDays, @DestroyAfterHold, @now, @now) returning id
            """,
            new
            {
                plan.Name, plan.Description, plan.Currency, Gate = plan.HostingGate.ToString(), plan.IssuerId, plan.InstallerId,
                plan.ApprovalNeeded, plan.Published, plan.RenewBeforeDays, plan.GraceDays, plan.HoldDays, plan.DestroyAfterHold, now,
            },
            cancellation));
        foreach (var period in plan.Periods)
        {
            await tx.ExecuteAsync(
                """
                insert into plan_periods(plan_id, period, period_type, setup_fee, subscription_fee, renewal_fee)
                values (@id, @Period, @Type, @SetupFee, @SubscriptionFee, @RenewalFee)
                """,
                new { id, period.Period, Type = (int)period.PeriodType, period.SetupFee, period.SubscriptionFee, period.RenewalFee }, cancellation);
        }

        foreach (var rate in plan.Rates)
        {
            await tx.ExecuteAsync(
                """
                insert into resource_rates(plan_id, resource_id, included_units, min_units, max_units, setup_fee, recurring_fee)
                values (@id, @ResourceId, @IncludedUnits, @MinUnits, @MaxUnits, @SetupFee, @RecurringFee)
                """,
                new { id, rate.ResourceId, rate.IncludedUnits, rate.MinUnits, rate.MaxUnits, rate.SetupFee, rate.RecurringFee }, cancellation);
        }

        return id;
    }

    /// <summary>The plan without its periods and rates.</summary>
    public Task<Plan?> FindHeadAsync(Session session, PlanId id, CancellationToken cancellation) =>
        Ask(session, id, cancellation).FindAsync();

    /// <summary>The same as a question.</summary>
    public Question<Plan> Ask(Session session, PlanId id, CancellationToken cancellation) =>
        session.Ask<Plan>($"select {PlanColumns} from plans where id = @id", new { id }, cancellation);

    public async Task<Plan?> FindAsync(Session session, PlanId id, CancellationToken cancellation)
    {
        var plan = await FindHeadAsync(session, id, cancellation);
        if (plan is not null)
        {
            plan.Periods = await session.QueryAsync<PlanPeriod>(
                "select id, plan_id, period, period_type, setup_fee, subscription_fee, renewal_fee from plan_periods where plan_id = @id order by id",
                new { id }, cancellation);
            plan.Rates = await session.QueryAsync<Rate>(
                $"select {RateColumns} from resource_rates t join resources r on r.id = t.resource_id where t.plan_id = @id order by t.id",
                new { id }, cancellation);
        }

        return plan;
    }

    public Task<PlanPeriod?> FindPeriodAsync(Session session, PlanPeriodId id, CancellationToken cancellation) =>
        session.FindAsync<PlanPeriod>(
            "select id, plan_id, period, period_type, setup_fee, subscription_fee, renewal_fee from plan_periods where id = @id", new { id }, cancellation);

    /// <summary>Plans after an id, without periods and rates.</summary>
    public Task<List<Plan>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<Plan>($"select {PlanColumns} from plans where id > @after order by id limit @limit", new { after, limit }, cancellation);

    /// <summary>The plans whose subscriptions are renewed.</summary>
    public async Task<IReadOnlyList<(PlanId Id, ServiceTerms Terms)>> WithTermsAsync(Session session, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Plan>($"select {PlanColumns} from plans where renew_before_days is not null order by id", null, cancellation)).Select(p => (p.Id, p.Terms!))];

    public Task SetTermsAsync(Tx tx, PlanId id, ServiceTerms? terms, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        update plans set renew_before_days = @before, grace_days = @grace, hold_days = @hold, destroy_after_hold = @destroy, changed_at = @now, version = version + 1 where id = @id
        """,
        new { id, before = terms?.RenewBeforeDays, grace = terms?.GraceDays, hold = terms?.HoldDays, destroy = terms?.DestroyAfterHold, now = time.GetUtcNow() }, cancellation);

    public Task<int> PublishAsync(Tx tx, PlanId id, bool published, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plans set published = @published, changed_at = @now, version = version + 1 where id = @id",
            new { id, published, now = time.GetUtcNow() }, cancellation);
}
