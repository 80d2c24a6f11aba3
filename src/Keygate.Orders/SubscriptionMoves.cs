using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>What can be done to a subscription.</summary>
public enum SubscriptionOperation
{
    /// <summary>Stop it for a time, as where nothing is paid: keys are suspended, installed copies removed.</summary>
    Suspend,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>End it for good, with its licenses.</summary>
    Cancel,

    /// <summary>Add a period that is paid.</summary>
    Renew,

    /// <summary>Let it run on unpaid. Keygate's own.</summary>
    Grace,

    /// <summary>Stop it, since the days of grace are over. Keygate's own.</summary>
    Expire,
}

/// <summary>One row of the transition table.</summary>
/// <param name="From">The status before.</param>
/// <param name="Operation">What is done.</param>
/// <param name="To">The status after.</param>
public sealed record SubscriptionMove(SubscriptionStatus From, SubscriptionOperation Operation, SubscriptionStatus To);

/// <summary>The transition table of a subscription that runs or ran. A move that is not in it is refused.</summary>
public static class SubscriptionMoves
{
    /// <summary>All rows.</summary>
    public static readonly IReadOnlyList<SubscriptionMove> All =
    [
        new(SubscriptionStatus.Trial, SubscriptionOperation.Suspend, SubscriptionStatus.Suspended),
        new(SubscriptionStatus.Active, SubscriptionOperation.Suspend, SubscriptionStatus.Suspended),
        new(SubscriptionStatus.Graced, SubscriptionOperation.Suspend, SubscriptionStatus.Suspended),
        new(SubscriptionStatus.Suspended, SubscriptionOperation.Resume, SubscriptionStatus.Active),

        new(SubscriptionStatus.Trial, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
        new(SubscriptionStatus.Active, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
        new(SubscriptionStatus.Graced, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
        new(SubscriptionStatus.Expired, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
        new(SubscriptionStatus.Suspended, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),

        new(SubscriptionStatus.Active, SubscriptionOperation.Renew, SubscriptionStatus.Active),
        new(SubscriptionStatus.Graced, SubscriptionOperation.Renew, SubscriptionStatus.Active),
        new(SubscriptionStatus.Expired, SubscriptionOperation.Renew, SubscriptionStatus.Active),

        // Whoever stopped it lets it go on; what is paid is paid.
        new(SubscriptionStatus.Suspended, SubscriptionOperation.Renew, SubscriptionStatus.Suspended),
        new(SubscriptionStatus.Active, SubscriptionOperation.Grace, SubscriptionStatus.Graced),
        new(SubscriptionStatus.Graced, SubscriptionOperation.Expire, SubscriptionStatus.Expired),

        // The order that made it was cancelled and left a key behind.
        new(SubscriptionStatus.Canceled, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
    ];

    /// <summary>True for a subscription whose licenses may be renewed, changed and added to.</summary>
    public static bool IsInGoodStanding(SubscriptionStatus status) => status is SubscriptionStatus.Ordered or SubscriptionStatus.Trial or SubscriptionStatus.Active;

    /// <summary>The operations that are possible in a status, for buttons and command lines.</summary>
    public static IReadOnlyList<SubscriptionOperation> For(SubscriptionStatus status) => [.. All.Where(m => m.From == status).Select(m => m.Operation).Where(o => o is not (SubscriptionOperation.Grace or SubscriptionOperation.Expire))];

    /// <summary>Where an operation leads; a refusal that names what is possible instead.</summary>
    public static Result<SubscriptionStatus> Next(SubscriptionId id, SubscriptionStatus status, SubscriptionOperation operation)
    {
        if (All.FirstOrDefault(m => m.From == status && m.Operation == operation) is { } move)
        {
            return move.To;
        }

        var possible = For(status);
        return OrdersErrors.SubscriptionMoveNotAllowed
            .Because($"Subscription {id} is {status}: {operation} is not possible.")
            .Mend(possible.Count == 0 ? "Its order decides what becomes of it: complete or cancel that." : $"Possible now: {string.Join(", ", possible)}.");
    }
}
