using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Brings the copied state of leases up to date when their period is over. The derived state is Expired from the date on, job or not.</summary>
internal sealed class ExpireLicenses(LicenseStore store, LicenseSteps steps, TimeProvider time) : RecurringJob
{
    private const int Batch = 200;

    public override string Name => "licensing.expire";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var due = await store.DueToExpireAsync(tx, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), Batch, cancellation);
        foreach (var id in due)
        {
            var license = await store.LockAsync(tx, id, cancellation);
            await store.ExpireAsync(tx, license, cancellation);
            await steps.TellAsync(tx, license, "license.expired", cancellation);
        }

        return due.Count == Batch;
    }
}
