using Keygate.Plugins;

namespace Keygate.Orders;

/// <summary>An offer: what a subscription of it may hold, at which price, and who provides it.</summary>
internal sealed class Plan
{
    public PlanId Id { get; init; }
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public string Currency { get; init; } = "";
    public HostingGate HostingGate { get; init; }
    public PluginId? IssuerId { get; init; }
    public PluginId? InstallerId { get; init; }

    /// <summary>True when a paid order of it waits for a person's word.</summary>
    public bool ApprovalNeeded { get; init; }

    public bool Published { get; init; }
    public int? RenewBeforeDays { get; init; }
    public int? GraceDays { get; init; }
    public int? HoldDays { get; init; }
    public bool? DestroyAfterHold { get; init; }

    /// <summary>When its subscriptions are renewed; null where they run on by themselves.</summary>
    public ServiceTerms? Terms => RenewBeforeDays is { } before
        ? new ServiceTerms { RenewBeforeDays = before, GraceDays = GraceDays ?? 0, HoldDays = HoldDays ?? 0, DestroyAfterHold = DestroyAfterHold ?? false }
        : null;

    public int Version { get; init; }

    public IReadOnlyList<PlanPeriod> Periods { get; set; } = [];

    public IReadOnlyList<Rate> Rates { get; set; } = [];
}

/// <summary>Length of a subscription with its fees, in minor units of the plan's currency.</summary>
internal sealed class PlanPeriod
{
    public PlanPeriodId Id { get; init; }
    public PlanId PlanId { get; init; }
    public int Period { get; init; }
    public PeriodType PeriodType { get; init; }
    public long SetupFee { get; init; }
    public long SubscriptionFee { get; init; }
    public long RenewalFee { get; init; }

    /// <summary>The end of the period behind one that ended on a day, counted from the day on which the subscription began, so that a 31st stays one where the month has it.</summary>
    public DateOnly EndAfter(DateOnly start, DateOnly ended)
    {
        // Hours end on days as well: a period is at least one day.
        for (var count = 1; ; count++)
        {
            var end = PeriodType switch
            {
                PeriodType.Hour => ended.AddDays(Math.Max(1, Period / 24)),
                PeriodType.Day => ended.AddDays(Period),
                PeriodType.Month => start.AddMonths(checked(count * Period)),
                PeriodType.Year => start.AddYears(checked(count * Period)),
                _ => throw new InvalidOperationException($"There is no period type {PeriodType}."),
            };
            if (end > ended)
            {
                return end;
            }
        }
    }

    /// <summary>The first day after a period that begins on a day. Months and years count from the anchor day, so a 31st ends on a month's last day.</summary>
    public DateOnly EndFrom(DateTimeOffset start) => PeriodType switch
    {
        PeriodType.Hour => DateOnly.FromDateTime(start.AddHours(Period).UtcDateTime),
        PeriodType.Day => DateOnly.FromDateTime(start.UtcDateTime).AddDays(Period),
        PeriodType.Month => DateOnly.FromDateTime(start.UtcDateTime).AddMonths(Period),
        PeriodType.Year => DateOnly.FromDateTime(start.UtcDateTime).AddYears(Period),
        _ => throw new InvalidOperationException($"There is no period type {PeriodType}."),
    };
}

/// <summary>Price and limits of a resource inside one plan.</summary>
internal sealed class Rate
{
    /// <summary>No bound, for <see cref="MaxUnits"/> and <see cref="IncludedUnits"/>.</summary>
    public const int Unlimited = -1;

    public RateId Id { get; init; }
    public PlanId PlanId { get; init; }
    public ResourceId ResourceId { get; init; }
    public string Gate { get; init; } = "";
    public string Command { get; init; } = "";
    public ResourceKind Kind { get; init; }
    public string Name { get; init; } = "";
    public string Category { get; init; } = "";

    /// <summary>Units that cost nothing beyond the plan's own fees.</summary>
    public int IncludedUnits { get; init; }

    /// <summary>Units in every order; above 0 the resource comes along by itself.</summary>
    public int MinUnits { get; init; }

    public int MaxUnits { get; init; }
    public long SetupFee { get; init; }
    public long RecurringFee { get; init; }

    /// <summary>True for features and add-ons, which are part of each license: bounds and included units count for one license, the quantity for all.</summary>
    public bool IsOfEachLicense => Kind is ResourceKind.Feature or ResourceKind.AddOn;

    /// <summary>True when an order may hold that many units.</summary>
    public bool Allows(int quantity) => quantity >= MinUnits && (MaxUnits == Unlimited || quantity <= MaxUnits);

    /// <summary>The units of an order that are charged.</summary>
    public int Charged(int quantity) => IncludedUnits == Unlimited ? 0 : Math.Max(0, quantity - IncludedUnits);
}
