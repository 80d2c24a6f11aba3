using Keygate.Accounts;
using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>A row of the subscription list.</summary>
public record SubscriptionRow
{
    /// <summary>Its number.</summary>
    public required SubscriptionId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required AccountId CustomerId { get; init; }

    /// <summary>Its plan.</summary>
    public required PlanId PlanId { get; init; }

    /// <summary>Its period.</summary>
    public required PlanPeriodId PlanPeriodId { get; init; }

    /// <summary>The commercial status.</summary>
    public required SubscriptionStatus Status { get; init; }

    /// <summary>Its code, such as 30 for Active.</summary>
    public required int StatusCode { get; init; }

    /// <summary>The technical status.</summary>
    public required ServiceStatus ServStatus { get; init; }

    /// <summary>Its code, such as 50 for Running.</summary>
    public required int ServStatusCode { get; init; }

    /// <summary>First day; null before it runs.</summary>
    public DateOnly? StartDate { get; init; }

    /// <summary>First day after the period; null before it runs.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>True where it is not renewed but ends with its period.</summary>
    public required bool EndsWithPeriod { get; init; }

    /// <summary>The dedicated server that was assigned; null where there is none.</summary>
    public string? Server { get; init; }

    internal static SubscriptionRow Of(Subscription s) => new()
    {
        Id = s.Id, Name = s.Name, CustomerId = s.CustomerId, PlanId = s.PlanId, PlanPeriodId = s.PlanPeriodId, Status = s.Status, StatusCode = (int)s.Status,
        ServStatus = s.ServStatus, ServStatusCode = (int)s.ServStatus, StartDate = s.StartDate, ExpirationDate = s.ExpirationDate, EndsWithPeriod = s.EndsWithPeriod, Server = s.Server,
    };
}

/// <summary>A subscription, whole.</summary>
public sealed record SubscriptionView : SubscriptionRow
{
    /// <summary>When the dedicated server was assigned.</summary>
    public DateTimeOffset? ServerAssignedAt { get; init; }

    /// <summary>Where licenses are installed.</summary>
    public string? Target { get; init; }

    /// <summary>Addresses of the server.</summary>
    public required IReadOnlyList<string> IpAddresses { get; init; }

    /// <summary>What licenses are activated for, where it was known when it was ordered.</summary>
    public ActivationInput? Activation { get; init; }

    /// <summary>What it holds.</summary>
    public required IReadOnlyList<SubscriptionResource> Resources { get; init; }

    /// <summary>Its licenses, oldest first.</summary>
    public required IReadOnlyList<LicenseRow> Licenses { get; init; }

    /// <summary>Its orders, newest first.</summary>
    public required IReadOnlyList<OrderRow> Orders { get; init; }

    /// <summary>What can be done to it in this status.</summary>
    public required IReadOnlyList<SubscriptionOperation> Possible { get; init; }

    /// <summary>The history of its statuses, oldest first.</summary>
    public required IReadOnlyList<SubscriptionMoment> History { get; init; }
}

/// <summary>A resource that a subscription holds.</summary>
/// <param name="ResourceId">The resource.</param>
/// <param name="RateId">The rate it was ordered by.</param>
/// <param name="Gate">Its service gate.</param>
/// <param name="Command">Its command.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">Its name.</param>
/// <param name="Category">Its category.</param>
/// <param name="Quantity">Units held.</param>
/// <param name="IncludedUnits">Units that cost nothing extra; -1 for all.</param>
/// <param name="MinUnits">The least it may hold.</param>
/// <param name="MaxUnits">The most it may hold; -1 for no bound.</param>
public sealed record SubscriptionResource(
    ResourceId ResourceId, RateId RateId, string Gate, string Command, ResourceKind Kind, string Name, string Category, int Quantity, int IncludedUnits, int MinUnits, int MaxUnits);

/// <summary>A change of a subscription's statuses.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Status">The commercial status since then.</param>
/// <param name="ServStatus">The technical status since then.</param>
/// <param name="Why">Why.</param>
public sealed record SubscriptionMoment(DateTimeOffset At, string Actor, SubscriptionStatus Status, ServiceStatus ServStatus, string Why);
