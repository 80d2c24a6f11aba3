using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>What a removal is started with.</summary>
/// <param name="License">The license; a base license takes its additional ones along.</param>
/// <param name="Why">Why, for the history.</param>
internal sealed record RemovalPayload(LicenseId License, string Why);

/// <summary>Takes the installed copies of a license away. What a person put there is for a person to take away: then it stops and says so.</summary>
internal sealed class RemovalProcess(RemoveStep remove, RemoveByHandStep byHand) : Process
{
    public const string KindName = "licensing.remove";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [remove, byHand];

    /// <summary>Starts it, or takes up again the one that stopped; false while one is under way.</summary>
    public static Task<bool> StartAsync(WorkQueue queue, Tx tx, LicenseId license, string why, long? parent, CancellationToken cancellation) =>
        LicenseWork.StartAsync(queue, tx, KindName, license, Json.Write(new RemovalPayload(license, why)), parent, cancellation);
}

/// <summary>Has the installer remove the files that it put there. Installers promise that a repeat does no harm.</summary>
internal sealed class RemoveStep(LicenseSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "remove";

    public override ActKind Act => ActKind.Repeatable;

    public override Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        AskAsync(steps.Store, session, work.Read<RemovalPayload>().License, cancellation);

    /// <summary>What is next to be removed of a license and its additional ones; null where nothing is left that an installer put there.</summary>
    public static async Task<Asking?> AskAsync(LicenseStore store, Session session, LicenseId license, CancellationToken cancellation)
    {
        var all = await store.WithAddOnsAsync(session, license, cancellation);

        // What was installed together lies in one place; one that came unasked went alone, and its turn comes after.
        var installed = all.Where(m => m is { InstalledAt: not null, InstalledByHand: null, InstallerId: not null }).GroupBy(m => (m.InstallerId, m.Leader)).FirstOrDefault()?.ToList();
        if (installed is null)
        {
            return null;
        }

        var files = new List<InstalledFile>();
        foreach (var member in installed)
        {
            var file = await store.FileAsync(session, member.Id, cancellation) ?? throw new InvalidOperationException($"License {member.Id} is installed and has no file.");
            files.Add(new InstalledFile(file.KeyNumber, file.Extension, Json.Read<string[]>(member.InstalledPlaces!)[0]));
        }

        return new Asking
        {
            Lane = installed[0].InstallerId!.Value.Lane,
            Request = Json.Write(new Ask(
                [.. installed.Select(m => m.Id)],
                new RemoveRequest { LicenseId = installed[0].Leader.Value, SubscriptionId = installed[0].SubscriptionId ?? 0, Target = installed[0].Target, Files = files })),
        };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation) =>
        (await plugins.InstallerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var installer, out var error)
            ? await installer.RemoveAsync(intent.Read<Ask>().Request, cancellation)
            : Answer.NotDone(error);

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        await steps.Store.LockWithAddOnsAsync(tx, work.Read<RemovalPayload>().License, cancellation);
        var ask = intent.Read<Ask>();
        foreach (var (id, file) in ask.Members.Zip(ask.Request.Files))
        {
            var member = await steps.Store.LockAsync(tx, id, cancellation);
            if (member.InstalledAt is not null)
            {
                await RemovedAsync(steps, tx, member, Actor.Keygate, $"Removed from {file.Place}: {work.Read<RemovalPayload>().Why}", cancellation);
            }
        }

        return Move.To(Name);
    }

    /// <summary>Writes that a copy is gone.</summary>
    public static async Task RemovedAsync(LicenseSteps steps, Tx tx, License license, Actor actor, string what, CancellationToken cancellation, bool forHold = false)
    {
        var now = steps.Time.GetUtcNow();
        var removed = await steps.Store.MoveAsync(
            tx, license, license with { InstalledAt = null, InstalledPlaces = null, InstalledByHand = null, RemovedAt = now, HoldRemovedAt = forHold ? now : null },
            LicenseOperation.Remove, MoveOutcome.Done, actor, what, cancellation);
        await steps.TellAsync(tx, removed, "license.removed", cancellation);
    }

    public override async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, work.Read<RemovalPayload>().License, cancellation);
        await steps.Store.NoteAsync(tx, license, Actor.Keygate, $"The installed copy is not removed: {failure.Error.Detail}", cancellation);
        await steps.TellAsync(tx, license, "license.removal-stopped", cancellation);
    }

    internal sealed record Ask(IReadOnlyList<LicenseId> Members, RemoveRequest Request);
}

/// <summary>Asks for a person where a person installed.</summary>
internal sealed class RemoveByHandStep(LicenseSteps steps) : LocalStep
{
    public override string Name => "by-hand";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = work.Read<RemovalPayload>().License;
        var left = (await steps.Store.LockWithAddOnsAsync(tx, license, cancellation)).Where(m => m.InstalledAt is not null).ToList();
        return left.Count == 0
            ? Move.Finish
            : Move.Stop(LicensingErrors.RemoveByHand
                .Because($"{string.Join(", ", left.Select(m => $"{m.KeyNumber} was installed by {m.InstalledByHand ?? "hand"}: {string.Join(", ", Json.Read<string[]>(m.InstalledPlaces!))}"))}.")
                .Mend($"Remove it from there, then say so: 'keygate license record-removed {license}'."));
    }

    public override async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        await steps.TellAsync(tx, await steps.Store.LockAsync(tx, work.Read<RemovalPayload>().License, cancellation), "license.removal-stopped", cancellation);
}
