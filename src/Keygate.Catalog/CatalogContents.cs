namespace Keygate.Catalog;

/// <summary>The whole catalog as one value: what a file holds, and what the tables hold. Archived entries are in it.</summary>
public sealed record CatalogContents
{
    /// <summary>A catalog with nothing in it.</summary>
    public static readonly CatalogContents Empty = new();

    /// <summary>The license classes.</summary>
    public IReadOnlyList<LicenseClass> Classes { get; init; } = [];

    /// <summary>The feature groups.</summary>
    public IReadOnlyList<FeatureGroup> Groups { get; init; } = [];

    /// <summary>The features.</summary>
    public IReadOnlyList<Feature> Features { get; init; } = [];

    /// <summary>Which feature belongs to which class.</summary>
    public IReadOnlyList<ClassFeature> ClassFeatures { get; init; } = [];

    /// <summary>Which additional class goes with which main one.</summary>
    public IReadOnlyList<AddOn> AddOns { get; init; } = [];

    /// <summary>What may be turned into what.</summary>
    public IReadOnlyList<UpgradeOption> UpgradeOptions { get; init; } = [];

    // In the order in which one may refer to another.
    internal IEnumerable<CatalogEntry> Entries =>
        [.. Groups, .. Classes, .. Features, .. ClassFeatures, .. AddOns, .. UpgradeOptions];

    internal static CatalogContents Of(IEnumerable<CatalogEntry> entries)
    {
        var all = entries.ToList();
        return new CatalogContents
        {
            Groups = [.. all.OfType<FeatureGroup>().OrderBy(g => g.Sort).ThenBy(g => g.Id, StringComparer.Ordinal)],
            Classes = [.. all.OfType<LicenseClass>().OrderBy(c => c.KeyType, StringComparer.Ordinal)],
            Features = [.. all.OfType<Feature>().OrderBy(f => f.Group is null).ThenBy(f => f.Group, StringComparer.Ordinal)
                .ThenBy(f => f.Sort).ThenBy(f => f.Id, StringComparer.Ordinal)],
            ClassFeatures = [.. all.OfType<ClassFeature>().OrderBy(r => r.Key, StringComparer.Ordinal)],
            AddOns = [.. all.OfType<AddOn>().OrderBy(a => a.Key, StringComparer.Ordinal)],
            UpgradeOptions = [.. all.OfType<UpgradeOption>().OrderBy(o => o.Key, StringComparer.Ordinal)],
        };
    }

    internal CatalogEntry? Find(CatalogKind kind, string key) => Entries.FirstOrDefault(e => e.Kind == kind && e.Key == key);

    internal CatalogContents With(params IEnumerable<CatalogEntry> changed)
    {
        var byKey = Entries.ToDictionary(e => (e.Kind, e.Key));
        foreach (var entry in changed)
        {
            byKey[(entry.Kind, entry.Key)] = entry;
        }

        return Of(byKey.Values);
    }
}
