using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Ends the key at the issuer. Issuers promise that a key which is terminated already is answered as done, so a lost answer is asked for again.</summary>
internal sealed class EndKeyStep(TerminationSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "end";

    public override ActKind Act => ActKind.Repeatable;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var id = TerminationSteps.Payload(work).License;
        var license = await steps.Store.FindAsync(session, id, cancellation) ?? throw new InvalidOperationException($"{work.Subject} has work but no row.");
        return TerminationSteps.IsToEnd(license) ? new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(new Ask(license.Id, license.KeyNumber!, license.SuspendedAt is not null)) } : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.NotDone(error);
        }

        // A key that is marked as problem is not terminated before it is released.
        var ask = intent.Read<Ask>();
        if (ask.Suspended && issuer.CanSuspend && await issuer.SuspendAsync(ask.KeyNumber, suspended: false, cancellation) is { Outcome: not Work.Outcome.Done } held)
        {
            return held;
        }

        return issuer.CanTerminate
            ? await issuer.TerminateAsync(ask.KeyNumber, cancellation)
            : Answer.Refused(EndByHandStep.ByHand(new License { Id = ask.License, KeyNumber = ask.KeyNumber }, $"'{issuer.Name}' cannot terminate keys"));
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        if (license.TerminatedAt is null)
        {
            await steps.EndedAsync(tx, license, $"Key {license.KeyNumber} terminated at the issuer: {TerminationSteps.Payload(work).Why}", Actor.Keygate, cancellation);
        }

        return Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.FailedAsync(tx, work, failure, cancellation);

    private sealed record Ask(LicenseId License, string KeyNumber, bool Suspended);
}
