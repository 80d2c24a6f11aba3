namespace Keygate.Catalog;

/// <summary>What becomes of an entry.</summary>
public enum CatalogChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It has other values.</summary>
    Changed,

    /// <summary>It was in use and is archived now.</summary>
    Archived,

    /// <summary>It was archived and is in use now.</summary>
    PutBack,
}

/// <summary>One difference between two catalogs.</summary>
/// <param name="Change">What becomes of the entry.</param>
/// <param name="Kind">What the entry is.</param>
/// <param name="Code">Its code; of a relation both codes, with a slash between.</param>
/// <param name="Fields">The fields that differ; empty where the entry is new.</param>
public sealed record CatalogChange(CatalogChangeKind Change, CatalogKind Kind, string Code, IReadOnlyList<string> Fields);

/// <summary>The differences between two catalogs.</summary>
/// <param name="Changes">One for each entry that differs, in the order of the catalog file.</param>
public sealed record CatalogDiff(IReadOnlyList<CatalogChange> Changes)
{
    /// <summary>What leads from one catalog to another that holds at least the same entries.</summary>
    internal static CatalogDiff Between(CatalogContents before, CatalogContents after) => new([.. Changed(before, after).Select(pair => Of(pair.Before, pair.After))]);

    internal static IEnumerable<(CatalogEntry? Before, CatalogEntry After)> Changed(CatalogContents before, CatalogContents after)
    {
        var old = before.Entries.ToDictionary(e => (e.Kind, e.Key));
        return after.Entries.Select(e => (Before: old.GetValueOrDefault((e.Kind, e.Key)), After: e)).Where(pair => pair.Before != pair.After);
    }

    private static CatalogChange Of(CatalogEntry? before, CatalogEntry after) => new(
        before switch
        {
            null => CatalogChangeKind.Added,
            { IsArchived: false } when after.IsArchived => CatalogChangeKind.Archived,
            { IsArchived: true } when !after.IsArchived => CatalogChangeKind.PutBack,
            _ => CatalogChangeKind.Changed,
        },
        after.Kind, after.Key, before is null ? [] : [.. Fields(before, after)]);

    private static IEnumerable<string> Fields(CatalogEntry before, CatalogEntry after) => after.GetType().GetProperties()
        .Where(p => !Equals(p.GetValue(before), p.GetValue(after)))
        .Select(p => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(p.Name));
}
