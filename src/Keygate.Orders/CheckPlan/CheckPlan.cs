using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>What the catalog compiler says of a plan.</summary>
public sealed record PlanCheck
{
    /// <summary>The plan; null for one that is not added yet.</summary>
    public PlanId? Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>True when it can be ordered now.</summary>
    public required bool Published { get; init; }

    /// <summary>True when no order of it fails for a reason that can be known before: only then it may be published.</summary>
    public required bool Passes { get; init; }

    /// <summary>When it was last seen what the issuer's account offers; null where that is not known, or the plan has no licenses.</summary>
    public DateTimeOffset? OfferAt { get; init; }

    /// <summary>What was found out; null where the plan has no licenses.</summary>
    public CatalogCheck? Check { get; init; }

    /// <summary>What is wrong with the plan beside its orders.</summary>
    public IReadOnlyList<CheckFinding> Findings { get; init; } = [];

    /// <summary>One error for all that keeps it from being published; null where it passes.</summary>
    internal Error? Refusal()
    {
        var causes = Findings.Concat(Check?.Findings ?? []).Where(f => f.Blocks).Select(f => (f.Cause, f.Repair))
            .Concat((Check?.Causes ?? []).Select(c => (Cause: Example(c), c.Repair))).Take(20);
        return Error.Of([.. causes.Select(c => OrdersErrors.PlanWouldFail.Because(c.Cause).Mend(c.Repair))]);
    }

    private string Example(FailureCause cause)
    {
        var order = Check!.Failures.FirstOrDefault(f => f.Cause == cause.Cause && f.Repair == cause.Repair);
        var example = order is null ? "" : $" For example {string.Join(" with ", new[] { order.KeyType, string.Join(", ", order.Features.Concat(order.AddOns)) }.Where(part => part.Length > 0))}.";
        return FormattableString.Invariant($"{cause.Orders} of {Check.Tried} orders would fail: {cause.Cause}{example}");
    }
}

/// <summary>A row of the check of all plans.</summary>
/// <param name="Id">The plan.</param>
/// <param name="Name">Its name.</param>
/// <param name="Published">True when it can be ordered now.</param>
/// <param name="Passes">True when it may be published.</param>
/// <param name="Combinations">How many different orders can be placed.</param>
/// <param name="Failing">How many of those that were tried would fail.</param>
/// <param name="Cause">The first cause; null where it passes.</param>
/// <param name="Repair">What to do about it.</param>
public sealed record PlanCheckRow(PlanId Id, string Name, bool Published, bool Passes, long Combinations, long Failing, string? Cause, string? Repair);

/// <summary>
/// The catalog compiler over plans: tries what a plan sells against the catalog and what the issuer's account offers now, before a customer does. A plan that does not
/// pass is not published.
/// </summary>
public sealed class CheckPlan
{
    private readonly PlanStore _plans;
    private readonly CatalogReader _catalog;
    private readonly OfferReader _offers;

    internal CheckPlan(PlanStore plans, CatalogReader catalog, OfferReader offers) => (_plans, _catalog, _offers) = (plans, catalog, offers);

    /// <summary>One plan; refused where there is none.</summary>
    public async Task<Result<PlanCheck>> HandleAsync(Session session, PlanId id, CancellationToken cancellation) =>
        await _plans.FindAsync(session, id, cancellation) is { } plan
            ? await CheckAsync(session, plan, cancellation)
            : OrdersErrors.PlanNotFound.Because($"There is no plan {id}.");

