namespace Keygate.Catalog;

/// <summary>A feature of a license, such as a number of domains.</summary>
public sealed record Feature : CatalogEntry
{
    /// <summary>The issuer's code, such as <c>30_DOMAINS</c>. Unique, never changes.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The group of which a license has one feature at most; null where the feature excludes no other.</summary>
    public string? Group { get; init; }

    /// <summary>Its place in the group: a feature may be upgraded to one with the same or a higher number.</summary>
    public int Sort { get; init; }

    internal override CatalogKind Kind => CatalogKind.Feature;

    internal override string Key => Id;

    /// <summary>Code and name, for messages.</summary>
    public override string ToString() => $"{Id} ({Name})";
}

/// <summary>A group of features that exclude each other.</summary>
public sealed record FeatureGroup : CatalogEntry
{
    /// <summary>Its code, such as <c>DOMAIN_LIMIT</c>. Unique, never changes.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people; the category of its features' resources.</summary>
    public required string Description { get; init; }

    /// <summary>Its place among the groups.</summary>
    public int Sort { get; init; }

    /// <summary>True where a license must have one of its features, if its class has any.</summary>
    public bool Mandatory { get; init; }

    internal override CatalogKind Kind => CatalogKind.FeatureGroup;

    internal override string Key => Id;

    /// <summary>Code and name, for messages.</summary>
    public override string ToString() => $"{Id} ({Description})";
}

/// <summary>That a feature belongs to a license class.</summary>
public sealed record ClassFeature : CatalogEntry
{
    /// <summary>Key type of the class.</summary>
    public required string KeyType { get; init; }

    /// <summary>Code of the feature.</summary>
    public required string FeatureId { get; init; }

    internal override CatalogKind Kind => CatalogKind.ClassFeature;

    internal override string Key => $"{KeyType}/{FeatureId}";
}
