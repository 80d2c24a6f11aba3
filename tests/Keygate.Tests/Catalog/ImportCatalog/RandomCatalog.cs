using Keygate.Catalog;

namespace Keygate.Tests.Catalog;

/// <summary>A catalog that keeps to all rules, different for each seed and the same for the same one.</summary>
internal static class RandomCatalog
{
    private static readonly string[] Texts = ["Plesk 10", "Größe", "許可証", "\"quoted\" \\ back", "😀 emoji", "<tag> & 'more'", "{}[],:", "null"];

    public static CatalogContents Of(int seed)
    {
        var chance = new Random(seed);
        var groups = Some(chance, 4, i => new FeatureGroup
        {
            Id = $"G{i}", Description = Text(chance), Sort = chance.Next(5), Mandatory = Flag(chance), ArchivedAt = Moment(chance),
        });
        // Which of the codes are additional must not change between seeds that follow one another upon one database.
        var classes = Some(chance, 8, i => new LicenseClass
        {
            KeyType = $"C{i}", Name = Text(chance), Product = Text(chance), Version = Flag(chance) ? "" : Text(chance), Description = Flag(chance) ? "" : Text(chance),
            BillType = Flag(chance) ? BillType.Lease : BillType.Purchase, IsAdditional = i % 3 == 0, RenewedAutomatically = Flag(chance),
            ApsLicenseType = Flag(chance) ? null : $"urn:x:{i}", Activation = (Activation)chance.Next(3), ArchivedAt = Moment(chance),
        });
        var live = groups.Where(g => g.ArchivedAt is null).ToList();
        var features = Some(chance, 12, i => new Feature
        {
            Id = $"F{i}", Name = Text(chance), Group = live.Count == 0 || Flag(chance) ? null : live[chance.Next(live.Count)].Id, Sort = chance.Next(4), ArchivedAt = Moment(chance),
        });
        return CatalogContents.Of(
        [
            .. groups, .. classes, .. features,
            .. Pairs(chance, classes, features, (c, f) => new ClassFeature { KeyType = c.KeyType, FeatureId = f.Id, ArchivedAt = Moment(chance) }),
            .. Pairs(chance, classes.Where(c => !c.IsAdditional), classes.Where(c => c.IsAdditional), (c, a) => new AddOn { Parent = c.KeyType, KeyType = a.KeyType, ArchivedAt = Moment(chance) }),
            .. Pairs(chance, features, features, (f, t) => f == t || f.Group is null || f.Group != t.Group ? null : new UpgradeOption
            {
                From = f.Id, To = t.Id, Plan = $"{f.Id}_TO_{t.Id}", Description = Text(chance),
                Type = f.Sort < t.Sort ? UpgradeType.Upgrade : f.Sort > t.Sort ? UpgradeType.Downgrade : (UpgradeType)chance.Next(2),
                Enabled = Flag(chance), ArchivedAt = Moment(chance),
            }),
        ]);
    }

    private static List<T> Some<T>(Random chance, int most, Func<int, T> make) => [.. Enumerable.Range(0, most).Where(_ => Flag(chance)).Select(make)];

    private static IEnumerable<CatalogEntry> Pairs<TA, TB>(Random chance, IEnumerable<TA> a, IEnumerable<TB> b, Func<TA, TB, CatalogEntry?> make) =>
        [.. a.SelectMany(x => b.Select(y => (x, y))).Where(_ => Flag(chance)).Select(p => make(p.x, p.y)).OfType<CatalogEntry>()];

    private static string Text(Random chance) => Texts[chance.Next(Texts.Length)];

    private static bool Flag(Random chance) => chance.Next(2) == 0;

    private static DateTimeOffset? Moment(Random chance) => chance.Next(4) > 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(chance.NextInt64(0, 4_000_000_000_000));
}
