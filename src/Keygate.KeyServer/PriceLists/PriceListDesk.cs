using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>The price lists as the issuer's staff works with them.</summary>
public sealed class PriceListDesk : Desk
{
    /// <summary>The largest file that is taken, in bytes.</summary>
    public const int FileBytesMax = PriceListFile.BytesMax;

    internal PriceListDesk(IServiceProvider room)
        : base(room)
    {
    }

    /// <summary>The price lists by name.</summary>
    public Task<IReadOnlyList<PriceListHead>> ListAsync(Session session, CancellationToken cancellation) => Get<PriceListStore>().ListAsync(session, cancellation);

    /// <summary>A price list.</summary>
    public async Task<Result<PriceListView>> ShowAsync(Session session, string name, CancellationToken cancellation) =>
        await Get<PriceListStore>().FindAsync(session, name, cancellation) is { } row
            ? PriceListView.Of(await Get<PriceListStore>().GetAsync(session, row.Id, row.Version, cancellation), Get<TimeProvider>().Utc())
            : KeyServerErrors.PriceListUnknown.Because($"There is no price list \"{name}\".");

    /// <summary>Imports a price-list file, whole or not at all.</summary>
    public Task<Result<ImportedPriceList>> ImportAsync(Tx tx, ReadOnlyMemory<byte> file, Actor actor, CancellationToken cancellation) =>
        Get<ImportPriceListHandler>().HandleAsync(tx, file, actor, cancellation);

    /// <summary>Withdraws an entry: not orderable any more, kept for the keys that have it.</summary>
    /// <param name="tx">A transaction of the key server's database.</param>
    /// <param name="list">The list.</param>
    /// <param name="kind">The file's word: keyTypes, features, groups or upgradePlans.</param>
    /// <param name="id">The entry's identifier.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Result<ImportedPriceList>> WithdrawAsync(Tx tx, string list, string kind, string id, Actor actor, CancellationToken cancellation) =>
        ChangePriceListEntryEndpoints.KindOf(kind).TryGet(out var kindOf, out var unknown)
            ? await Get<ChangePriceListEntryHandler>().WithdrawAsync(tx, list, kindOf, id, actor, cancellation)
            : unknown;
}
