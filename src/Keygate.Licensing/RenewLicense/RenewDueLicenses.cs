using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Renews the leases whose class is renewed automatically, from their update date until they end, once a day each, while they are in good standing. After a
/// time without Keygate it begins with those that end first.
/// </summary>
internal sealed class RenewDueLicenses(LicenseStore store, RenewalStore renewals, CatalogReader catalog, WorkQueue queue, TimeProvider time) : RecurringJob
{
    private const int Batch = 100;

    // A little less than a day, so that the hour of the tries does not wander.
    private static readonly TimeSpan TryEvery = TimeSpan.FromHours(23);

    public override string Name => "licensing.renew-due";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var keyTypes = (await catalog.GetAsync(tx, cancellation)).Contents.Classes.Where(c => c.RenewedAutomatically).Select(c => c.KeyType).ToList();
        var due = keyTypes.Count == 0 ? [] : await renewals.DueAsync(tx, keyTypes, Batch, cancellation);
        foreach (var id in due)
        {
            await renewals.BeginAsync(tx, id, time.GetUtcNow() + TryEvery, cancellation);
            await RenewalProcess.StartAsync(queue, tx, await store.LockAsync(tx, id, cancellation), byHand: false, cancellation);
        }

        return due.Count == Batch;
    }
}
