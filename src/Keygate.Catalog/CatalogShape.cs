using System.Text.RegularExpressions;
using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>A fault of one entry; the error's field is the entry's field.</summary>
internal sealed record CatalogFault(CatalogEntry Entry, Error Error);

/// <summary>
/// What a catalog must keep to, whoever writes it: a file, a form, a script. A catalog that passes can be stored and answers every question
/// without a gap. Entries are checked one by one first, then among themselves, since the second would only repeat the first's faults.
/// An archived relation need only name what exists: what it says is checked again when it is put back.
/// </summary>
internal static partial class CatalogShape
{
    public const int CodeLengthMax = 100;
    public const int NameLengthMax = 250;
    public const int TextLengthMax = 2000;

    public static IReadOnlyList<CatalogFault> Check(CatalogContents contents)
    {
        List<CatalogFault> alone = [.. contents.Entries.SelectMany(e => Alone(e).Select(error => new CatalogFault(e, error))), .. Twice(contents)];
        return alone.Count > 0 ? alone : Among(contents);
    }

    /// <summary>The faults that an entry has by itself.</summary>
    public static IReadOnlyList<Error> Alone(CatalogEntry entry) =>
    [
        .. (entry switch
        {
            LicenseClass c => new[]
            {
                Code("keyType", c.KeyType), Text("name", c.Name, NameLengthMax), Text("product", c.Product, NameLengthMax),
                Text("version", c.Version, NameLengthMax, mayBeEmpty: true), Text("description", c.Description, TextLengthMax, mayBeEmpty: true), Aps(c.ApsLicenseType),
            },
            FeatureGroup g => [Code("id", g.Id), Text("description", g.Description, NameLengthMax), Sort(g.Sort)],
            Feature f => [Code("id", f.Id), Text("name", f.Name, NameLengthMax), Sort(f.Sort)],
            UpgradeOption o => [Code("plan", o.Plan), Text("description", o.Description, TextLengthMax, mayBeEmpty: true)],
            _ => [],
        }).OfType<Error>(),
    ];

    private static IEnumerable<CatalogFault> Twice(CatalogContents contents)
    {
        // Classes and features share one space of codes: an upgrade option, a resource and the issuer tell them apart by nothing else.
        foreach (var same in contents.Classes.Select(c => (c.KeyType, Entry: (CatalogEntry)c)).Concat(contents.Features.Select(f => (f.Id, Entry: (CatalogEntry)f)))
            .GroupBy(e => e.Item1, StringComparer.Ordinal))
        {
            // An archived one had the code first.
            var holders = same.OrderByDescending(e => e.Entry.IsArchived).ToList();
            foreach (var (code, entry) in holders.Skip(1))
            {
                yield return new CatalogFault(entry, CatalogErrors.CodeTaken.At(entry is Feature ? "id" : "keyType")
                    .Because($"The code {code} is already that of a {(holders[0].Entry is Feature ? "feature" : "license class")}"));
            }
        }

        foreach (var same in contents.Entries.Where(e => e is not (LicenseClass or Feature)).GroupBy(e => (e.Kind, e.Key)))
        {
            foreach (var entry in same.Skip(1))
            {
                yield return new CatalogFault(entry, CatalogErrors.CodeTaken.Because($"The {Word(entry.Kind)} {entry.Key} is in the catalog already"));
            }
        }
    }

    private static List<CatalogFault> Among(CatalogContents contents)
    {
        var known = new Known(
            contents.Classes.ToDictionary(c => c.KeyType, StringComparer.Ordinal),
            contents.Groups.ToDictionary(g => g.Id, StringComparer.Ordinal),
            contents.Features.ToDictionary(f => f.Id, StringComparer.Ordinal));
        return [.. contents.Entries.SelectMany(e => Relations(e, known).Select(error => new CatalogFault(e, error)))];
    }

    private static IEnumerable<Error> Relations(CatalogEntry entry, Known known) => entry switch
    {
        Feature f => OfFeature(f, known),
        ClassFeature r => OfClassFeature(r, known),
        AddOn a => OfAddOn(a, known),
        UpgradeOption o => OfUpgrade(o, known),
        _ => [],
    };

    private static IEnumerable<Error> OfFeature(Feature feature, Known known)
    {
        if (feature.Group is null)
        {
            yield break;
        }

        if (!known.Groups.TryGetValue(feature.Group, out var group))
        {
            yield return CatalogErrors.GroupUnknown.At("group").Because($"The feature {feature.Id} is of the group {feature.Group}, which the catalog does not have");
        }
        else if (group.IsArchived && !feature.IsArchived)
        {
            yield return CatalogErrors.GroupInUse.At("group").Because($"The feature {feature.Id} is in use and its group {group.Id} is archived");
        }
    }

    private static IEnumerable<Error> OfClassFeature(ClassFeature relation, Known known)
    {
        if (!known.Classes.ContainsKey(relation.KeyType))
        {
            yield return CatalogErrors.ClassUnknown.At("classes").Because($"The feature {relation.FeatureId} belongs to the license class {relation.KeyType}, which the catalog does not have");
        }

        if (!known.Features.ContainsKey(relation.FeatureId))
        {
            yield return CatalogErrors.FeatureUnknown.At("feature").Because($"The license class {relation.KeyType} has the feature {relation.FeatureId}, which the catalog does not have");
        }
    }

