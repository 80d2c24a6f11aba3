namespace Keygate.Orders;

/// <summary>The states of an order under their codes. Stored; they change by <see cref="OrderMoves"/> alone.</summary>
public enum OrderState
{
    /// <summary>New: placed, nothing has been decided. Ended by Open Order, which checks it again, by Hold and by Cancel Order.</summary>
    NW,

    /// <summary>Open: accepted. Ended in the same transaction, by what the total and the plan demand next.</summary>
    OP,

    /// <summary>Hold: a check failed when it was opened, or a person stopped it. Ended by Open Order, Cancel Order or a verdict of fraud.</summary>
    HL,

    /// <summary>Waiting for Payment. Ended by a payment of the whole total, by Hold, Cancel Order or a verdict of fraud.</summary>
    WP,

    /// <summary>Waiting for Approval: paid or free, and its plan wants a person's word. Ended by the approval, by Hold, Cancel Order or a verdict of fraud.</summary>
    WA,

    /// <summary>Provisioning decided: nothing is owed. Ended in the same transaction, by the start of its items.</summary>
    PD,

    /// <summary>Provisioning: the items are under way. Ended by their completion, or by the first that fails.</summary>
    PR,

    /// <summary>Provisioning Failed: at least one item failed and says why. Ended by a resubmission, by the item's own success, or by Cancel Order.</summary>
    PF,

    /// <summary>Long Running Operation: nothing fails, but an item waits for somebody else, such as for activation data. Ended when that is done.</summary>
    LO,

    /// <summary>Completed: all items are done, the subscription runs. Final.</summary>
    CP,

    /// <summary>Cancelled. Final.</summary>
    CL,

    /// <summary>Fraud. Final.</summary>
    FR,
}

/// <summary>Names of order states, for people.</summary>
public static class OrderStates
{
    /// <summary>
    /// Every status code that the reference knows, with its name. Only those of <see cref="OrderState"/> are ever entered; the others are
    /// here so that scripts that ask for them are understood.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["NW"] = "New", ["OP"] = "Open", ["HL"] = "Hold", ["NP"] = "No Payment Method Attached", ["WP"] = "Waiting for Payment",
        ["WZ"] = "Waiting for Payment after provisioning", ["WA"] = "Waiting for Approval", ["SS"] = "Suspected",
        ["TM"] = "Manual activation check", ["WC"] = "Registration check", ["TA"] = "Registration complete",
        ["PD"] = "Provisioning decision", ["I4"] = "Provisioning submitted", ["PR"] = "Provisioning", ["PC"] = "Provisioning complete",
        ["PF"] = "Provisioning Failed", ["LO"] = "Long Running Operation", ["MO"] = "Manual Operation Required", ["CR"] = "Ready to Complete",
        ["CP"] = "Completed", ["CL"] = "Cancelled", ["FR"] = "Fraud", ["RB"] = "Checking provisioning conditions", ["AD"] = "Applying documents",
        ["FS"] = "Pre-authorization requested", ["I6"] = "Pre-authorization submitted", ["AA"] = "Pre-authorization checked",
        ["AF"] = "Pre-authorization failed", ["AC"] = "Pre-authorization complete", ["CA"] = "Pre-authorization refused",
    };

    /// <summary>The state's name, as screens and answers show it.</summary>
    public static string Name(this OrderState state) => Names[state.ToString()];

    /// <summary>True for a state that nothing ends.</summary>
    public static bool IsFinal(this OrderState state) => state is OrderState.CP or OrderState.CL or OrderState.FR;
}
