using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>What a person can do to a subscription.</summary>
public enum SubscriptionOperation
{
    /// <summary>Stop it for a time, as where nothing is paid: keys are suspended, installed copies removed.</summary>
    Suspend,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>End it for good, with its licenses.</summary>
    Cancel,
}

/// <summary>One row of the transition table.</summary>
/// <param name="From">The status before.</param>
/// <param name="Operation">What is done.</param>
/// <param name="To">The status after.</param>
public sealed record SubscriptionMove(SubscriptionStatus From, SubscriptionOperation Operation, SubscriptionStatus To);

/// <summary>The transition table of a subscription, for what people do. A move that is not in it is refused.</summary>
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

        // The order that made it was cancelled and left a key behind.
        new(SubscriptionStatus.Canceled, SubscriptionOperation.Cancel, SubscriptionStatus.Canceled),
    ];

    /// <summary>True for a subscription whose licenses may be renewed, changed and added to.</summary>
    public static bool IsInGoodStanding(SubscriptionStatus status) => status is SubscriptionStatus.Ordered or SubscriptionStatus.Trial or SubscriptionStatus.Active;

    /// <summary>The operations that are possible in a status, for buttons and command lines.</summary>
    public static IReadOnlyList<SubscriptionOperation> For(SubscriptionStatus status) => [.. All.Where(m => m.From == status).Select(m => m.Operation)];

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
