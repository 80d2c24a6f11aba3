using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Renews the key. Each call adds a period and costs money, so the intent, with the key as it was before, is committed before the call, and a lost answer is
/// looked into by comparing the key's dates.
/// </summary>
internal sealed class RenewStep(RenewalSteps steps, PluginHost plugins) : OutsideStep
{
    public const string StepName = "renew";

    public override string Name => StepName;

    public override ActKind Act => ActKind.Once;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return (await steps.Renewals.FindAsync(session, license.Id, cancellation)).Before is { } before && license.TerminatedAt is null
            ? new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(before) }
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.NotDone(error);
        }

        // A refusal is an answer too: the next try is tomorrow's, which reads the key anew.
        var answer = await issuer.RenewAsync(intent.Read<ShownKey>().Issued.KeyNumber, cancellation);
        return answer.Outcome switch
        {
            Work.Outcome.Done => Answer.Done(new Renewing(answer.Read<RenewedKey>(), null)),
            Work.Outcome.Refused => Answer.Done(new Renewing(null, answer.Error)),
            _ => answer,
        };
    }

    public override async Task<Look> LookAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Look.NotAsked(error);
        }

        var look = await issuer.LookRenewedAsync(intent.Read<ShownKey>(), cancellation);
        return look.Outcome == LookOutcome.Found ? Look.Found(new Renewing(Json.Read<RenewedKey>(look.Value!), null)) : look;
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        if (answer.Read<Renewing>() is not { Key: { } key } refused)
        {
            return await steps.FailAsync(tx, work, license, answer.Read<Renewing>().Error!, cancellation);
        }

        await steps.RenewedAsync(tx, license, key, "Renewed", Actor.Keygate, cancellation);
        return Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        ReadKeyStep.StoppedAsync(steps, tx, work, failure, cancellation);

    /// <summary>The same key was renewed once more by a call that was believed lost. A period cannot be given back from here.</summary>
    public override async Task<Move> SurplusAsync(Tx tx, WorkItem work, Intent intent, Look found, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        return Json.Read<Renewing>(found.Value!).Key is { } key && key.ExpirationDate > license.ExpirationDate
            ? Move.Stop(LicensingErrors.RenewedTwice.Because(
                $"{key.KeyNumber} runs until {key.ExpirationDate:yyyy-MM-dd} at the issuer, and license {license.Id} was renewed until {license.ExpirationDate:yyyy-MM-dd}."))
            : Move.Next;
    }

    private sealed record Renewing(RenewedKey? Key, Error? Error);
}
