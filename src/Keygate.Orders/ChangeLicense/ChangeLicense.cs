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
    private readonly CatalogReader _catalog;
    private readonly Audit _audit;

    internal ChangeLicense(LicenseChanges changes, SubscriptionStore subscriptions, OrderStore orders, PlanStore plans, CatalogReader catalog, Audit audit) =>
        (_changes, _subscriptions, _orders, _plans, _catalog, _audit) = (changes, subscriptions, orders, plans, catalog, audit);

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

        var (change, preview) = found;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(preview.Token), Encoding.UTF8.GetBytes(request.Token.Trim())))
        {
            return OrdersErrors.ChangeStale.Because($"The token is not that of this change as it would be now: {string.Join("; ", preview.Calls)}{Money(preview)}.").At("token");
        }

        // The staff may give what is not paid yet; a customer pays it with the next period.
        if (actor.Kind == ActorKind.Customer && preview.IsUnpaid)
        {
            return OrdersErrors.ChangeUnpaid.Because($"It would cost {Currency.Shown(preview.Money!.Difference, preview.Money.Currency)} more for each period, and nothing was paid for the present one.").At("when");
        }

        await _changes.StartAsync(tx, change, preview.TakesEffectAt, actor, cancellation);
        await _audit.AddAsync(tx, actor, "license.change", id.Subject, string.Join("; ", preview.Calls), cancellation);
        return await _changes.ShowAsync(tx, id, cancellation);
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
            (LicenseId id, HttpContext http, Database database, LicenseChanges changes) =>
                database.ReadAsync(s => changes.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ShowLicenseChange").WithTags("Licenses").WithSummary("How the last change of a license stands.");
        routes.MapPost(
            "/licenses/{id}/change/undo",
            (LicenseId id, HttpContext http, WriteDoor door, LicenseChanges changes) =>
                door.WriteAsync(http, null, (tx, actor) => changes.UndoAsync(tx, id, actor, http.RequestAborted)))
            .WithName("UndoLicenseChange").WithTags("Licenses").WithSummary("Undo a change that has not taken effect.");
    }

    private async Task<Result<(LicenseChange Change, ChangePreview Preview)>> FindAsync(Session session, LicenseId id, ChangeLicenseRequest request, bool canChange, CancellationToken cancellation)
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
        DateTimeOffset? due = null;
        if (present.Subscription is { } number)
        {
            var subscription = (await _subscriptions.FindAsync(session, SubscriptionId.Of(number), cancellation))!;
            if (await RefusalAsync(session, subscription, cancellation) is { } busy)
            {
                return busy;
            }

            due = request.When == ChangeWhen.PeriodEnd && subscription.ExpirationDate is { } end ? new DateTimeOffset(end.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
            if (!MoneyOf((await _plans.FindAsync(session, subscription.PlanId, cancellation))!, change).TryGet(out money, out var fault))
            {
                return fault;
            }
        }

        if (request.When == ChangeWhen.PeriodEnd && due is null)
        {
            return OrdersErrors.PeriodEndUnknown.Because($"License {id} belongs to no subscription with a period that ends.").At("when");
        }

        var preview = new ChangePreview
        {
            Token = "", License = id, From = change.From, To = change.To, Gained = [.. Codes(change.To).Except(Codes(change.From))], Lost = [.. Codes(change.From).Except(Codes(change.To))],
            Calls = change.Calls, Replaces = change.Replaces, Reversible = await IsReversibleAsync(session, change, cancellation), Money = money, TakesEffectAt = due,
        };
        return (change, preview with { Token = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(preview) + Json.Write(change)))) });
    }

    private async Task<Error?> RefusalAsync(Session session, Subscription subscription, CancellationToken cancellation) =>
        !SubscriptionMoves.IsInGoodStanding(subscription.Status) ? OrdersErrors.NotInGoodStanding.Because($"Subscription {subscription.Id} is {subscription.Status}.")
        : await _orders.OpenOfAsync(session, subscription.Id, cancellation) is { } open ? OrdersErrors.SubscriptionBusy.Because($"Subscription {subscription.Id} has the open order {open}.")
        : null;

    // What is gained must be for sale in the plan; what the license has already may be older than the plan is now.
    private static Result<ChangeMoney?> MoneyOf(Plan plan, LicenseChange change)
    {
        var lacking = Codes(change.To).Except(Codes(change.From)).Where(c => plan.Rates.All(r => r.Command != c))
            .Select(c => OrdersErrors.ResourceNotInPlan.Because($"Plan {plan.Id} ({plan.Name}) has no rate for {c}.")).ToList();
        return Error.Of(lacking) is { } fault ? fault : new ChangeMoney(plan.Currency, Recurring(change.From), Recurring(change.To));

        long Recurring(LicenseMake make) => Codes(make).Sum(c => plan.Rates.FirstOrDefault(r => r.Command == c) is { } rate ? rate.RecurringFee * rate.Charged(1) : 0);
    }

    private async Task<bool> IsReversibleAsync(Session session, LicenseChange change, CancellationToken cancellation) =>
        !change.Replaces && change.Acts.All(a => a.Kind != ChangeActKind.EndAddOn)
        && ChangeRules.Path(await _catalog.GetAsync(session, cancellation), change.To, change.From).TryGet(out var back, out _) && !back.Replaces;

    private static IEnumerable<string> Codes(LicenseMake make) => make.Features.Concat(make.AddOns).Prepend(make.KeyType);

    private static string Money(ChangePreview preview) => preview.Money is { } money ? $", {Currency.Shown(money.RecurringAfter, money.Currency)} for each period" : "";
}
