using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Upgrades or downgrades a license, adds or removes features and additional licenses: previewed first, executed with the preview's token. What the token says is
/// compared with what the change would be now.
/// </summary>
public sealed class ChangeLicense
{
    private readonly LicenseChanges _changes;
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderStore _orders;
    private readonly PlanStore _plans;
    private readonly InvoiceStore _invoices;
    private readonly CatalogReader _catalog;
    private readonly ChangeOrders _placing;
    private readonly Renewals _renewals;
    private readonly OrderFlow _flow;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal ChangeLicense(
        LicenseChanges changes, SubscriptionStore subscriptions, OrderStore orders, PlanStore plans, InvoiceStore invoices, CatalogReader catalog, ChangeOrders placing, Renewals renewals, OrderFlow flow,
        Audit audit, TimeProvider time) =>
        (_changes, _subscriptions, _orders, _plans, _invoices, _catalog, _placing, _renewals, _flow, _audit, _time) =
            (changes, subscriptions, orders, plans, invoices, catalog, placing, renewals, flow, audit, time);

    /// <summary>What the change will do; refused where it is impossible, and while the subscription is not in good standing or has an open order.</summary>
    /// <param name="session">The database.</param>
    /// <param name="id">The license.</param>
    /// <param name="request">What it is to become.</param>
    /// <param name="canChange">Whether its issuer changes keys, as <see cref="LicenseChanges.CanChangeAsync"/> says.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<Result<ChangePreview>> PreviewAsync(Session session, LicenseId id, ChangeLicenseRequest request, bool canChange, CancellationToken cancellation) =>
        (await FindAsync(session, id, request, canChange, cancellation)).Map(f => f.Preview);

    /// <summary>Executes what was previewed; refused where it would be something else now.</summary>
    public async Task<Result<LicenseChangeState>> HandleAsync(Tx tx, LicenseId id, ChangeLicenseRequest request, bool canChange, Actor actor, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(request.Token))
        {
            return OrdersErrors.ChangeTokenMissing.At("token");
        }

        await _changes.LockAsync(tx, id, cancellation);
        if (!(await FindAsync(tx, id, request, canChange, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        var (change, preview, order) = found;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(preview.Token), Encoding.UTF8.GetBytes(request.Token.Trim())))
        {
            return OrdersErrors.ChangeStale.Because($"The token is not that of this change as it would be now: {string.Join("; ", preview.Calls)}{Money(preview)}.").At("token");
        }

        // The staff may give what is not paid yet; a customer pays it with the next period.
        if (actor.Kind == ActorKind.Customer && preview.IsUnpaid)
        {
            return OrdersErrors.ChangeUnpaid.Because($"It would cost {Currency.Shown(preview.Money!.Difference, preview.Money.Currency)} more for each period, and nothing was paid for the present one.").At("when");
        }

        await _audit.AddAsync(tx, actor, "license.change", id.Subject, string.Join("; ", preview.Calls), cancellation);
        if (order is not { } what || preview.TakesEffectAt is not null)
        {
            await _changes.StartAsync(tx, change, preview.TakesEffectAt, actor, cancellation);
            return await ShowAsync(tx, id, cancellation);
        }

        var placed = await _placing.PlaceAsync(
            tx, what.Subscription, preview.Money!.Currency, what.Details, new ItemChange(change, canChange), $"License {id}: {string.Join("; ", preview.Calls)}.", actor, cancellation);
        return (await _flow.OpenAsync(tx, placed, "Opened with its placement.", actor, check: false, cancellation)).TryGet(out _, out var late) ? await ShowAsync(tx, id, cancellation) : late;
    }

    /// <summary>How the last change of a license stands, also one whose order is not paid.</summary>
    public async Task<Result<LicenseChangeState>> ShowAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        var item = await _orders.FindChangeItemAsync(session, id, cancellation);
        if (item is { Status: ItemStatus.NotSubmitted })
        {
            var order = (await _orders.FindAsync(session, item.OrderId, cancellation))!;
            var (_, actor) = await _orders.PlacedAsync(session, order.Id, cancellation);
            return new LicenseChangeState(item.Changes.License!, order.CreatedAt, actor.Name, null, "awaiting payment", 0, null, order.Id.Value);
        }

