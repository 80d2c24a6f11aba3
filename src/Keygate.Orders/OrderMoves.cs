using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>What can be done to an order.</summary>
public enum OrderOperation
{
    /// <summary>Check it and let it go on.</summary>
    Open,

    /// <summary>Decide what an open order needs next. Keygate's own.</summary>
    Submit,

    /// <summary>Record a payment.</summary>
    Pay,

    /// <summary>Give the word that the plan wants.</summary>
    Approve,

    /// <summary>Start its items. Keygate's own.</summary>
    Provision,

    /// <summary>Draw the sum of its items. Keygate's own.</summary>
    Settle,

    /// <summary>Start the failed items again.</summary>
    Resubmit,

    /// <summary>Stop it for the time being.</summary>
    Hold,

    /// <summary>End it unfulfilled.</summary>
    Cancel,

    /// <summary>End it as fraud.</summary>
    MarkFraud,
}

/// <summary>How an operation on an order came out.</summary>
public enum OrderOutcome
{
    /// <summary>It went through: to <see cref="OrderOperation.Settle"/>, that all items are completed.</summary>
    Done,

    /// <summary>A check failed, or an item did.</summary>
    Failed,

    /// <summary>Money is owed.</summary>
    PaymentNeeded,

    /// <summary>Nothing is owed, but the plan wants a person's word.</summary>
    ApprovalNeeded,

    /// <summary>Items are under way, none has failed.</summary>
    UnderWay,

    /// <summary>No item has failed, and at least one waits for somebody else.</summary>
    Awaiting,
}

/// <summary>One row of the transition table.</summary>
/// <param name="From">The state before.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="To">The state after.</param>
public sealed record OrderMove(OrderState From, OrderOperation Operation, OrderOutcome Outcome, OrderState To);

/// <summary>
/// The transition table of an order: it answers <i>may I?</i> for doors and buttons and <i>what next?</i> for the items. A move that is not
/// in it is refused.
/// </summary>
public static class OrderMoves
{
    /// <summary>All rows.</summary>
    public static readonly IReadOnlyList<OrderMove> All =
    [
        new(OrderState.NW, OrderOperation.Open, OrderOutcome.Done, OrderState.OP),
        new(OrderState.NW, OrderOperation.Open, OrderOutcome.Failed, OrderState.HL),
        new(OrderState.NW, OrderOperation.Hold, OrderOutcome.Done, OrderState.HL),
        new(OrderState.NW, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),

        new(OrderState.HL, OrderOperation.Open, OrderOutcome.Done, OrderState.OP),
        new(OrderState.HL, OrderOperation.Open, OrderOutcome.Failed, OrderState.HL),
        new(OrderState.HL, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),
        new(OrderState.HL, OrderOperation.MarkFraud, OrderOutcome.Done, OrderState.FR),

        new(OrderState.OP, OrderOperation.Submit, OrderOutcome.PaymentNeeded, OrderState.WP),
        new(OrderState.OP, OrderOperation.Submit, OrderOutcome.ApprovalNeeded, OrderState.WA),
        new(OrderState.OP, OrderOperation.Submit, OrderOutcome.Done, OrderState.PD),

        new(OrderState.WP, OrderOperation.Pay, OrderOutcome.ApprovalNeeded, OrderState.WA),
        new(OrderState.WP, OrderOperation.Pay, OrderOutcome.Done, OrderState.PD),
        new(OrderState.WP, OrderOperation.Hold, OrderOutcome.Done, OrderState.HL),
        new(OrderState.WP, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),
        new(OrderState.WP, OrderOperation.MarkFraud, OrderOutcome.Done, OrderState.FR),

        new(OrderState.WA, OrderOperation.Approve, OrderOutcome.Done, OrderState.PD),
        new(OrderState.WA, OrderOperation.Hold, OrderOutcome.Done, OrderState.HL),
        new(OrderState.WA, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),
        new(OrderState.WA, OrderOperation.MarkFraud, OrderOutcome.Done, OrderState.FR),

        new(OrderState.PD, OrderOperation.Provision, OrderOutcome.UnderWay, OrderState.PR),

        new(OrderState.PR, OrderOperation.Settle, OrderOutcome.UnderWay, OrderState.PR),
        new(OrderState.PR, OrderOperation.Settle, OrderOutcome.Awaiting, OrderState.LO),
        new(OrderState.PR, OrderOperation.Settle, OrderOutcome.Failed, OrderState.PF),
        new(OrderState.PR, OrderOperation.Settle, OrderOutcome.Done, OrderState.CP),

        new(OrderState.LO, OrderOperation.Settle, OrderOutcome.Awaiting, OrderState.LO),
        new(OrderState.LO, OrderOperation.Settle, OrderOutcome.UnderWay, OrderState.PR),
        new(OrderState.LO, OrderOperation.Settle, OrderOutcome.Failed, OrderState.PF),
        new(OrderState.LO, OrderOperation.Settle, OrderOutcome.Done, OrderState.CP),
        new(OrderState.LO, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),

        new(OrderState.PF, OrderOperation.Resubmit, OrderOutcome.UnderWay, OrderState.PR),
        new(OrderState.PF, OrderOperation.Settle, OrderOutcome.Failed, OrderState.PF),
        new(OrderState.PF, OrderOperation.Settle, OrderOutcome.UnderWay, OrderState.PR),
        new(OrderState.PF, OrderOperation.Settle, OrderOutcome.Awaiting, OrderState.LO),
        new(OrderState.PF, OrderOperation.Settle, OrderOutcome.Done, OrderState.CP),
        new(OrderState.PF, OrderOperation.Cancel, OrderOutcome.Done, OrderState.CL),
    ];

    /// <summary>True when the table knows an operation in a state.</summary>
    public static bool May(OrderState state, OrderOperation operation) => All.Any(m => m.From == state && m.Operation == operation);

    /// <summary>The operations that a person may begin in a state, for buttons and command lines.</summary>
    public static IReadOnlyList<OrderOperation> For(OrderState state) =>
        [.. All.Where(m => m.From == state).Select(m => m.Operation).Distinct()
            .Where(o => o is not (OrderOperation.Submit or OrderOperation.Provision or OrderOperation.Settle))];

    /// <summary>Where an operation leads; a refusal where the table does not hold it.</summary>
    public static Result<OrderState> Next(OrderId order, OrderState state, OrderOperation operation, OrderOutcome outcome)
    {
        var move = All.FirstOrDefault(m => m.From == state && m.Operation == operation && m.Outcome == outcome);
        return move is null ? Refusal(order, state, operation) : move.To;
    }

    /// <summary>The refusal of an operation in a state, naming what is possible instead.</summary>
    public static Error Refusal(OrderId order, OrderState state, OrderOperation operation)
    {
        var possible = For(state);
        return OrdersErrors.MoveNotAllowed
            .Because($"Order {order} is {state.Name()} ({state}): {Word(operation)} is not possible.")
            .Mend(possible.Count > 0 ? $"Possible now: {string.Join(", ", possible.Select(Word))}."
                : state.IsFinal() ? "Nothing changes this order any more; place a new one."
                : "Wait until its provisioning items are completed or one fails.");
    }

    /// <summary>The operation in the words of doors.</summary>
    public static string Word(OrderOperation operation) => operation == OrderOperation.MarkFraud ? "mark-fraud" : operation.ToString().ToLowerInvariant();
}