    /// <summary>All plans, a page by number.</summary>
    public async Task<Result<Page<PlanCheckRow>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation)
    {
        var plans = await page.OldestFirstAsync("plan-checks", (after, rows) => _plans.ListAsync(session, after, rows, cancellation), p => p.Id.Value, p => p.Id);
        if (!plans.TryGet(out var found, out var error))
        {
            return error;
        }

        var rows = new List<PlanCheckRow>();
        foreach (var id in found.Items)
        {
            var plan = (await _plans.FindAsync(session, id, cancellation))!;
            var check = await CheckAsync(session, plan, cancellation);
            var refusal = check.Refusal();
            rows.Add(new PlanCheckRow(id, plan.Name, plan.Published, check.Passes, check.Check?.Combinations ?? 0, check.Check?.Failing ?? 0, refusal?.Detail, refusal?.Remedy));
        }

        return new Page<PlanCheckRow>(rows, found.Next);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/plans/{id}/check", (PlanId id, HttpContext http, Database database, FetchOffer fetch, CheckPlan handler) =>
                EnsuredAsync(database, fetch, handler, id, () => database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted), http.RequestAborted))
            .WithName("CheckPlan").WithTags("Plans").WithSummary("Try every order that the plan lets through against what the issuer's account offers");
        routes.MapGet("/catalog/check", (int? limit, string? cursor, HttpContext http, Database database, CheckPlan handler) =>
                database.ReadAsync(s => handler.ListAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("CheckCatalog").WithTags("Plans").WithSummary("The same of all plans, a line for each");
    }

    /// <summary>Has the issuer's offer listed first, where that was not done yet, so that nobody is refused for being quick.</summary>
    internal static async Task<Result<T>> EnsuredAsync<T>(
        Database database, FetchOffer fetch, CheckPlan handler, PlanId id, Func<Task<Result<T>>> then, CancellationToken cancellation)
    {
        if ((await database.ReadAsync(s => handler._plans.FindHeadAsync(s, id, cancellation), cancellation))?.IssuerId is { } issuer)
        {
            await fetch.EnsureAsync(issuer, cancellation);
        }

        return await then();
    }

    internal async Task<PlanCheck> CheckAsync(Session session, Plan plan, CancellationToken cancellation)
    {
        var catalog = await _catalog.GetAsync(session, cancellation);
        var findings = plan.Rates.Where(r => r.Gate != Gates.Licenses && (catalog.Class(r.Command) is not null || catalog.Feature(r.Command) is not null))
            .Select(r => new CheckFinding(
                true, r.Command, $"{r.Command} is sold by a resource of {r.Gate} and not of {Gates.Licenses}: customers would pay for it and no license would be asked for.",
                $"Sell the resource of {Gates.Licenses}, which follows from the catalog by itself, in its place.")).ToList();
        var licensed = plan.Rates.Where(r => r.Gate == Gates.Licenses).ToList();
        if (licensed.Count == 0)
        {
            return Made(null, null);
        }

        if (plan.IssuerId is not { } issuer || !(await _offers.FindAsync(session, issuer, cancellation)).TryGet(out var offer, out var unknown))
        {
            findings.Add(new CheckFinding(true, plan.Name, "The plan has licenses and no issuer that could be asked.", "Name an issuer plug-in."));
            return Made(null, null);
        }

        if (offer.Status == PluginStatus.NotConfigured)
        {
            findings.Add(new CheckFinding(
                true, offer.Name, $"The plug-in '{offer.Name}' is not Configured: {offer.Cause ?? "what its account offers has not been listed yet."}",
                offer.Remedy ?? "Synchronize the plug-in's list of license classes."));
        }

        return Made(CatalogCompiler.Check(catalog, PlanOffer.Of(licensed), PlanOffer.Terms(offer)), offer.At);

        PlanCheck Made(CatalogCheck? check, DateTimeOffset? at) => new()
        {
            Id = plan.Id.Value == 0 ? null : plan.Id, Name = plan.Name, Published = plan.Published, Passes = check?.Passes != false && findings.Count == 0, OfferAt = at, Check = check,
            Findings = findings,
        };
    }
}

/// <summary>A plan and an issuer's offer in the words of the catalog compiler.</summary>
internal static class PlanOffer
{
    public static Offer Of(IReadOnlyList<Rate> rates)
    {
        IReadOnlyList<OfferPart> Parts(ResourceKind kind) => [.. rates.Where(r => r.Kind == kind).Select(r => new OfferPart(r.Command, r.MinUnits > 0))];

        var classes = Parts(ResourceKind.Class);

        // A class that every order has leaves no order for the others.
        return new Offer(classes.Any(c => c.Always) ? [.. classes.Where(c => c.Always)] : classes, Parts(ResourceKind.Feature), Parts(ResourceKind.AddOn));
    }

    public static IssuerTerms Terms(PluginOffer offer)
    {
        HashSet<string>? Codes(OfferItemKind kind) => offer.Kind is OfferKind.Listed or OfferKind.Ticked
            ? [.. offer.Items.Where(i => i.Kind == kind && i.WithdrawnAt is null).Select(i => i.Code)]
            : null;

        return new IssuerTerms
        {
            Name = offer.Name, KeyTypes = Codes(OfferItemKind.KeyType), Features = Codes(OfferItemKind.Feature), Rules = offer.Rules, IsTicked = offer.Kind == OfferKind.Ticked, At = offer.At,
        };
    }
}
