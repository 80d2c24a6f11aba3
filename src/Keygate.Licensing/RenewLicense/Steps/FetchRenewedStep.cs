using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Fetches the file of the new revision, where the license has one. The old one stays in the history of files.</summary>
internal sealed class FetchRenewedStep(RenewalSteps steps, PluginHost plugins) : OutsideStep
{
    public const string StepName = "fetch";

    public override string Name => StepName;

    public override ActKind Act => ActKind.Read;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return license.TerminatedAt is null && (await steps.Renewals.FindAsync(session, license.Id, cancellation)).FileDue
            ? new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(new Ask(license.KeyNumber!)) }
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation) =>
        (await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error)
            ? await issuer.RetrieveAsync(intent.Read<Ask>().KeyNumber, cancellation)
            : Answer.NotDone(error);

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var file = answer.Read<RetrievedFile>();
        await steps.Store.AddFileAsync(tx, license.Id, file.KeyNumber, file.Extension, file.Content, cancellation);
        await steps.Store.NoteAsync(
            tx, license, Actor.Keygate, $"License file {file.KeyNumber} fetched, {file.Content.Length} bytes", "key_number = @KeyNumber", new { file.KeyNumber }, cancellation);
        await steps.Renewals.FetchedAsync(tx, license.Id, cancellation);
        return Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        ReadKeyStep.StoppedAsync(steps, tx, work, failure, cancellation);

    private sealed record Ask(string KeyNumber);
}
