using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Hands out the license file or the token of a key. May be repeated: one revision has one of each.</summary>
internal sealed class RetrieveKeyHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, KeyRefresh refresh, PriceListStore priceLists,
    LicenseFileMaker files, TimeProvider time)
{
    public Task<Result<MadeFile>> HandleAsync(KeyName name, SignedForm form, KeyCaller caller, CancellationToken cancellation) =>
        HandleAsync(name, form, evenExpired: false, caller, cancellation);

    /// <param name="name">The key.</param>
    /// <param name="form">What is asked for.</param>
    /// <param name="evenExpired">True where it is wanted of an expired key too.</param>
    /// <param name="caller">On whose behalf.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Result<MadeFile>> HandleAsync(KeyName name, SignedForm form, bool evenExpired, KeyCaller caller, CancellationToken cancellation)
    {
        var previousVersion = form == SignedForm.PreviousFile;
        var found = await database.ReadAsync<Result<KeyRow>>(
            async s => (await access.FindAsync(s, name, caller, cancellation)).TryGet(out var row, out var denied)
                ? Refusal(row, (await priceLists.GetAsync(s, row.PriceListId, cancellation)).KeyType(row.KeyType), previousVersion, evenExpired) is { } refused ? refused : row
                : denied,
            cancellation);
        if (!found.TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        // A lease moves when it is renewed. A purchase was paid for good: its file is refreshed when it is fetched after its update date.
        if (key.Billing == BillingType.Purchase && key.UpdateDate <= time.Utc())
        {
            var refreshed = await database.WriteAsync<Result<KeyRow>>(async tx =>
            {
                var held = await access.HoldAsync(tx, name, caller, cancellation);
                return held.TryGet(out var current, out _) && current.UpdateDate <= time.Utc()
                    ? await refresh.NextAsync(tx, current, "refreshed", caller, cancellation)
                    : held;
            }, cancellation);
            if (!refreshed.TryGet(out key, out refusal))
            {
                return refusal;
            }
        }

        return await files.MakeAsync(key, form, cancellation);
    }

    private Error? Refusal(KeyRow key, KeyTypeItem? keyType, bool previousVersion, bool evenExpired) =>
        KeyAccess.Changeable(key)
        ?? (key.WaitsForActivation ? KeyServerErrors.KeyNotActivated.Because($"{key.Number} is not activated.")
        : keyType is { Exportable: false } ? KeyServerErrors.KeyNotExportable.Because($"{key.Number} has no file of its own.")
        : previousVersion && keyType?.PreviousVersion is null ? KeyServerErrors.NoPreviousVersion.Because($"{key.Number} cannot be exported for the previous product version.")
        : !evenExpired && key.IsExpired(time.Utc()) ? KeyServerErrors.KeyIsExpired.Because($"{key.Number} expired on {key.ExpirationDate:yyyy-MM-dd}.")
        : null);
}
