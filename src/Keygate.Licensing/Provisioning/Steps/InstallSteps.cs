using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Marks the license as Installing, in the transaction that ends the step before. A license without an installer ends here: its file is for
/// handing over.
/// </summary>
internal sealed class BeginInstallStep(LicenseSteps steps) : LocalStep
{
    public const string StepName = "begin-install";

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var (license, open) = await steps.LockOpenAsync(tx, LicenseSteps.Payload(work).License, LicenseOperation.Install, cancellation);
        if (license.InstallerId is null || LicenseSteps.Payload(work).Until < Until.Installed)
        {
            return Move.Finish;
        }

        foreach (var member in open)
        {
            await steps.BeginAsync(tx, member, LicenseOperation.Install, cancellation);
        }

        return Move.Next;
    }
}

/// <summary>Has the installer put the files in place. Installers promise that a repeat does no harm and completes what was begun.</summary>
internal sealed class InstallStep(LicenseSteps steps, PluginHost plugins, Database database) : OutsideStep
{
    public const string StepName = "install";

    public override string Name => StepName;

    public override ActKind Act => ActKind.Repeatable;

    public override TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var (license, open) = await steps.OpenAsync(session, LicenseSteps.Payload(work).License, LicenseOperation.Install, cancellation);
        return open.Count == 0 || license.InstallerId is null
            ? null
            : new Asking
            {
                Lane = license.InstallerId.Value.Lane,
                Request = Json.Write(new Ask(license.Id, license.SubscriptionId ?? 0, license.Target, [.. open.Select(m => m.Id)])),
            };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.InstallerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var installer, out var error))
        {
            return Answer.NotDone(error);
        }

        var ask = intent.Read<Ask>();
        var files = new List<RetrievedFile>();
        foreach (var id in ask.Members)
        {
            // The file is read here and not carried in the request, so that no license file lies in the work tables.
            var file = await database.ReadAsync(s => steps.Store.FileAsync(s, id, cancellation), cancellation)
                ?? throw new InvalidOperationException($"License {id} is Installing and has no file.");
            files.Add(new RetrievedFile(file.KeyNumber, file.Content, file.Extension));
        }

        var answer = await installer.InstallAsync(
            new InstallRequest { LicenseId = ask.License.Value, SubscriptionId = ask.Subscription, Target = ask.Target, Files = files, Token = intent.Token },
            cancellation);

        // An installer that does not name a place for each file has not shown that each is there, and would answer the same again.
        return answer.Outcome == Work.Outcome.Done && answer.Read<Installation>().Places.Count is var places && places != files.Count
            ? Answer.Refused(LicensingErrors.InstallationIncomplete.Because($"Installer '{installer.Name}' was given {files.Count} files and named {places} places."))
            : answer;
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var places = answer.Read<Installation>().Places;
        await steps.LockAsync(tx, work, cancellation);
        foreach (var (id, place) in intent.Read<Ask>().Members.Zip(places))
        {
            var member = await steps.BeginAsync(tx, await steps.Store.LockAsync(tx, id, cancellation), LicenseOperation.Install, cancellation);
            member = await steps.Store.MoveAsync(
                tx, member,
                member with { InstalledAt = steps.Time.GetUtcNow(), InstalledPlaces = Json.Write(new[] { place }), InstalledByHand = null, OpenStepName = nameof(OpenStep.None) },
                LicenseOperation.Install, MoveOutcome.Done, Actor.Keygate, $"Installed: {place}", cancellation);
            await steps.TellAsync(tx, member, "license.installed", cancellation);
        }

        return Move.Finish;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        steps.StoppedAsync(tx, work, LicenseOperation.Install, failure, cancellation);

    private sealed record Ask(LicenseId License, int Subscription, string Target, IReadOnlyList<LicenseId> Members);
}
