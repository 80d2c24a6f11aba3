using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A new plan.</summary>
public sealed record AddPlanRequest
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is.</summary>
    public string Description { get; init; } = "";

    /// <summary>The vendor's currency, three letters of ISO 4217; all amounts are whole minor units of it.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Who does the hosting item.</summary>
    public HostingGate HostingGate { get; init; }

    /// <summary>The plug-in that the plan's licenses are asked of; needed where the plan has license classes.</summary>
    public PluginId? IssuerId { get; init; }

    /// <summary>The plug-in that installs them; without one the files stay here, to be handed over.</summary>
    public PluginId? InstallerId { get; init; }

    /// <summary>True when a paid order waits for a person's approval.</summary>
    public bool ApprovalNeeded { get; init; }

    /// <summary>True when it can be ordered at once.</summary>
    public bool Published { get; init; } = true;

    /// <summary>When its subscriptions are renewed, and what becomes of those that are not paid; left out, they run on by themselves.</summary>
    public ServiceTerms? Terms { get; init; }

    /// <summary>Its periods; the first is taken where an order names none.</summary>
    public IReadOnlyList<PeriodInput> Periods { get; init; } = [];

    /// <summary>What it offers.</summary>
    public IReadOnlyList<RateInput> Rates { get; init; } = [];

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => AddPlanRules.Shape(this);
}

/// <summary>A period of a plan.</summary>
public sealed record PeriodInput
{
    /// <summary>Its length.</summary>
    public int Period { get; init; }

    /// <summary>Unit of the length.</summary>
    public PeriodType PeriodType { get; init; } = PeriodType.Month;

    /// <summary>Paid once, with the first period.</summary>
    public long SetupFee { get; init; }

    /// <summary>Paid for the first period.</summary>
    public long SubscriptionFee { get; init; }

    /// <summary>Paid for each further period.</summary>
    public long RenewalFee { get; init; }
}

/// <summary>Price and limits of a resource in the plan.</summary>
public sealed record RateInput
{
    /// <summary>Identifier of the license class or feature, or command of another resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Units that cost nothing extra; -1 for all.</summary>
    public int IncludedUnits { get; init; }

    /// <summary>Units in every order; above 0 the resource comes along by itself.</summary>
    public int MinUnits { get; init; }

    /// <summary>Units an order may hold; -1 for no bound. For features and add-ons: for each license.</summary>
    public int MaxUnits { get; init; } = 1;

    /// <summary>Paid once for each unit that is not included.</summary>
    public long SetupFee { get; init; }

    /// <summary>Paid for each period and unit that is not included.</summary>
    public long RecurringFee { get; init; }
}

/// <summary>Adds a plan, after all of it was checked at once.</summary>
public sealed class AddPlan
{
    private readonly PlanStore _plans;
    private readonly ResourceStore _resources;
    private readonly CatalogReader _catalog;
    private readonly PluginReader _plugins;
    private readonly CheckPlan _check;

    internal AddPlan(PlanStore plans, ResourceStore resources, CatalogReader catalog, PluginReader plugins, CheckPlan check) =>
        (_plans, _resources, _catalog, _plugins, _check) = (plans, resources, catalog, plugins, check);

    /// <summary>
    /// Writes the plan with its periods and rates, and the resources it uses first; refuses with all faults at once, and one that is to be on sale where orders of it would fail
    /// at the issuer.
    /// </summary>
    public async Task<Result<PlanView>> HandleAsync(Tx tx, AddPlanRequest request, Actor actor, CancellationToken cancellation)
    {
        var catalog = await _catalog.GetAsync(tx, cancellation);
        var resources = await _resources.FollowAsync(tx, catalog, cancellation);
        var faults = new List<Error>(request.Faults());
        faults.AddRange(AddPlanRules.Offer(request, catalog, resources));
        await CheckPluginAsync(tx, request.IssuerId, "issuer.", "issuerId", faults, cancellation);
        await CheckPluginAsync(tx, request.InstallerId, "installer.", "installerId", faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        var id = await _plans.AddAsync(tx, new Plan
        {
            Name = request.Name.Trim(),
            Description = request.Description.Trim(),
            Currency = request.Currency,
            HostingGate = request.HostingGate,
            IssuerId = request.IssuerId,
            InstallerId = request.InstallerId,
            ApprovalNeeded = request.ApprovalNeeded,
            Published = request.Published,
            RenewBeforeDays = request.Terms?.RenewBeforeDays,
            GraceDays = request.Terms?.GraceDays,
            HoldDays = request.Terms?.HoldDays,
            DestroyAfterHold = request.Terms?.DestroyAfterHold,
            Periods = [.. request.Periods.Select(p => new PlanPeriod
            {
                Period = p.Period, PeriodType = p.PeriodType, SetupFee = p.SetupFee, SubscriptionFee = p.SubscriptionFee, RenewalFee = p.RenewalFee,
            })],
            Rates = [.. request.Rates.Select(r => new Rate
            {
                ResourceId = AddPlanRules.Find(resources, r.Resource)!.Id, IncludedUnits = r.IncludedUnits, MinUnits = r.MinUnits, MaxUnits = r.MaxUnits,
                SetupFee = r.SetupFee, RecurringFee = r.RecurringFee,
            })],
        }, cancellation);
        var plan = (await _plans.FindAsync(tx, id, cancellation))!;
        return plan.Published && (await _check.CheckAsync(tx, plan, cancellation)).Refusal() is { } fails
            ? fails with { Remedy = $"{fails.Remedy} With published false the plan is added all the same." }
            : PlanView.Of(plan);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/plans",
        async (AddPlanRequest request, HttpContext http, WriteDoor door, FetchOffer fetch, AddPlan handler) =>
        {
            // Whoever is quick is not refused because the issuer's list is still on its way.
            if (request is { Published: true, IssuerId: { } issuer })
            {
                await fetch.EnsureAsync(issuer, http.RequestAborted);
            }

            return await door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted));
        })
        .WithName("AddPlan").WithTags("Plans").WithSummary("Add a plan with its periods and resource rates.");

    private async Task CheckPluginAsync(Tx tx, PluginId? id, string kind, string field, List<Error> faults, CancellationToken cancellation)
    {
        if (id is not { } number)
        {
            return;
        }

        var plugin = await _plugins.FindAsync(tx, number, cancellation);
        if (plugin is null)
        {
            faults.Add(OrdersErrors.PluginUnknown.Because($"There is no plug-in {number}.").At(field));
        }
        else if (!plugin.Kind.StartsWith(kind, StringComparison.Ordinal))
        {
            faults.Add(OrdersErrors.PluginUnfit.Because($"Plug-in {number} ({plugin.Name}) is of kind {plugin.Kind}.").At(field));
        }
    }
}
