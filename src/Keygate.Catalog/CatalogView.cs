namespace Keygate.Catalog;

/// <summary>
/// The catalog as it was at one moment, indexed for questions. Immutable, so it may be shared between threads. Finding by code finds
/// archived entries too, since old licenses name them; lists hold only what is in use.
/// </summary>
public sealed class CatalogView
{
    /// <summary>The category of the resources of license classes, and of features without a group.</summary>
    public const string ClassCategory = "Additional Products";

    private readonly Dictionary<string, LicenseClass> _classes;
    private readonly Dictionary<string, FeatureGroup> _groups;
    private readonly Dictionary<string, Feature> _features;
    private readonly ILookup<string, Feature> _featuresOf;
    private readonly ILookup<string, LicenseClass> _addOnsOf;
    private readonly ILookup<string, UpgradeOption> _upgradesFrom;

    /// <summary>Indexes a catalog.</summary>
    public CatalogView(CatalogContents contents)
    {
        Contents = contents;
        _classes = contents.Classes.ToDictionary(c => c.KeyType, StringComparer.Ordinal);
        _groups = contents.Groups.ToDictionary(g => g.Id, StringComparer.Ordinal);
        _features = contents.Features.ToDictionary(f => f.Id, StringComparer.Ordinal);
        _featuresOf = contents.ClassFeatures.Where(r => !r.IsArchived).Select(r => (r.KeyType, Feature: _features[r.FeatureId]))
            .Where(r => !r.Feature.IsArchived)
            .OrderBy(r => r.Feature.Group is null ? int.MaxValue : _groups[r.Feature.Group].Sort)
            .ThenBy(r => r.Feature.Group, StringComparer.Ordinal).ThenBy(r => r.Feature.Sort).ThenBy(r => r.Feature.Id, StringComparer.Ordinal)
            .ToLookup(r => r.KeyType, r => r.Feature, StringComparer.Ordinal);
        _addOnsOf = contents.AddOns.Where(a => !a.IsArchived && !_classes[a.KeyType].IsArchived)
            .ToLookup(a => a.Parent, a => _classes[a.KeyType], StringComparer.Ordinal);
        _upgradesFrom = contents.UpgradeOptions.Where(o => !o.IsArchived && o.Enabled).ToLookup(o => o.From, StringComparer.Ordinal);
    }

    /// <summary>Everything that the catalog holds.</summary>
    public CatalogContents Contents { get; }

    /// <summary>The license class with a key type; null where there is none.</summary>
    public LicenseClass? Class(string keyType) => _classes.GetValueOrDefault(keyType);

    /// <summary>The feature with a code; null where there is none.</summary>
    public Feature? Feature(string id) => _features.GetValueOrDefault(id);

    /// <summary>The feature group with a code; null where there is none.</summary>
    public FeatureGroup? Group(string id) => _groups.GetValueOrDefault(id);

    /// <summary>The features that a license of a class may have, by group and sort number.</summary>
    public IReadOnlyList<Feature> FeaturesOf(string keyType) => [.. _featuresOf[keyType]];

    /// <summary>The additional classes that go with a class.</summary>
    public IReadOnlyList<LicenseClass> AddOnsOf(string keyType) => [.. _addOnsOf[keyType]];

    /// <summary>The enabled options to turn a class or feature into another.</summary>
    public IReadOnlyList<UpgradeOption> UpgradesFrom(string code) => [.. _upgradesFrom[code]];

    /// <summary>The category in which the resource of a class or feature stands.</summary>
    public string CategoryOf(string code) => Feature(code)?.Group is { } group ? _groups[group].Description : ClassCategory;
}
