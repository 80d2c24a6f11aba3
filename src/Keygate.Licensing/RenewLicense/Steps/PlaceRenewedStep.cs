using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Has the installer put the new file in the place of the old one, where the license is installed. One that a person installed is for a person to replace:
/// <see cref="HandOver"/> tells of it.
/// </summary>
internal sealed class PlaceRenewedStep(RenewalSteps steps, PluginHost plugins, Database database) : OutsideStep
{
    public override string Name => "place";

    public override ActKind Act => ActKind.Repeatable;

    public override TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return license is { InstalledAt: not null, TerminatedAt: null, InstalledByHand: null, InstallerId: { } installer }
            ? new Asking { Lane = installer.Lane, Request = Json.Write(new Ask(license.Id, license.ParentId ?? license.Id, license.SubscriptionId ?? 0, license.Target)) }
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.InstallerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var installer, out var error))
        {
            return Answer.NotDone(error);
        }

        // The file is read here and not carried in the request, so that no license file lies in the work tables.
        var ask = intent.Read<Ask>();
        var file = await database.ReadAsync(s => steps.Store.FileAsync(s, ask.License, cancellation), cancellation)
            ?? throw new InvalidOperationException($"License {ask.License} is installed and has no file.");
        var answer = await installer.InstallAsync(
            new InstallRequest
            {
                LicenseId = ask.Base.Value, SubscriptionId = ask.Subscription, Target = ask.Target, Token = intent.Token,
                Files = [new RetrievedFile(file.KeyNumber, file.Content, file.Extension)],
            }, cancellation);
        return answer.Outcome == Work.Outcome.Done && answer.Read<Installation>().Places.Count != 1
            ? Answer.Refused(LicensingErrors.InstallationIncomplete.Because($"Installer '{installer.Name}' was given one file and named {answer.Read<Installation>().Places.Count} places."))
            : answer;
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var place = answer.Read<Installation>().Places[0];
        await steps.Store.NoteAsync(
            tx, license, Actor.Keygate, $"Renewed file installed: {place}", "installed_at = @at, installed_places = @places",
            new { at = steps.Licenses.Time.GetUtcNow(), places = Json.Write(new[] { place }) }, cancellation);
        return (await steps.Renewals.FindAsync(tx, license.Id, cancellation)).Error is null ? Move.Finish : Move.To(JudgeStep.StepName);
    }

    public override async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        await steps.Store.NoteAsync(tx, license, Actor.Keygate, $"The renewed file is not installed, the earlier one is: {failure.Error.Detail}", cancellation);
        await ReadKeyStep.StoppedAsync(steps, tx, work, failure, cancellation);
    }

    private sealed record Ask(LicenseId License, LicenseId Base, int Subscription, string Target);
}
