using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What the steps of a license share: its rows, and what to write when one of them stops.</summary>
internal sealed class LicenseSteps(LicenseStore store, Outbox outbox, IEnumerable<ILicenseObserver> observers, TimeProvider time)
{
    public LicenseStore Store => store;

    public TimeProvider Time => time;

    public static ProvisionLicensePayload Payload(WorkItem work) => work.Read<ProvisionLicensePayload>();

    public async Task<License> FindAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        await store.FindAsync(session, Payload(work).License, cancellation) ?? throw new InvalidOperationException($"{work.Subject} has work but no row.");

    public Task<License> LockAsync(Tx tx, WorkItem work, CancellationToken cancellation) => store.LockAsync(tx, Payload(work).License, cancellation);

    /// <summary>The license and its ordered additional licenses: they are fetched and installed together.</summary>
    public async Task<List<License>> FamilyAsync(Session session, License license, CancellationToken cancellation) =>
        [license, .. (await store.AddOnsAsync(session, license.Id, cancellation)).Where(a => a.Ordered && a.KeyNumber is not null && a.TerminatedAt is null)];

    public Task TellAsync(Tx tx, License license, string topic, CancellationToken cancellation) =>
        outbox.AddAsync(tx, topic, license.Id.Subject, Json.Write(new { license.Id, license.KeyNumber, license.KeyType, license.SubscriptionId }), cancellation);

    /// <summary>Falls back from an open step, with the reason, and tells the rooms above.</summary>
    public async Task StoppedAsync(Tx tx, WorkItem work, LicenseOperation operation, Error error, CancellationToken cancellation)
    {
        var license = await LockAsync(tx, work, cancellation);
        var now = time.GetUtcNow();
        foreach (var member in await FamilyAsync(tx, license, cancellation))
        {
            if (LicenseMoves.All.Any(m => m.From == member.StateAt(now) && m.Operation == operation && m.Outcome == MoveOutcome.Failed))
            {
                await store.MoveAsync(tx, member, operation, MoveOutcome.Failed, Actor.Keygate, $"{operation} stopped: {error.Detail}", "open_step_name = 'None'", null, cancellation);
            }
        }

        await TellAsync(tx, license, "license.stopped", cancellation);
        foreach (var observer in observers)
        {
            await observer.StoppedAsync(tx, license.Id, error, cancellation);
        }
    }
}
