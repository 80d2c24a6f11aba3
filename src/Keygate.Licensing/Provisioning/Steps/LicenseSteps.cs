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

    /// <summary>The license, locked together with its additional licenses, which its steps mostly need as well.</summary>
    public async Task<License> LockAsync(Tx tx, WorkItem work, CancellationToken cancellation) =>
        (await store.LockWithAddOnsAsync(tx, Payload(work).License, cancellation))[0];

    /// <summary>The license and its ordered additional licenses: they are fetched and installed together.</summary>
    public async Task<List<License>> FamilyAsync(Session session, License license, CancellationToken cancellation) =>
        Family(await store.WithAddOnsAsync(session, license.Id, cancellation));

    private static List<License> Family(List<License> all) => [all[0], .. all.Skip(1).Where(a => a.Ordered && a.KeyNumber is not null && a.TerminatedAt is null)];

    public Task TellAsync(Tx tx, License license, string topic, CancellationToken cancellation) =>
        outbox.AddAsync(tx, topic, license.Id.Subject, Json.Write(new { license.Id, license.KeyNumber, license.KeyType, license.CustomerId, license.SubscriptionId, license.ExpirationDate }), cancellation);

    /// <summary>
    /// The license, and the members of its family for which a step is open, or has to be opened again: it fell back when the step stopped before.
    /// </summary>
    public async Task<(License License, List<License> Open)> OpenAsync(Session session, LicenseId id, LicenseOperation operation, CancellationToken cancellation) =>
        Open(await store.WithAddOnsAsync(session, id, cancellation), operation);

    /// <summary>The same, locked until the transaction ends.</summary>
    public async Task<(License License, List<License> Open)> LockOpenAsync(Tx tx, LicenseId id, LicenseOperation operation, CancellationToken cancellation) =>
        Open(await store.LockWithAddOnsAsync(tx, id, cancellation), operation);

    private (License License, List<License> Open) Open(List<License> all, LicenseOperation operation)
    {
        var now = time.GetUtcNow();
        return (all[0], [.. Family(all).Where(m => m.OpenStep == StepOf(operation) || LicenseMoves.May(m.StateAt(now), operation))]);
    }

    /// <summary>The license with the step open; as it is where it is open already, and where its period ended meanwhile.</summary>
    public Task<License> BeginAsync(Tx tx, License license, LicenseOperation operation, CancellationToken cancellation) =>
        license.OpenStep == StepOf(operation) || license.StateAt(time.GetUtcNow()) == LicenseState.Expired
        ? Task.FromResult(license)
        : store.MoveAsync(
            tx, license, license with { OpenStepName = StepOf(operation).ToString() }, operation, MoveOutcome.Begun, Actor.Keygate,
            operation == LicenseOperation.Install ? "The file is being installed" : "The file is being fetched", cancellation);

    /// <summary>The move of a step that waits for a person, and the rooms above hear of it.</summary>
    public async Task<Move> WaitAsync(Tx tx, LicenseId id, string why, CancellationToken cancellation)
    {
        foreach (var observer in observers)
        {
            await observer.WaitsAsync(tx, id, why, cancellation);
        }

        return Move.Wait(why);
    }

    /// <summary>What the process waited for is there, or it stopped and is resubmitted: the rooms above hear that it goes on.</summary>
    public async Task GoesOnAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        foreach (var observer in observers)
        {
            await observer.ResumedAsync(tx, id, cancellation);
        }
    }

    /// <summary>A process that stopped goes on: its step is open again, and the rooms above hear of it.</summary>
    public async Task ResumedAsync(Tx tx, LicenseId id, string step, CancellationToken cancellation)
    {
        // The rooms above lock their order first, as a resubmission does: two who take up one license at once don't wait in a circle.
        await GoesOnAsync(tx, id, cancellation);
        if (step is RetrieveStep.StepName or InstallStep.StepName)
        {
            var operation = step == InstallStep.StepName ? LicenseOperation.Install : LicenseOperation.Retrieve;
            foreach (var member in (await LockOpenAsync(tx, id, operation, cancellation)).Open)
            {
                await BeginAsync(tx, member, operation, cancellation);
            }
        }
    }

    private static OpenStep StepOf(LicenseOperation operation) => operation == LicenseOperation.Install ? OpenStep.Installing : OpenStep.Retrieving;

    /// <summary>Falls back from an open step, with the reason, and tells the rooms above.</summary>
    public async Task StoppedAsync(Tx tx, WorkItem work, LicenseOperation operation, Failure failure, CancellationToken cancellation)
    {
        var license = await LockAsync(tx, work, cancellation);
        var now = time.GetUtcNow();
        foreach (var member in await FamilyAsync(tx, license, cancellation))
        {
            var state = member.StateAt(now);
            if (LicenseMoves.All.Any(m => m.From == state && m.Operation == operation && m.Outcome == MoveOutcome.Failed)
                && (state != LicenseState.Expired || member.OpenStep == StepOf(operation)))
            {
                await store.MoveAsync(
                    tx, member, member with { OpenStepName = nameof(OpenStep.None) }, operation, MoveOutcome.Failed, Actor.Keygate, $"{operation} stopped: {failure.Error.Detail}", cancellation);
            }
        }

        await TellAsync(tx, license, "license.stopped", cancellation);
        foreach (var observer in observers)
        {
            await observer.StoppedAsync(tx, license.Id, failure, cancellation);
        }
    }
}
