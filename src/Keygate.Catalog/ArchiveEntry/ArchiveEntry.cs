using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>An entry to archive or to put back.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code; of a relation both codes, with a slash between.</param>
/// <param name="Archived">True to archive it, false to put it back.</param>
public sealed record ArchiveEntryRequest(CatalogKind Kind, string Code, bool Archived);

/// <summary>
/// Takes an entry out of use, or puts it back. One slice serves all kinds, since they differ in nothing here: what must not be archived is
/// told by the rules of the whole catalog. Repeating it changes nothing.
/// </summary>
public sealed class ArchiveEntry(CatalogEditor editor)
{
    /// <summary>Archives or puts back in the caller's transaction; tells what changed.</summary>
    public Task<Result<CatalogDiff>> HandleAsync(Tx tx, ArchiveEntryRequest request, Actor actor, CancellationToken cancellation) =>
        editor.EditAsync(tx, actor, view => CatalogLists.Found(view.Contents.Find(request.Kind, request.Code), request.Kind, request.Code).Map(entry =>
            entry.IsArchived == request.Archived
                ? view.Contents
                : view.Contents.With(entry with { ArchivedAt = request.Archived ? editor.Now : null })), cancellation);
}
