namespace Keygate.Orders;

/// <summary>A failure that won't heal by itself, with what a person can do about it. Gone as soon as it goes on.</summary>
public sealed record AttentionItem
{
    /// <summary>Its number; below zero for a plug-in: its number with a minus.</summary>
    public required long Id { get; init; }

    /// <summary>Since when nothing moves.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary><c>stopped</c>, or what it waits for: <c>approval</c>, <c>paused</c>; <c>away</c> for a plug-in whose other side does not answer.</summary>
    public required string Why { get; init; }

    /// <summary>What was being done, such as <c>licensing.provision</c>.</summary>
    public required string Work { get; init; }

    /// <summary>The step it stands at, such as <c>issue</c>.</summary>
    public required string Step { get; init; }

    /// <summary>How often the step was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>The cause, in one sentence.</summary>
    public required string Cause { get; init; }

    /// <summary>The cause's code.</summary>
    public string? Code { get; init; }

    /// <summary>What a person can do, in one sentence.</summary>
    public required string Remedy { get; init; }

    /// <summary>The order; null where none is concerned.</summary>
    public OrderId? OrderId { get; init; }

    /// <summary>The license; null where none is concerned.</summary>
    public int? LicenseId { get; init; }

    /// <summary>The subscription; null where none is concerned.</summary>
    public int? SubscriptionId { get; init; }

    /// <summary>The plug-in over which it went; null where none is concerned.</summary>
    public int? PluginId { get; init; }

    /// <summary>What all tries of the act at the other side carry, by which it can be found there; null where it leaves none.</summary>
    public string? Trace { get; init; }

    /// <summary>When the act was last sent; null where nothing was.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>How many licenses wait for the plug-in; null where the item is about one of them.</summary>
    public int? Waiting { get; init; }

    /// <summary>What can be done now; each of them would be accepted.</summary>
    public required IReadOnlyList<AttentionAction> Actions { get; init; }
}

/// <summary>Something that a person can do about it.</summary>
/// <param name="Name">Its name, such as <c>resubmit</c>.</param>
/// <param name="Label">For a button.</param>
/// <param name="Path">A request there does it.</param>
/// <param name="Command">The command that does it.</param>
/// <param name="Method">The request's method.</param>
public sealed record AttentionAction(string Name, string Label, string Path, string Command, string Method = "POST");
