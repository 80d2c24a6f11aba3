using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>A catalog file to import.</summary>
/// <param name="File">The file, byte for byte.</param>
public sealed record ImportCatalogRequest(ReadOnlyMemory<byte> File);

/// <summary>
/// Makes the catalog what a file says, all or nothing: what the file has is added, changed or put back, and what it does not have is archived.
/// The same file again changes nothing.
/// </summary>
public sealed class ImportCatalog(CatalogEditor editor, CatalogReader reader)
{
    /// <summary>Imports in the caller's transaction; tells what changed, or every fault of the file with its line.</summary>
    public async Task<Result<CatalogDiff>> HandleAsync(Tx tx, ImportCatalogRequest request, Actor actor, CancellationToken cancellation) =>
        CatalogFile.Read(request.File).TryGet(out var file, out var error)
            ? await editor.EditAsync(tx, actor, view => Merged(view.Contents, file), cancellation)
            : error;

    /// <summary>What an import would change now; writes nothing.</summary>
    public async Task<Result<CatalogDiff>> PreviewAsync(Session session, ImportCatalogRequest request, CancellationToken cancellation)
    {
        if (!CatalogFile.Read(request.File).TryGet(out var file, out var error))
        {
            return error;
        }

        var before = (await reader.GetAsync(session, cancellation)).Contents;
        return Merged(before, file).Map(after => CatalogDiff.Between(before, after));
    }

    private Result<CatalogContents> Merged(CatalogContents before, CatalogFileContents file)
    {
        var named = file.Catalog.Entries.Select(e => (e.Kind, e.Key)).ToHashSet();
        var gone = before.Entries.Where(e => !e.IsArchived && !named.Contains((e.Kind, e.Key)));
        var after = before.With([.. gone.Select(e => e with { ArchivedAt = editor.Now }), .. file.Catalog.Entries]);
        return Error.Of([.. CatalogShape.Check(after).Select(file.InFile)]) is { } error ? error : after;
    }
}
