namespace Keygate.Licensing;

/// <summary>Whose a license is.</summary>
public enum AssignmentState
{
    /// <summary>Nobody's: it is unused. Ended by its assignment.</summary>
    Stock,

    /// <summary>A subscription's. Ended by its un-assignment.</summary>
    Subscription,

    /// <summary>
    /// Ordered for a subscription of Dedicated Server type that has no server yet: it waits. Ended by the assignment of the server, after which the
    /// license goes on by itself.
    /// </summary>
    NotAssigned,
}
