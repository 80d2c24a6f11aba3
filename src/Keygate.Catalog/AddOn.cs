namespace Keygate.Catalog;

/// <summary>That an additional license class goes with a main one.</summary>
public sealed record AddOn : CatalogEntry
{
    /// <summary>Key type of the main class.</summary>
    public required string Parent { get; init; }

    /// <summary>Key type of the additional class.</summary>
    public required string KeyType { get; init; }

    internal override CatalogKind Kind => CatalogKind.AddOn;

    internal override string Key => $"{Parent}/{KeyType}";
}

/// <summary>Which way an upgrade option goes.</summary>
public enum UpgradeType
{
    /// <summary>To the same or a higher sort number.</summary>
    Upgrade,

    /// <summary>To the same or a lower sort number.</summary>
    Downgrade,
}

/// <summary>That licenses of one class, or with one feature, may be turned into another, and by which plan of the issuer.</summary>
public sealed record UpgradeOption : CatalogEntry
{
    /// <summary>Key type or feature code to start from.</summary>
    public required string From { get; init; }

    /// <summary>Key type or feature code to end at; of the same sort as <see cref="From"/>.</summary>
    public required string To { get; init; }

    /// <summary>The issuer's upgrade plan, such as <c>30_DOMAINS_TO_100_DOMAINS</c>.</summary>
    public required string Plan { get; init; }

    /// <summary>What it is, for people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Which way it goes.</summary>
    public UpgradeType Type { get; init; }

    /// <summary>False where it is known but must not be sold.</summary>
    public bool Enabled { get; init; } = true;

    internal override CatalogKind Kind => CatalogKind.UpgradeOption;

    internal override string Key => $"{From}/{To}";
}
