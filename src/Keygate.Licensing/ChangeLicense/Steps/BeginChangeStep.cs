using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What the steps of a change share.</summary>
internal sealed class ChangeSteps(LicenseSteps steps, ChangeStore changes, RenewalStore renewals, CatalogReader catalog, IEnumerable<ILicenseObserver> observers)
{
    public LicenseStore Store => steps.Store;

    public LicenseSteps Licenses => steps;

    public ChangeStore Changes => changes;

    public RenewalStore Renewals => renewals;

    public CatalogReader Catalog => catalog;

    public static LicenseId Of(WorkItem work) => RenewalSteps.Payload(work).License;

    public async Task<ChangeRow> RowAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        await changes.FindAsync(session, Of(work), cancellation) ?? throw new InvalidOperationException($"{work.Subject} has a change under way but no row of it.");

    public async Task<License> FindAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        await Store.FindAsync(session, Of(work), cancellation) ?? throw new InvalidOperationException($"{work.Subject} has work but no row.");

    /// <summary>The rooms above hear that a license, or the one in its place, is made of something else.</summary>
    public async Task TellAsync(Tx tx, License license, LicenseChange change, CancellationToken cancellation)
    {
        await steps.TellAsync(tx, license, "license.changed", cancellation);
        foreach (var observer in observers)
        {
            await observer.ChangedAsync(tx, license.SubscriptionId, change, cancellation);
        }
    }

    /// <summary>Why a change that waited for its day must wait on, in the words of the rooms above.</summary>
    public async Task<string?> HinderedAsync(Tx tx, License license, CancellationToken cancellation)
    {
        foreach (var observer in observers)
        {
            if (await observer.HindersScheduledAsync(tx, license.SubscriptionId, cancellation) is { } why)
            {
                return why;
            }
        }

        return null;
    }

    public async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await Store.LockAsync(tx, Of(work), cancellation);
        await Store.NoteAsync(tx, license, Actor.Keygate, $"The change stopped: {failure.Error.Detail}", cancellation);
        await steps.TellAsync(tx, license, "license.change-stopped", cancellation);
        foreach (var observer in observers)
        {
            await observer.ChangeStoppedAsync(tx, license.Id, failure, cancellation);
        }
    }
}

/// <summary>Compares the change with what it would be now: something may have changed since it was previewed, most of all where it waited for its day.</summary>
internal sealed class BeginChangeStep(ChangeSteps steps) : LocalStep
{
    public const string StepName = "begin";

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromHours(1);

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, ChangeSteps.Of(work), cancellation);
        var row = await steps.RowAsync(tx, work, cancellation);
        var asked = row.What;
        if (row.DueAt is not null && await steps.HinderedAsync(tx, license, cancellation) is { } hindered)
        {
            return Move.Sleep(steps.Licenses.Time.GetUtcNow() + LookAgainAfter, hindered);
        }

        if (LicenseMoves.Refusal(license.Id, license.StateAt(steps.Licenses.Time.GetUtcNow()), LicenseOperation.Change) is { } refusal)
        {
            return Move.Stop(Stale(license, refusal.Detail));
        }

        if (await steps.Renewals.StandingAsync(tx, license.Id, cancellation) is { } standing)
        {
            // At the end of a period its renewal may not be paid yet: the change takes effect with the payment.
            var why = $"It is not in good standing since {standing.Since:u}: {standing.Why}";
            return row.DueAt is null ? Move.Stop(Stale(license, why)) : Move.Sleep(steps.Licenses.Time.GetUtcNow() + LookAgainAfter, why);
        }

        if (!(await LicenseChanges.OfAsync(steps.Store, steps.Catalog, tx, license, asked.To, cancellation)).TryGet(out var now, out var fault))
        {
            return Move.Stop(Stale(license, fault.Detail));
        }

        return !asked.IsStill(now) ? Move.Stop(Stale(license, $"It would now be: {string.Join("; ", now.Calls)}"))
            : asked.Replaces ? Move.To(ReplaceStep.StepName)
            : Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);

    private static Error Stale(License license, string why) => LicensingErrors.ChangeStale.Because($"License {license.Id} is not changed as it was previewed. {why}");
}
