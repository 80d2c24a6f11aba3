using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Starts the work that brings a license to its key, its file and its installation, and takes it up again where it stopped.</summary>
public sealed class LicenseProvisioning
{
    private readonly WorkQueue _work;
    private readonly LicenseSteps _steps;
    private readonly RenewalStore _renewals;

    internal LicenseProvisioning(WorkQueue work, LicenseSteps steps, RenewalStore renewals) => (_work, _steps, _renewals) = (work, steps, renewals);

    /// <summary>
    /// Starts the process; takes it up again where it had stopped. Refused while it runs. One license has one such process at a time.
    /// </summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="id">The license.</param>
    /// <param name="until">How far to go.</param>
    /// <param name="parent">The process that waits for this one; null where none does.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async Task<Result<Done>> StartAsync(Tx tx, LicenseId id, Until until, long? parent, CancellationToken cancellation)
    {
        var about = await _work.ViewAsync(tx, [id.Subject], cancellation);
        if (about.FirstOrDefault(v => v.Kind == TerminationProcess.KindName && v.IsOpen) is { } ending)
        {
            return LicensingErrors.UnderWay.Because($"License {id} is to be terminated: step {ending.Step}.").Mend("Give the termination up first, where it stopped.");
        }

        if (until == Until.Installed && await _renewals.StandingAsync(tx, id, cancellation) is { Held: true } held)
        {
            return LicensingErrors.BadStanding.Because($"License {id} is held since {held.Since:u}: {held.Why}").Mend("Resume its subscription first; then it is installed again by itself.");
        }

        var all = about.Where(v => v.Kind == ProvisionLicense.KindName).ToList();
        var open = all.Find(v => v.IsOpen);
        switch (open)
        {
            case null:
                // The key names the process before: two that start at once make one, and one that ended leaves room for the next.
                var key = FormattableString.Invariant($"{id.Subject}#{all.LastOrDefault()?.Id ?? 0}");
                await _work.StartAsync(
                    tx,
                    new StartWork(ProvisionLicense.KindName, id.Subject, Json.Write(new ProvisionLicensePayload(id, until))) { Parent = parent, UniqueKey = key },
                    cancellation);
                return Done.It;

            case { IsStopped: true }:
                await _steps.ResumedAsync(tx, id, open.Step, cancellation);
                return await _work.ResubmitAsync(tx, open.Id, cancellation);

            default:
                return LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
        }
    }

    /// <summary>
    /// A person says what became of a request for a key that got no answer: it made this key, or none. The process goes on from there; refused
    /// where no such answer is missing.
    /// </summary>
    internal async Task<Result<Done>> RecordKeyAsync(Tx tx, LicenseId id, IssuedKey? key, CancellationToken cancellation)
    {
        if ((await _work.ViewAsync(tx, [id.Subject], cancellation)).FirstOrDefault(v => v.Kind == ProvisionLicense.KindName && v.IsOpen) is not { Step: IssueStep.StepName } open)
        {
            return WorkErrors.NothingUnknown.Because($"No request for the key of license {id} is open.");
        }

        var recorded = key is null ? await _work.RecordNoneAsync(tx, open.Id, cancellation) : await _work.RecordFoundAsync(tx, open.Id, Json.Write(key), cancellation);
        if (recorded.IsDone && open.IsStopped)
        {
            await _steps.ResumedAsync(tx, id, open.Step, cancellation);
        }

        return recorded;
    }

    /// <summary>A person found at the issuer the key of an additional license that came without one.</summary>
    internal async Task RecordAddOnKeyAsync(Tx tx, LicenseId leader, LicenseId id, IssuedKey key, Actor actor, CancellationToken cancellation)
    {
        await _steps.Store.LockAsync(tx, leader, cancellation);
        var addOn = await _steps.Store.LockAsync(tx, id, cancellation);
        addOn = await _steps.Store.MoveAsync(
            tx, addOn,
            addOn with
            {
                KeyNumber = key.KeyNumber, IssuedAt = _steps.Time.GetUtcNow(), ActivationCode = key.ActivationCode, ExpirationDate = key.ExpirationDate, UpdateDate = key.UpdateDate, SusDate = key.SusDate,
            },
            LicenseOperation.Issue, MoveOutcome.Done, actor, $"Key {key.KeyNumber} issued", cancellation);
        await _steps.TellAsync(tx, addOn, "license.issued", cancellation);
        await AddOnKeyCameAsync(tx, addOn, cancellation);
    }

    /// <summary>
    /// The key of an additional license that the issuer had left out has come: what needed attention for it ends, and where its base is installed, it is
    /// installed too.
    /// </summary>
    internal async Task AddOnKeyCameAsync(Tx tx, License addOn, CancellationToken cancellation)
    {
        foreach (var waiting in (await _work.ViewAsync(tx, [addOn.Id.Subject], cancellation)).Where(v => v.Kind == AwaitAddOnKey.KindName && v.IsStopped))
        {
            await _work.ResubmitAsync(tx, waiting.Id, cancellation);
        }

        // One that is under way takes it along.
        if (await _steps.Store.FindAsync(tx, addOn.Leader, cancellation) is { InstalledAt: not null, InstallerId: not null })
        {
            await StartAsync(tx, addOn.Leader, Until.Installed, null, cancellation);
        }
    }

    /// <summary>Tells the process that what it waits for may be there now; false when none waits.</summary>
    public Task<bool> WakeAsync(Tx tx, LicenseId id, CancellationToken cancellation) => _work.WakeAsync(tx, ProvisionLicense.KindName, id.Subject, cancellation);
}
