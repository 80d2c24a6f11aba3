using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What a termination is started with.</summary>
/// <param name="License">The license; an additional one may be terminated alone.</param>
/// <param name="Why">Why, for the history.</param>
/// <param name="Cascade">True for an additional license that goes with its base, which has the copies removed.</param>
internal sealed record TerminationPayload(LicenseId License, string Why, bool Cascade);

/// <summary>
/// Ends one key, and what hangs on it before: each additional key is a process of its own, so that each has its own result, cause and remedy. A key that the
/// issuer keeps does not hold the others up. The installed copies are removed beside; a Purchase, which no issuer ends, goes to stock when they are gone.
/// </summary>
internal sealed class TerminationProcess(
    BeginTerminationStep begin, AwaitAddOnsStep awaitAddOns, EndByHandStep byHand, EndKeyStep end, AwaitRemovalStep awaitRemoval, SettleTerminationStep settle) : Process
{
    public const string KindName = "licensing.terminate";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [begin, awaitAddOns, byHand, end, awaitRemoval, settle];

    /// <summary>Starts it, or takes up again the one that stopped; false while one is under way.</summary>
    public static Task<bool> StartAsync(WorkQueue queue, Tx tx, TerminationPayload payload, long? parent, CancellationToken cancellation) =>
        LicenseWork.StartAsync(queue, tx, KindName, payload.License, Json.Write(payload), parent, cancellation);

    /// <summary>The same for the sake of another license, which wants it.</summary>
    public static async Task AskAsync(TerminationStore terminations, WorkQueue queue, Tx tx, TerminationPayload payload, long? parent, CancellationToken cancellation)
    {
        await terminations.AskAsync(tx, payload.License, payload.Why, Actor.Keygate, cancellation);
        await StartAsync(queue, tx, payload, parent, cancellation);
    }
}

/// <summary>What the steps of a termination share.</summary>
internal sealed class TerminationSteps(LicenseSteps steps, TerminationStore terminations, IEnumerable<ILicenseObserver> observers, WorkQueue queue)
{
    public LicenseStore Store => steps.Store;

    public LicenseSteps Licenses => steps;

    public TerminationStore Terminations => terminations;

    public WorkQueue Queue => queue;

    public static TerminationPayload Payload(WorkItem work) => work.Read<TerminationPayload>();

    public Task<License> LockAsync(Tx tx, WorkItem work, CancellationToken cancellation) => Store.LockAsync(tx, Payload(work).License, cancellation);

    /// <summary>True for a license whose key an issuer ends: it has one, which lives, and is no Purchase.</summary>
    public static bool IsToEnd(License license) => license is { KeyNumber: not null, TerminatedAt: null, BillType: Catalog.BillType.Lease };

    /// <summary>The key is ended, by the issuer's answer or by a person's word.</summary>
    public async Task<License> EndedAsync(Tx tx, License license, string what, Actor actor, CancellationToken cancellation)
    {
        var ended = await Store.MoveAsync(
            tx, license, license with { TerminatedAt = steps.Time.GetUtcNow(), SuspendedAt = null, HoldRemovedAt = null }, LicenseOperation.Terminate, MoveOutcome.Done, actor, what, cancellation);
        await terminations.EndedAsync(tx, license.Id, cancellation);
        await steps.TellAsync(tx, ended, "license.terminated", cancellation);

        await TellGoneAsync(tx, license, $"License {license.Id} was terminated: key {license.KeyNumber}.", cancellation);
        await WakeBaseAsync(tx, license, cancellation);
        return ended;
    }

    /// <summary>An order that still waits for this license comes to no end by itself: the rooms above hear that it is gone.</summary>
    public async Task TellGoneAsync(Tx tx, License license, string why, CancellationToken cancellation)
    {
        var over = new Failure(LicensingErrors.Terminated.Because(why), steps.Time.GetUtcNow(), 0, 0);
        foreach (var observer in observers)
        {
            await observer.StoppedAsync(tx, license.Id, over, cancellation);
        }
    }

    /// <summary>Writes down why a key is not ended, and lets its base go on without it.</summary>
    public async Task FailedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await LockAsync(tx, work, cancellation);
        await terminations.FailAsync(tx, license.Id, failure.Error, cancellation);
        await Store.NoteAsync(tx, license, Actor.Keygate, $"Key {license.KeyNumber} is not terminated: {failure.Error.Detail}", cancellation);
        await steps.TellAsync(tx, license, "license.termination-stopped", cancellation);
        await WakeBaseAsync(tx, license, cancellation);
    }

    private async Task WakeBaseAsync(Tx tx, License license, CancellationToken cancellation)
    {
        if (license.ParentId is { } parent)
        {
            await queue.WakeAsync(tx, TerminationProcess.KindName, parent.Subject, cancellation);
        }
    }
}
