using Keygate.Accounts;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Takes the installed copies away for the time of the hold. What a person installed, and what lies where an installer cannot remove, stays: nobody is sent there
/// for a time.
/// </summary>
internal sealed class HoldCopyStep(HoldSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "copy";

    public override ActKind Act => ActKind.Repeatable;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var payload = HoldSteps.Payload(work);
        return payload.Held && await steps.StandsAsync(session, payload, cancellation)
            ? await RemoveStep.AskAsync(steps.Store, session, payload.License, cancellation)
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.InstallerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var installer, out var error))
        {
            return Answer.NotDone(error);
        }

        return installer.CanRemove ? await installer.RemoveAsync(intent.Read<RemoveStep.Ask>().Request, cancellation) : Answer.Done(new Removal([]));
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var payload = HoldSteps.Payload(work);
        var all = await steps.Store.LockWithAddOnsAsync(tx, payload.License, cancellation);
        var ask = intent.Read<RemoveStep.Ask>();
        if (answer.Read<Removal>().Places.Count == 0)
        {
            await steps.Store.NoteAsync(tx, all[0], Actor.Keygate, $"The installed copy stays: its installer cannot remove {ask.Request.Files[0].Place}", cancellation);
            return Move.Next;
        }

        foreach (var (id, file) in ask.Members.Zip(ask.Request.Files))
        {
            await RemoveStep.RemovedAsync(
                steps.Licenses, tx, await steps.Store.LockAsync(tx, id, cancellation), Actor.Keygate, $"Removed for the time of the hold from {file.Place}: {payload.Why}", cancellation, forHold: true);
        }

        return Move.To(Name);
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);
}

/// <summary>Has installed again what was removed for the hold, by the process that installs every license. What expired meanwhile is left to its renewal.</summary>
internal sealed class ReleaseCopyStep(HoldSteps steps, WorkQueue queue, LicenseProvisioning provisioning) : LocalStep
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    public override string Name => "release";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = HoldSteps.Payload(work);
        if (payload.Held || !await steps.StandsAsync(tx, payload, cancellation))
        {
            return Move.Finish;
        }

        var all = await steps.Store.LockWithAddOnsAsync(tx, payload.License, cancellation);
        var waiting = all.Where(m => m is { HoldRemovedAt: not null, InstalledAt: null, TerminatedAt: null }).ToList();
        var now = steps.Licenses.Time.GetUtcNow();
        var provision = (await queue.ViewAsync(tx, [payload.License.Subject], cancellation)).LastOrDefault(v => v.Kind == ProvisionLicense.KindName && v.Id > work.Id);
        if (waiting.Exists(m => LicenseMoves.May(m.StateAt(now), LicenseOperation.Install)) && provision is null or { IsOpen: true })
        {
            if (provision is null && !(await provisioning.StartAsync(tx, payload.License, Until.Installed, work.Id, cancellation)).TryGet(out _, out var refusal))
            {
                return Move.Sleep(now + TryAgainAfter, refusal.Detail);
            }

            return Move.Wait("The file is being installed again.");
        }

        foreach (var member in all.Where(m => m.HoldRemovedAt is not null))
        {
            var what = member.InstalledAt is not null ? "Installed again after the hold" : $"Not installed again after the hold: it is {member.StateAt(now)}";
            await steps.Store.NoteAsync(tx, member, Actor.Keygate, what, "hold_removed_at = null", new { }, cancellation);
        }

        return Move.Finish;
    }
}
