using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>What a license may be made of. The checks stand in the order in which their refusals are told; all are told at once.</summary>
public static class CatalogRules
{
    private static readonly (string Name, Func<Asked, IEnumerable<Error>> Check)[] Ordered =
    [
        ("the class can be ordered", ClassCanBeOrdered),
        ("the features belong to the class", FeaturesBelong),
        ("one feature of a group at most", OneOfAGroup),
        ("one feature of each mandatory group", OneOfEachMandatoryGroup),
        ("the add-ons go with the class", AddOnsGoWithIt),
    ];

    /// <summary>The checks by name, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Ordered.Select(rule => rule.Name)];

    /// <summary>Checks a class with features and add-ons against the catalog; empty when a license may be made so.</summary>
    public static IReadOnlyList<Error> Check(CatalogView catalog, string keyType, IReadOnlyList<string> features, IReadOnlyList<string> addOns)
    {
        if (catalog.Class(keyType) is not { } @class)
        {
            return [CatalogErrors.ClassUnknown.At("keyType").Because($"The catalog has no license class {keyType}")];
        }

        var asked = new Asked(catalog, @class, catalog.FeaturesOf(keyType), features, addOns);
        return [.. Ordered.SelectMany(rule => rule.Check(asked))];
    }

    private static IEnumerable<Error> ClassCanBeOrdered(Asked asked)
    {
        if (asked.Class.IsArchived)
        {
            yield return CatalogErrors.ClassArchived.At("keyType").Because($"The license class {asked.Class} is archived");
        }

        if (asked.Class.IsAdditional)
        {
            var parents = asked.Catalog.Contents.AddOns.Where(a => !a.IsArchived && a.KeyType == asked.Class.KeyType).Select(a => a.Parent).ToList();
            var error = CatalogErrors.ClassAdditional.At("keyType").Because($"The license class {asked.Class} is additional and cannot be ordered alone");
            yield return parents.Count == 0 ? error : error.Mend($"Order it as add-on of {Listed(parents)}.");
        }
    }

    private static IEnumerable<Error> FeaturesBelong(Asked asked)
    {
        foreach (var id in asked.Features.Distinct(StringComparer.Ordinal))
        {
            if (asked.Features.Count(f => f == id) > 1)
            {
                yield return CatalogErrors.FeatureTwice.At("features").Because($"The feature {id} is named twice");
            }

            if (asked.Catalog.Feature(id) is not { } feature)
            {
                yield return Choose(CatalogErrors.FeatureUnknown.At("features").Because($"The catalog has no feature {id}"), asked);
            }
            else if (feature.IsArchived)
            {
                yield return Choose(CatalogErrors.FeatureArchived.At("features").Because($"The feature {feature} is archived"), asked);
            }
            else if (!asked.Offered.Contains(feature))
            {
                yield return Choose(CatalogErrors.FeatureForeign.At("features").Because($"The feature {feature} does not belong to the license class {asked.Class}"), asked);
            }
        }
    }

    private static IEnumerable<Error> OneOfAGroup(Asked asked) =>
        asked.Chosen.Where(f => f.Group is not null).GroupBy(f => f.Group!).Where(g => g.Count() > 1).Select(g =>
            CatalogErrors.FeatureGroupTaken.At("features")
                .Because($"{Listed(g.Select(f => f.Id))} are of one group, {asked.Catalog.Group(g.Key)}")
                .Mend($"Keep one of {Listed(g.Select(f => f.Id))}."));

    private static IEnumerable<Error> OneOfEachMandatoryGroup(Asked asked) =>
        asked.Offered.Where(f => f.Group is not null).GroupBy(f => f.Group!)
            .Where(g => asked.Catalog.Group(g.Key)!.Mandatory && !asked.Chosen.Any(f => f.Group == g.Key)).Select(g =>
                CatalogErrors.FeatureGroupMissing.At("features")
                    .Because($"The license class {asked.Class} needs a feature of the group {asked.Catalog.Group(g.Key)}")
                    .Mend($"Add one of {Listed(g.Select(f => f.Id))}."));

    private static IEnumerable<Error> AddOnsGoWithIt(Asked asked)
    {
        foreach (var keyType in asked.AddOns.Distinct(StringComparer.Ordinal))
        {
            if (asked.AddOns.Count(a => a == keyType) > 1)
            {
                yield return CatalogErrors.AddOnTwice.At("addOns").Because($"The add-on {keyType} is named twice");
            }

            if (asked.Catalog.Class(keyType) is not { } addOn)
            {
                yield return CatalogErrors.ClassUnknown.At("addOns").Because($"The catalog has no license class {keyType}");
            }
            else if (addOn.IsArchived)
            {
                yield return CatalogErrors.ClassArchived.At("addOns").Because($"The license class {addOn} is archived");
            }
            else if (!addOn.IsAdditional)
            {
                yield return CatalogErrors.AddOnNotAdditional.At("addOns").Because($"The license class {addOn} is not additional");
            }
            else if (!asked.Catalog.AddOnsOf(asked.Class.KeyType).Contains(addOn))
            {
                yield return CatalogErrors.AddOnForeign.At("addOns").Because($"The additional license class {addOn} does not go with {asked.Class}");
            }
        }
    }

    private static Error Choose(Error error, Asked asked) => asked.Offered.Count == 0
        ? error.Mend($"Order {asked.Class.KeyType} without features.")
        : error.Mend($"The license class has {Listed(asked.Offered.Select(f => f.Id))}.");

    private static string Listed(IEnumerable<string> codes)
    {
        var all = codes.ToList();
        return all.Count == 1 ? all[0] : $"{string.Join(", ", all.SkipLast(1))} and {all[^1]}";
    }

    private sealed record Asked(
        CatalogView Catalog, LicenseClass Class, IReadOnlyList<Feature> Offered, IReadOnlyList<string> Features, IReadOnlyList<string> AddOns)
    {
        // Only features that the class has: others are refused already, and would make the group checks say the same again.
        public IReadOnlyList<Feature> Chosen { get; } = [.. Offered.Where(f => Features.Contains(f.Id))];
    }
}
