using Keygate.Accounts;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>A customer's instance of a plan.</summary>
internal sealed class Subscription
{
    public SubscriptionId Id { get; init; }
    public AccountId CustomerId { get; init; }
    public PlanId PlanId { get; init; }
    public PlanPeriodId PlanPeriodId { get; init; }
    public string Name { get; init; } = "";
    public SubscriptionStatus Status { get; init; }
    public ServiceStatus ServStatus { get; init; }
    public DateOnly? StartDate { get; init; }
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>Where licenses are installed: a host or a folder, in the words of the installer plug-in.</summary>
    public string Target { get; init; } = "";

    /// <summary>Addresses of the server, JSON.</summary>
    public string IpAddresses { get; init; } = "[]";

    /// <summary>The dedicated server, where the plan's gate is that and one was assigned.</summary>
    public string? Server { get; init; }

    public DateTimeOffset? ServerAssignedAt { get; init; }
    public string? HardwareId { get; init; }
    public string? Instance { get; init; }

    /// <summary>True where it is not renewed but ends with its period.</summary>
    public bool EndsWithPeriod { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public int Version { get; init; }

    public IReadOnlyList<string> Addresses => Json.Read<List<string>>(IpAddresses);
}
