using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>
/// Reads the catalog. A read costs one short statement while nothing has changed: the last view is kept, and the stamp in the
/// database tells whether it still holds. Thread-safe; one instance serves all.
/// </summary>
public sealed class CatalogReader
{
    // The catalog would have to change this often while its six tables are read; somebody is then writing without end.
    private const int ReadsMax = 10;

    private volatile Kept? _last;

    /// <summary>The catalog now; inside a transaction with the changes made there.</summary>
    public async Task<CatalogView> GetAsync(Session session, CancellationToken cancellation)
    {
        var tx = session as Tx;
        var view = tx?.Known<CatalogView>("catalog") ?? await ReadAsync(session, cancellation);
        tx?.Know("catalog", view);
        return view;
    }

    private async Task<CatalogView> ReadAsync(Session session, CancellationToken cancellation)
    {
        var stamp = await CatalogStore.StampAsync(session, cancellation);
        for (var read = 0; read < ReadsMax; read++)
        {
            // A stamp is never given twice, in no database and after no rollback, so it may be asked for across transactions. Zero is
            // that of every catalog that nobody has touched, and all of those are empty.
            if (_last is { } last && last.Stamp == stamp)
            {
                return last.View;
            }

            // Only what was read at one stamp fits together: an entry may refer to another that was not there yet when its table was read.
            var contents = await CatalogStore.LoadAsync(session, cancellation);
            var after = await CatalogStore.StampAsync(session, cancellation);
            if (after == stamp)
            {
                var view = new CatalogView(contents);
                _last = new Kept(stamp, view);
                return view;
            }

            stamp = after;
        }

        throw new InvalidOperationException("The catalog changed during each of ten reads.");
    }

    private sealed record Kept(long Stamp, CatalogView View);
}
