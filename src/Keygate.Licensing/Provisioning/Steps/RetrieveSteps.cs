using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Marks the license as Retrieving, in the transaction that ends the step before.</summary>
internal sealed class BeginRetrieveStep(LicenseSteps steps) : LocalStep
{
    public const string StepName = "begin-retrieve";

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        if (LicenseSteps.Payload(work).Until < Until.Retrieved)
        {
            return Move.Finish;
        }

        foreach (var member in (await steps.LockOpenAsync(tx, LicenseSteps.Payload(work).License, LicenseOperation.Retrieve, cancellation)).Open)
        {
            await steps.BeginAsync(tx, member, LicenseOperation.Retrieve, cancellation);
        }

        return Move.Next;
    }
}

/// <summary>Fetches the files of a license and its additional licenses: reads, repeated at will within the step's time.</summary>
internal sealed class RetrieveStep(LicenseSteps steps, PluginHost plugins) : OutsideStep
{
    public const string StepName = "retrieve";

    public override string Name => StepName;

    public override ActKind Act => ActKind.Read;

    public override TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var (license, open) = await steps.OpenAsync(session, LicenseSteps.Payload(work).License, LicenseOperation.Retrieve, cancellation);
        return open.Count == 0
            ? null
            : new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(open.Select(m => new Ask(m.Id, m.KeyNumber!))) };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.NotDone(error);
        }

        var files = new List<Fetched>();
        foreach (var ask in intent.Read<List<Ask>>())
        {
            var answer = await issuer.RetrieveAsync(ask.KeyNumber, cancellation);
            if (answer.Outcome != Work.Outcome.Done)
            {
                return answer;
            }

            files.Add(new Fetched(ask.License, answer.Read<RetrievedFile>()));
        }

        return Answer.Done(files);
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        await steps.LockAsync(tx, work, cancellation);
        foreach (var fetched in answer.Read<List<Fetched>>())
        {
            var member = await steps.BeginAsync(tx, await steps.Store.LockAsync(tx, fetched.License, cancellation), LicenseOperation.Retrieve, cancellation);
            var file = fetched.File;
            await steps.Store.AddFileAsync(tx, member.Id, file.KeyNumber, file.Extension, file.Content, cancellation);
            member = await steps.Store.MoveAsync(
                tx, member, member with { KeyNumber = file.KeyNumber, RetrievedAt = steps.Time.GetUtcNow(), OpenStepName = nameof(OpenStep.None) },
                LicenseOperation.Retrieve, MoveOutcome.Done, Actor.Keygate, $"License file {file.KeyNumber} fetched, {file.Content.Length} bytes", cancellation);
            await steps.TellAsync(tx, member, "license.retrieved", cancellation);
        }

        return LicenseSteps.Payload(work).Until == Until.Retrieved ? Move.Finish : Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        steps.StoppedAsync(tx, work, LicenseOperation.Retrieve, failure, cancellation);

    private sealed record Ask(LicenseId License, string KeyNumber);

    private sealed record Fetched(LicenseId License, RetrievedFile File);
}
