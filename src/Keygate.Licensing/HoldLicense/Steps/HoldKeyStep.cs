using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Suspends the keys at the issuer, or resumes them, one after the other. Issuers promise that a repeat does no harm.</summary>
internal sealed class HoldKeyStep(HoldSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "key";

    public override ActKind Act => ActKind.Repeatable;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var payload = HoldSteps.Payload(work);
        if (!await steps.StandsAsync(session, payload, cancellation))
        {
            return null;
        }

        var next = (await steps.Store.WithAddOnsAsync(session, payload.License, cancellation))
            .Find(m => m is { KeyNumber: not null, TerminatedAt: null } && m.SuspendedAt is not null != payload.Held);
        return next is null ? null : new Asking { Lane = next.IssuerId.Lane, Request = Json.Write(new Ask(next.Id, next.KeyNumber!, payload.Held)) };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.NotDone(error);
        }

        if (!issuer.CanSuspend)
        {
            return Answer.Done(new Result(false, issuer.Name));
        }

        var ask = intent.Read<Ask>();
        var answer = await issuer.SuspendAsync(ask.KeyNumber, ask.Held, cancellation);
        return answer.Outcome == Work.Outcome.Done ? Answer.Done(new Result(true, issuer.Name)) : answer;
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var (ask, result, why) = (intent.Read<Ask>(), answer.Read<Result>(), HoldSteps.Payload(work).Why);
        var member = await steps.Store.LockAsync(tx, ask.License, cancellation);
        if (!result.Did)
        {
            await steps.Store.NoteAsync(tx, member, Actor.Keygate, $"Key {member.KeyNumber} stays valid at the issuer: '{result.Issuer}' cannot suspend keys", cancellation);
            return Move.Next;
        }

        await steps.Store.NoteAsync(
            tx, member, Actor.Keygate, $"Key {member.KeyNumber} {(ask.Held ? "suspended" : "resumed")} at the issuer: {why}", "suspended_at = @at",
            new { at = ask.Held ? steps.Licenses.Time.GetUtcNow() : (DateTimeOffset?)null }, cancellation);
        await steps.Licenses.TellAsync(tx, member, ask.Held ? "license.suspended" : "license.resumed", cancellation);
        return Move.To(Name);
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);

    private sealed record Ask(LicenseId License, string KeyNumber, bool Held);

    private sealed record Result(bool Did, string Issuer);
}
