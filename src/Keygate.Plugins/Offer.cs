using Keygate.Plugins.Abstractions;

namespace Keygate.Plugins;

/// <summary>How it is known what an issuer's account offers.</summary>
public enum OfferKind
{
    /// <summary>The issuer has listed it.</summary>
    Listed,

    /// <summary>A person has ticked it: the issuer has no connection.</summary>
    Ticked,

    /// <summary>The issuer takes anything.</summary>
    Everything,

    /// <summary>The issuer cannot tell: the catalog alone decides.</summary>
    Untold,
}

/// <summary>Whether a plug-in can be sold from.</summary>
public enum PluginStatus
{
    /// <summary>What its account offers is not known yet, or not for its present settings: it sells nothing new.</summary>
    NotConfigured,

    /// <summary>It can be sold from.</summary>
    Configured,
}

/// <summary>What an item of an offer is.</summary>
public enum OfferItemKind
{
    /// <summary>A key type.</summary>
    KeyType,

    /// <summary>A feature or upgrade plan.</summary>
    Feature,

    /// <summary>A group of features; only where the issuer tells its rules.</summary>
    Group,
}

/// <summary>What became of an item of an offer.</summary>
public enum OfferChangeKind
{
    /// <summary>It was not offered before.</summary>
    Added,

    /// <summary>Other rules hold for it.</summary>
    Changed,

    /// <summary>It is no longer offered.</summary>
    Withdrawn,
}

/// <summary>Something that an issuer's account offers, or once did.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its identifier.</param>
/// <param name="Since">Since when it is offered.</param>
/// <param name="ChangedAt">When other rules last came to hold for it.</param>
/// <param name="WithdrawnAt">When it was found to be no longer offered; null while it is.</param>
public sealed record OfferItem(OfferItemKind Kind, string Code, DateTimeOffset Since, DateTimeOffset ChangedAt, DateTimeOffset? WithdrawnAt);

/// <summary>A change of an offer.</summary>
/// <param name="At">When it was found.</param>
/// <param name="Kind">What the item is.</param>
/// <param name="Code">Its identifier.</param>
/// <param name="Change">What became of it.</param>
public sealed record OfferChange(DateTimeOffset At, OfferItemKind Kind, string Code, OfferChangeKind Change);

/// <summary>What an issuer's account offers, as it was last seen.</summary>
public sealed record PluginOffer
{
    /// <summary>The plug-in.</summary>
    public required PluginId Plugin { get; init; }

    /// <summary>The plug-in's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the plug-in can be sold from.</summary>
    public required PluginStatus Status { get; init; }

    /// <summary>How it is known; null before the first list.</summary>
    public OfferKind? Kind { get; init; }

    /// <summary>When it was last listed or ticked; null before the first list, and after a change of settings that leads elsewhere.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>When listing it was last tried.</summary>
    public DateTimeOffset? TriedAt { get; init; }

    /// <summary>Why the last try failed; null where it did not.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; init; }

    /// <summary>What it holds, and what it once held.</summary>
    public IReadOnlyList<OfferItem> Items { get; init; } = [];

    /// <summary>The latest changes, newest first; what the first list held is none.</summary>
    public IReadOnlyList<OfferChange> Changes { get; init; } = [];

    /// <summary>The issuer's answer as it came.</summary>
    public string Raw { get; init; } = "";

    /// <summary>The rules behind it; null where the issuer does not tell them.</summary>
    public OfferRules? Rules { get; init; }

    /// <summary>True where an identifier may be ordered, as far as the list says.</summary>
    public bool Holds(OfferItemKind kind, string code) =>
        Kind is OfferKind.Everything or OfferKind.Untold || Items.Any(i => i.Kind == kind && i.WithdrawnAt is null && i.Code == code);
}
