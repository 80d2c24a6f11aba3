using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>Writes the catalog as a file that <see cref="ImportCatalog"/> reads back without loss.</summary>
public sealed class ExportCatalog(CatalogReader reader)
{
    /// <summary>The catalog as a file: UTF-8, the same bytes for the same catalog.</summary>
    public async Task<byte[]> HandleAsync(Session session, CancellationToken cancellation) =>
        CatalogFileWriter.Write((await reader.GetAsync(session, cancellation)).Contents);
}
