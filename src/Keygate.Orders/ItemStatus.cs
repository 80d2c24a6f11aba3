namespace Keygate.Orders;

/// <summary>How far a provisioning item has come. Stored.</summary>
public enum ItemStatus
{
    /// <summary>The order has not reached provisioning. Ended by its start, or by the order's end.</summary>
    NotSubmitted,

    /// <summary>It is under way, or waits for its turn. Ended by its completion or failure.</summary>
    InProgress,

    /// <summary>It is under way and waits for somebody else, such as for activation data. Ended when that is done.</summary>
    Awaiting,

    /// <summary>It failed and its comment says why. Ended by a resubmission, by a late success, or by the order's cancellation.</summary>
    Failed,

    /// <summary>It is done. Final.</summary>
    Completed,

    /// <summary>The order ended before it was done. Final.</summary>
    Cancelled,
}

/// <summary>What an item provides.</summary>
public enum ItemKind
{
    /// <summary>The hosting service of the subscription. It comes first.</summary>
    Hosting,

    /// <summary>One license with its features and add-ons. It waits for the hosting item.</summary>
    License,

    /// <summary>A further period of a subscription that is there: done when it is paid.</summary>
    Renewal,

    /// <summary>A license becomes another, or a resource is held in another quantity: done when the key is changed or the new license is where the old one was.</summary>
    Upgrade,

    /// <summary>The end of a subscription: done when nothing is left of its licenses.</summary>
    Cancellation,
}

/// <summary>Who does the hosting item of a plan.</summary>
public enum HostingGate
{
    /// <summary>Nobody: it is done at once.</summary>
    Dummy,

    /// <summary>Another system, which says so by a callback.</summary>
    Callback,

    /// <summary>A person or another system, which assigns a dedicated server to the subscription.</summary>
    DedicatedServer,
}

/// <summary>Type codes of provisioning items, as the reference numbers them.</summary>
internal static class ItemTypes
{
    /// <summary>OI_CREATE, New Subscription. A license of a new subscription is created by the same event, so its item has the same type.</summary>
    public const int Create = 10;

    /// <summary>OI_RENEW, a further period.</summary>
    public const int Renew = 20;

    /// <summary>OI_CANCEL, the end of a subscription.</summary>
    public const int Cancel = 40;

    /// <summary>OI_UPGRADE, more or less of what a subscription holds.</summary>
    public const int Upgrade = 60;

    /// <summary>Code and name of an item's type.</summary>
    public static (int Code, string Name) Of(ItemKind kind) => kind switch
    {
        ItemKind.Renewal => (Renew, "OI_RENEW"),
        ItemKind.Cancellation => (Cancel, "OI_CANCEL"),
        ItemKind.Upgrade => (Upgrade, "OI_UPGRADE"),
        _ => (Create, "OI_CREATE"),
    };
}