    private static IEnumerable<Error> OfAddOn(AddOn relation, Known known)
    {
        if (!known.Classes.TryGetValue(relation.Parent, out var parent))
        {
            yield return CatalogErrors.ClassUnknown.At("parent").Because($"The catalog has no license class {relation.Parent}");
        }
        else if (parent.IsAdditional && !relation.IsArchived)
        {
            yield return CatalogErrors.AddOnParentAdditional.At("parent").Because($"The license class {parent} is additional itself and cannot have the add-on {relation.KeyType}");
        }

        if (!known.Classes.TryGetValue(relation.KeyType, out var addOn))
        {
            yield return CatalogErrors.ClassUnknown.At("addOn").Because($"The catalog has no license class {relation.KeyType}");
        }
        else if (!addOn.IsAdditional && !relation.IsArchived)
        {
            yield return CatalogErrors.AddOnNotAdditional.At("addOn").Because($"The license class {addOn} is not additional and cannot be an add-on of {relation.Parent}");
        }
    }

    private static IEnumerable<Error> OfUpgrade(UpgradeOption option, Known known)
    {
        var (fromClass, toClass) = (known.Classes.GetValueOrDefault(option.From), known.Classes.GetValueOrDefault(option.To));
        var (fromFeature, toFeature) = (known.Features.GetValueOrDefault(option.From), known.Features.GetValueOrDefault(option.To));
        if (fromClass is null && fromFeature is null)
        {
            yield return CatalogErrors.UpgradeEndUnknown.At("from").Because($"The upgrade option {option.Key} starts at {option.From}, which the catalog does not have");
        }

        if (toClass is null && toFeature is null)
        {
            yield return CatalogErrors.UpgradeEndUnknown.At("to").Because($"The upgrade option {option.Key} ends at {option.To}, which the catalog does not have");
        }

        if ((fromClass ?? (object?)fromFeature) is null || (toClass ?? (object?)toFeature) is null || option.IsArchived)
        {
            yield break;
        }

        if (option.From == option.To || fromClass is null != toClass is null || fromClass?.IsAdditional != toClass?.IsAdditional)
        {
            yield return CatalogErrors.UpgradeMixed.At("to").Because($"The upgrade option {option.Key} does not lead from one thing to another of the same sort");
        }
        else if (fromFeature is not null && toFeature is not null)
        {
            if (fromFeature.Group is null || fromFeature.Group != toFeature.Group)
            {
                yield return CatalogErrors.UpgradeAcrossGroups.At("to").Because(
                    $"{option.From} is of {(fromFeature.Group is null ? "no group" : $"the group {fromFeature.Group}")} and {option.To} of {toFeature.Group ?? "none"}");
            }
            else if (option.Type == UpgradeType.Upgrade ? fromFeature.Sort > toFeature.Sort : fromFeature.Sort < toFeature.Sort)
            {
                yield return CatalogErrors.UpgradeAgainstSort.At("to").Because(
                    $"{option.From} has the sort number {fromFeature.Sort} and {option.To} {toFeature.Sort}, which is no {(option.Type == UpgradeType.Upgrade ? "upgrade" : "downgrade")}");
            }
        }
    }

    private static Error? Code(string field, string value) => value.Length == 0
        ? CatalogErrors.ValueMissing.At(field).Because($"{field} is empty")
        : value.Length <= CodeLengthMax && CodeForm().IsMatch(value)
            ? null
            : CatalogErrors.CodeMalformed.At(field).Because($"{field} is not a code: {Shown(value)}");

    private static Error? Text(string field, string value, int lengthMax, bool mayBeEmpty = false)
    {
        if (!mayBeEmpty && string.IsNullOrWhiteSpace(value))
        {
            return CatalogErrors.ValueMissing.At(field).Because($"{field} is empty");
        }

        if (value.Length > lengthMax)
        {
            return CatalogErrors.ValueMalformed.At(field).Because($"{field} has {value.Length} characters, {lengthMax} are the most");
        }

        // A NUL cannot be stored in PostgreSQL, and other control characters cannot travel in a license file.
        return value.Any(char.IsControl) ? CatalogErrors.ValueMalformed.At(field).Because($"{field} holds a control character") : null;
    }

    private static Error? Sort(int sort) => sort >= 0 ? null : CatalogErrors.ValueMalformed.At("sort").Because("sort is negative");

    private static Error? Aps(string? type) => type is null || (type.Length <= NameLengthMax && Uri.TryCreate(type, UriKind.Absolute, out _) && !type.Any(char.IsWhiteSpace))
        ? null
        : CatalogErrors.ValueMalformed.At("apsLicenseType").Because($"apsLicenseType is not an address such as urn:pla:pinnacle-cart:1: {Shown(type)}");

    internal static string Word(CatalogKind kind) => kind switch
    {
        CatalogKind.LicenseClass => "license class",
        CatalogKind.FeatureGroup => "feature group",
        CatalogKind.Feature => "feature",
        CatalogKind.ClassFeature => "feature of a class",
        CatalogKind.AddOn => "add-on",
        CatalogKind.UpgradeOption => "upgrade option",
        _ => throw new InvalidOperationException($"The catalog has no {kind}."),
    };

    private static string Shown(string value) => value.Length <= 60 ? value : value[..60] + "...";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.:+-]*\z", RegexOptions.None, 1000)]
    private static partial Regex CodeForm();

    private sealed record Known(
        IReadOnlyDictionary<string, LicenseClass> Classes, IReadOnlyDictionary<string, FeatureGroup> Groups, IReadOnlyDictionary<string, Feature> Features);
}
