using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>What a caller asks of a list of the catalog.</summary>
/// <param name="Limit">Rows a page.</param>
/// <param name="Cursor">Where the last page ended.</param>
/// <param name="Archived">True for what is archived; else what is in use.</param>
public readonly record struct CatalogListQuery(int? Limit, string? Cursor, bool? Archived);

/// <summary>Pages of the view in memory, in the order of the codes.</summary>
internal static class CatalogLists
{
    public static Result<Page<TView>> Page<TEntry, TView>(IEnumerable<TEntry> entries, CatalogListQuery query, Func<TEntry, TView> view)
        where TEntry : CatalogEntry
    {
        var (limit, cursor) = PageRequest.Of(query.Limit, query.Cursor);
        var archived = query.Archived ?? false;
        var filter = $"catalog/{typeof(TEntry).Name}/{archived}";
        var after = "";
        if (cursor is not null && !Cursor.TryRead(cursor, filter, out after, out _))
        {
            return KernelErrors.CursorForeign.At("cursor");
        }

        var found = entries.Where(e => e.IsArchived == archived && string.CompareOrdinal(e.Key, after) > 0)
            .OrderBy(e => e.Key, StringComparer.Ordinal).Take(limit + 1).ToList();
        var items = found.Take(limit).ToList();
        return new Page<TView>([.. items.Select(view)], found.Count > limit ? Cursor.After(filter, items[^1].Key, 0) : null);
    }

    public static Result<TEntry> Found<TEntry>(TEntry? entry, CatalogKind kind, string key)
        where TEntry : CatalogEntry
        => entry is null ? CatalogErrors.EntryNotFound.Because($"The catalog has no {CatalogShape.Word(kind)} {key}") : entry;
}
