using Keygate.Accounts;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>
/// Brings subscriptions to where their plan's terms and the date say: places renewal orders before a period ends; unpaid, the service runs on for the days of grace, is
/// stopped for those of the hold, and ends for good. The days count from the period's end, but nobody has fewer of them because Keygate was away meanwhile.
/// </summary>
internal sealed class RenewDue(
    SubscriptionStore subscriptions, OrderStore orders, PlanStore plans, Renewals renewals, OrderFlow flow, LicenseStandings standings, SubscriptionEndings endings, Audit audit, TimeProvider time) : RecurringJob
{
    private const int Batch = 50;

    public override string Name => "orders.renew-due";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var left = Batch;
        foreach (var (plan, terms) in await plans.WithTermsAsync(tx, cancellation))
        {
            foreach (var (due, act) in new (RenewalDue, Func<Subscription, Task>)[]
            {
                (RenewalDue.ToPlace(today.AddDays(terms.RenewBeforeDays)), s => PlaceAsync(tx, s, cancellation)),
                (RenewalDue.ToEnd(today), s => EndAsync(tx, s, $"It was to end with its period, on {s.ExpirationDate:yyyy-MM-dd}.", cancellation)),
                (RenewalDue.ToDestroy(today.AddDays(-terms.GraceDays - terms.HoldDays), now.AddDays(-terms.HoldDays)), s => EndAsync(tx, s, $"It was not renewed within {terms.GraceDays} days of grace and {terms.HoldDays} of hold.", cancellation)),
                (RenewalDue.ToHold(today.AddDays(-terms.GraceDays), now.AddDays(-terms.GraceDays)), s => HoldAsync(tx, s, terms, cancellation)),
                (RenewalDue.ToGrace(today), s => GraceAsync(tx, s, terms, cancellation)),
            })
            {
                if (due.Status == SubscriptionStatus.Expired && !terms.DestroyAfterHold)
                {
                    continue;
                }

                foreach (var id in await subscriptions.DueAsync(tx, plan, due, left, cancellation))
                {
                    // The order comes first, as for whoever else changes both.
                    if (await orders.OpenOfAsync(tx, id, cancellation) is { } open)
                    {
                        await orders.LockAsync(tx, open, cancellation);
                    }

                    if (await subscriptions.LockAsync(tx, id, cancellation) is { } subscription && due.Fits(subscription))
                    {
                        await act(subscription);
                    }

                    left--;
                }

                if (left == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private async Task PlaceAsync(Tx tx, Subscription subscription, CancellationToken cancellation)
    {
        // A change or a cancellation that is not paid keeps nobody from renewing.
        if (await orders.OpenOfAsync(tx, subscription.Id, cancellation) is { } open
            && !(await flow.GiveUpAsync(tx, open, "It was not paid before the renewal of the period.", Actor.Keygate, cancellation)).TryGet(out _, out _))
        {
            return;
        }

        var order = await renewals.PlaceAsync(tx, subscription, $"The period ends on {subscription.ExpirationDate:yyyy-MM-dd}.", Actor.Keygate, cancellation);
        await flow.OpenAsync(tx, order, "Opened with its placement.", Actor.Keygate, check: false, cancellation);
    }

    private async Task GraceAsync(Tx tx, Subscription subscription, ServiceTerms terms, CancellationToken cancellation)
    {
        var why = $"The period ended on {subscription.ExpirationDate:yyyy-MM-dd} and its renewal is not paid; it runs on until {subscription.ExpirationDate!.Value.AddDays(terms.GraceDays):yyyy-MM-dd}.";
        await MoveAsync(tx, subscription, SubscriptionOperation.Grace, subscription.ServStatus, why, cancellation);
        await standings.LoseAsync(tx, subscription.Id.Value, why, Actor.Keygate, cancellation);
    }

    private async Task HoldAsync(Tx tx, Subscription subscription, ServiceTerms terms, CancellationToken cancellation)
    {
        var why = $"The days of grace are over and its renewal is not paid; it is stopped{(terms.DestroyAfterHold ? $" and ends on {subscription.ExpirationDate!.Value.AddDays(terms.GraceDays + terms.HoldDays):yyyy-MM-dd}" : "")}.";
        await MoveAsync(tx, subscription, SubscriptionOperation.Expire, ServiceStatus.Stopped, why, cancellation);
        await standings.HoldAsync(tx, subscription.Id.Value, why, Actor.Keygate, cancellation);
    }

    private async Task EndAsync(Tx tx, Subscription subscription, string why, CancellationToken cancellation)
    {
        if (await orders.OpenOfAsync(tx, subscription.Id, cancellation) is { } open && !(await flow.GiveUpAsync(tx, open, why, Actor.Keygate, cancellation)).TryGet(out _, out _))
        {
            // Another order is open, or this one has been paid meanwhile: that decides first.
            return;
        }

        await audit.AddAsync(tx, Actor.Keygate, "subscription.cancelled", subscription.Id.Subject, why, cancellation);
        await endings.EndAsync(tx, subscription, null, why, Actor.Keygate, cancellation);
    }

    private async Task MoveAsync(Tx tx, Subscription subscription, SubscriptionOperation operation, ServiceStatus service, string why, CancellationToken cancellation)
    {
        if (!SubscriptionMoves.Next(subscription.Id, subscription.Status, operation).TryGet(out var to, out var refusal))
        {
            throw new InvalidOperationException(refusal.Detail);
        }

        await subscriptions.MoveAsync(tx, subscription.Id, subscription.CustomerId, to, service, null, why, Actor.Keygate, cancellation);
    }
}

/// <summary>Which subscriptions are due for what.</summary>
/// <param name="Status">Their status.</param>
/// <param name="Until">The last expiration date that is due.</param>
/// <param name="Ends">Whether they are to end with their period; null where that is the same.</param>
/// <param name="Unplaced">True for those only that have no open order and no renewal order for this end.</param>
/// <param name="Since">Unchanged since that time; null where that does not matter.</param>
internal sealed record RenewalDue(SubscriptionStatus Status, DateOnly Until, bool? Ends, bool Unplaced, DateTimeOffset? Since = null)
{
    /// <summary>True where it is stopped or ends, which an order that is being worked on keeps it from: nobody shall lose his service over what he has paid.</summary>
    public bool IsEnd => !Unplaced;

    public static RenewalDue ToPlace(DateOnly until) => new(SubscriptionStatus.Active, until, Ends: false, Unplaced: true);

    public static RenewalDue ToEnd(DateOnly until) => new(SubscriptionStatus.Active, until, Ends: true, Unplaced: false);

    public static RenewalDue ToGrace(DateOnly until) => new(SubscriptionStatus.Active, until, Ends: false, Unplaced: false);

    public static RenewalDue ToHold(DateOnly until, DateTimeOffset since) => new(SubscriptionStatus.Graced, until, null, Unplaced: false, since);

    public static RenewalDue ToDestroy(DateOnly until, DateTimeOffset since) => new(SubscriptionStatus.Expired, until, null, Unplaced: false, since);

    /// <summary>The same of one subscription, read again under its lock.</summary>
    public bool Fits(Subscription subscription) =>
        subscription.Status == Status && subscription.ExpirationDate <= Until && (Ends is null || subscription.EndsWithPeriod == Ends);
}
