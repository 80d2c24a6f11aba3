using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Has the requests of an hour ago looked for at their issuers, many at a time. An hour, since a call that was repeated on its way may be carried out
/// until then; many at a time, since an order should not pay for a process of its own in case its issuer answered once too often.
/// </summary>
internal sealed class BeginFindingSurplusKeys(WorkQueue queue, TimeProvider time) : RecurringJob
{
    /// <summary>How long after the issue of its key a request is looked for.</summary>
    public static readonly TimeSpan After = TimeSpan.FromHours(1);

    private const int Batch = 500;

    public override string Name => "licensing.find-surplus-keys";

    public override TimeSpan Every => TimeSpan.FromMinutes(10);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var due = await SurplusLooks.TakeAsync(tx, time.GetUtcNow(), Batch, cancellation);
        foreach (var issuer in due.GroupBy(row => row.IssuerId, row => row.LicenseId))
        {
            foreach (var licenses in issuer.Chunk(FindSurplusKeys.RequestsMax))
            {
                await queue.StartAsync(tx, FindSurplusKeys.Of(issuer.Key, licenses), cancellation);
            }
        }

        return due.Count == Batch;
    }
}
