using Keygate.Plugins;

namespace Keygate.Orders;

/// <summary>A row of the plan list.</summary>
public record PlanRow
{
    /// <summary>Its number.</summary>
    public required PlanId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required string Description { get; init; }

    /// <summary>Currency of all its amounts.</summary>
    public required string Currency { get; init; }

    /// <summary>Who does the hosting item.</summary>
    public required HostingGate HostingGate { get; init; }

    /// <summary>The plug-in that issues.</summary>
    public PluginId? IssuerId { get; init; }

    /// <summary>The plug-in that installs.</summary>
    public PluginId? InstallerId { get; init; }

    /// <summary>True when a paid order waits for a person's approval.</summary>
    public required bool ApprovalNeeded { get; init; }

    /// <summary>True when it can be ordered.</summary>
    public required bool Published { get; init; }

    /// <summary>When its subscriptions are renewed; null where they run on by themselves.</summary>
    public ServiceTerms? Terms { get; init; }

    /// <summary>Rises with each change.</summary>
    public required int Version { get; init; }

    internal static PlanRow Of(Plan plan) => new()
    {
        Id = plan.Id, Name = plan.Name, Description = plan.Description, Currency = plan.Currency, HostingGate = plan.HostingGate,
        IssuerId = plan.IssuerId, InstallerId = plan.InstallerId, ApprovalNeeded = plan.ApprovalNeeded, Published = plan.Published, Terms = plan.Terms, Version = plan.Version,
    };
}

/// <summary>A plan, whole.</summary>
public sealed record PlanView : PlanRow
{
    /// <summary>Its periods; the first is taken where an order names none.</summary>
    public required IReadOnlyList<PeriodView> Periods { get; init; }

    /// <summary>What it offers.</summary>
    public required IReadOnlyList<RateView> Rates { get; init; }

    internal static new PlanView Of(Plan plan) => new()
    {
        Id = plan.Id, Name = plan.Name, Description = plan.Description, Currency = plan.Currency, HostingGate = plan.HostingGate,
        IssuerId = plan.IssuerId, InstallerId = plan.InstallerId, ApprovalNeeded = plan.ApprovalNeeded, Published = plan.Published, Terms = plan.Terms, Version = plan.Version,
        Periods = [.. plan.Periods.Select(p => new PeriodView(p.Id, p.Period, p.PeriodType, (int)p.PeriodType, p.SetupFee, p.SubscriptionFee, p.RenewalFee))],
        Rates = [.. plan.Rates.Select(r => new RateView
        {
            Id = r.Id, ResourceId = r.ResourceId, Gate = r.Gate, Command = r.Command, Kind = r.Kind, Name = r.Name, Category = r.Category,
            IncludedUnits = r.IncludedUnits, MinUnits = r.MinUnits, MaxUnits = r.MaxUnits, SetupFee = r.SetupFee, RecurringFee = r.RecurringFee,
        })],
    };
}

/// <summary>A period of a plan.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Period">Its length.</param>
/// <param name="PeriodType">Unit of the length.</param>
/// <param name="PeriodTypeCode">The unit's code: 0 hour, 1 day, 2 month, 3 year.</param>
/// <param name="SetupFee">Paid once, with the first period.</param>
/// <param name="SubscriptionFee">Paid for the first period.</param>
/// <param name="RenewalFee">Paid for each further period.</param>
public sealed record PeriodView(PlanPeriodId Id, int Period, PeriodType PeriodType, int PeriodTypeCode, long SetupFee, long SubscriptionFee, long RenewalFee);

/// <summary>Price and limits of a resource in a plan.</summary>
public sealed record RateView
{
    /// <summary>Its number.</summary>
    public required RateId Id { get; init; }

    /// <summary>The resource.</summary>
    public required ResourceId ResourceId { get; init; }

    /// <summary>The resource's service gate.</summary>
    public required string Gate { get; init; }

    /// <summary>The resource's command: for licenses the identifier of the class or feature.</summary>
    public required string Command { get; init; }

    /// <summary>What the resource stands for.</summary>
    public required ResourceKind Kind { get; init; }

    /// <summary>The resource's name.</summary>
    public required string Name { get; init; }

    /// <summary>The resource's category.</summary>
    public required string Category { get; init; }

    /// <summary>Units that cost nothing extra; -1 for all.</summary>
    public required int IncludedUnits { get; init; }

    /// <summary>Units in every order.</summary>
    public required int MinUnits { get; init; }

    /// <summary>Units an order may hold; -1 for no bound.</summary>
    public required int MaxUnits { get; init; }

    /// <summary>Paid once for each unit that is not included.</summary>
    public required long SetupFee { get; init; }

    /// <summary>Paid for each period and unit that is not included.</summary>
    public required long RecurringFee { get; init; }
}
