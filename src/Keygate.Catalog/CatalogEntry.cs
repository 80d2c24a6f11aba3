namespace Keygate.Catalog;

/// <summary>What the catalog holds.</summary>
public enum CatalogKind
{
    /// <summary>A class of licenses that can be ordered.</summary>
    LicenseClass,

    /// <summary>A group of features of which a license has one at most.</summary>
    FeatureGroup,

    /// <summary>A feature of a license.</summary>
    Feature,

    /// <summary>That a feature belongs to a license class.</summary>
    ClassFeature,

    /// <summary>That an additional license class goes with a main one.</summary>
    AddOn,

    /// <summary>That a class or feature may be turned into another.</summary>
    UpgradeOption,
}

/// <summary>
/// One thing in the catalog. It is never deleted: removing archives it, so that old licenses can still name it, and it can be put back.
/// </summary>
public abstract record CatalogEntry
{
    /// <summary>When it was archived; null while it is in use. Ends when it is put back.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    internal bool IsArchived => ArchivedAt is not null;

    internal abstract CatalogKind Kind { get; }

    // Never changes; codes hold no slash, so a pair's key names it without doubt.
    internal abstract string Key { get; }
}