        return (await _changes.ShowAsync(session, id, cancellation)).Map(c => item is { WorkId: not null } && c.TakesEffectAt is null && c.AskedAt == item.SubmittedAt ? c with { Order = item.OrderId.Value } : c);
    }

    /// <summary>Undoes a change that has not taken effect; refused once it has begun, and where the period that it was to begin with is paid by it.</summary>
    public async Task<Result<LicenseChangeState>> UndoAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        var open = await _changes.MakeAsync(tx, id, cancellation) is { IsDone: true, Value.Subscription: { } number } ? await RenewalOfAsync(tx, id, SubscriptionId.Of(number), cancellation) : null;
        if (open is { IsUnpaid: false })
        {
            return OrdersErrors.ChangeCharged.Because($"Renewal order {open.Id} charged for the period from {open.RenewsFrom:yyyy-MM-dd} what license {id} is to be then.");
        }

        if (open is not null && !(await _flow.GiveUpAsync(tx, open.Id, $"The change of license {id} was undone: another renewal order takes its place.", actor, cancellation)).TryGet(out _, out var busy))
        {
            return busy;
        }

        if (!(await _changes.UndoAsync(tx, id, actor, cancellation)).TryGet(out var undone, out var refusal))
        {
            return refusal;
        }

        if (open is not null)
        {
            var subscription = (await _subscriptions.LockAsync(tx, open.SubscriptionId, cancellation))!;
            var renewal = await _renewals.PlaceAsync(tx, subscription, $"The change of license {id} was undone.", actor, cancellation);
            await _flow.OpenAsync(tx, renewal, "Opened with its placement.", actor, check: false, cancellation);
        }

        return undone;
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/licenses/{id}/change/preview",
            async (LicenseId id, ChangeLicenseRequest request, HttpContext http, Database database, LicenseChanges changes, ChangeLicense handler) =>
            {
                var canChange = await changes.CanChangeAsync(id, http.RequestAborted);
                return await database.ReadAsync(s => handler.PreviewAsync(s, id, request, canChange, http.RequestAborted), http.RequestAborted);
            })
            .WithName("PreviewLicenseChange").WithTags("Licenses").WithSummary("What a change would do: calls, money, features gained and lost, with the token to execute it.");
        routes.MapPost(
            "/licenses/{id}/change",
            async (LicenseId id, ChangeLicenseRequest request, HttpContext http, WriteDoor door, LicenseChanges changes, ChangeLicense handler) =>
            {
                var canChange = await changes.CanChangeAsync(id, http.RequestAborted);
                return await door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, canChange, actor, http.RequestAborted));
            })
            .WithName("ChangeLicense").WithTags("Licenses").WithSummary("Execute a change that was previewed, by its token, now or at the period's end.");
        routes.MapGet(
            "/licenses/{id}/change",
            (LicenseId id, HttpContext http, Database database, ChangeLicense handler) =>
                database.ReadAsync(s => handler.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ShowLicenseChange").WithTags("Licenses").WithSummary("How the last change of a license stands.");
        routes.MapPost(
            "/licenses/{id}/change/undo",
            (LicenseId id, HttpContext http, WriteDoor door, ChangeLicense handler) =>
                door.WriteAsync(http, null, (tx, actor) => handler.UndoAsync(tx, id, actor, http.RequestAborted)))
            .WithName("UndoLicenseChange").WithTags("Licenses").WithSummary("Undo a change that has not taken effect.");
    }

    private async Task<Result<(LicenseChange Change, ChangePreview Preview, (Subscription Subscription, IReadOnlyList<DetailRow> Details)? Order)>> FindAsync(Session session, LicenseId id, ChangeLicenseRequest request, bool canChange, CancellationToken cancellation)
    {
        if (!(await _changes.MakeAsync(session, id, cancellation)).TryGet(out var present, out var missing))
        {
            return missing;
        }

        var to = new LicenseMake(request.KeyType ?? present.Make.KeyType, request.Features ?? present.Make.Features, request.AddOns ?? present.Make.AddOns);
        if (!(await _changes.PreviewAsync(session, id, to, canChange, cancellation)).TryGet(out var change, out var refusal))
        {
            return refusal;
        }

        ChangeMoney? money = null;
        (Subscription Subscription, IReadOnlyList<DetailRow> Details)? order = null;
        DateTimeOffset? due = null;
        if (present.Subscription is { } number)
        {
            var subscription = (await _subscriptions.FindAsync(session, SubscriptionId.Of(number), cancellation))!;
            if (await _placing.RefusalAsync(session, subscription, cancellation) is { } busy)
            {
                return busy;
            }

            due = request.When == ChangeWhen.PeriodEnd && subscription.ExpirationDate is { } end ? new DateTimeOffset(end.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
            var plan = (await _plans.FindAsync(session, subscription.PlanId, cancellation))!;
            if (!MoneyOf(plan, change).TryGet(out money, out var fault))
            {
                return fault;
            }

            if (due is null)
            {
                var rest = Proration.Rest(plan.Periods.First(p => p.Id == subscription.PlanPeriodId), subscription.StartDate, subscription.ExpirationDate, DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime));
                var details = SubscriptionChangeRules.Details(
                    SubscriptionChangeRules.Of(plan, change), rest, subscription.ExpirationDate, await _invoices.CreditableAsync(session, subscription.Id, cancellation));
                money = money! with { Now = details.Sum(d => d.Amount), Lines = [.. details.Select(DetailView.Of)] };
                order = (subscription, details);
            }
        }

        if (request.When == ChangeWhen.PeriodEnd && due is null)
        {
            return OrdersErrors.PeriodEndUnknown.Because($"License {id} belongs to no subscription with a period that ends.").At("when");
        }

        var preview = new ChangePreview
        {
            Token = "", License = id, From = change.From, To = change.To, Gained = [.. SubscriptionChangeRules.Codes(change.To).Except(SubscriptionChangeRules.Codes(change.From))], Lost = [.. SubscriptionChangeRules.Codes(change.From).Except(SubscriptionChangeRules.Codes(change.To))],
            Calls = change.Calls, Replaces = change.Replaces, Reversible = await IsReversibleAsync(session, change, cancellation), Money = money, TakesEffectAt = due,
        };
        return (change, preview with { Token = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(preview) + Json.Write(change)))) }, order);
    }

    // The renewal of the period with which a change is to begin, where it is placed already.
    private async Task<Order?> RenewalOfAsync(Session session, LicenseId id, SubscriptionId subscription, CancellationToken cancellation) =>
        (await _changes.ShowAsync(session, id, cancellation)).TryGet(out var change, out _) && change is { State: "scheduled", TakesEffectAt: { } due }
            ? await _orders.RenewalOfAsync(session, subscription, DateOnly.FromDateTime(due.UtcDateTime), cancellation)
            : null;

    // What is gained must be for sale in the plan; what the license has already may be older than the plan is now.
    private static Result<ChangeMoney?> MoneyOf(Plan plan, LicenseChange change)
    {
        var lacking = SubscriptionChangeRules.Codes(change.To).Except(SubscriptionChangeRules.Codes(change.From)).Where(c => plan.Rates.All(r => r.Command != c))
            .Select(c => OrdersErrors.ResourceNotInPlan.Because($"Plan {plan.Id} ({plan.Name}) has no rate for {c}.")).ToList();
        return Error.Of(lacking) is { } fault ? fault : new ChangeMoney(plan.Currency, Recurring(change.From), Recurring(change.To));

        long Recurring(LicenseMake make) => SubscriptionChangeRules.Codes(make).Sum(c => plan.Rates.FirstOrDefault(r => r.Command == c) is { } rate ? rate.RecurringFee * rate.Charged(1) : 0);
    }

    private async Task<bool> IsReversibleAsync(Session session, LicenseChange change, CancellationToken cancellation) =>
        !change.Replaces && change.Acts.All(a => a.Kind != ChangeActKind.EndAddOn)
        && ChangeRules.Path(await _catalog.GetAsync(session, cancellation), change.To, change.From).TryGet(out var back, out _) && !back.Replaces;

    private static string Money(ChangePreview preview) => preview.Money is { } money ? $", {Currency.Shown(money.Now, money.Currency)} now and {Currency.Shown(money.RecurringAfter, money.Currency)} for each further period" : "";
}
