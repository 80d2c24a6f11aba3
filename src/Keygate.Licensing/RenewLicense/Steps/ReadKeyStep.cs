using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Reads the key before it is renewed. A renewal is not repeatable: what stood before is what a lost answer is compared with. A key that was renewed
/// already, by the product itself or by a person at the issuer, is not renewed again.
/// </summary>
internal sealed class ReadKeyStep(RenewalSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "read";

    public override ActKind Act => ActKind.Read;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(new Ask(license.KeyNumber!)) };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.NotDone(error);
        }

        if (!issuer.CanRenew)
        {
            return Answer.Done(new Reading(null, PluginsErrors.CannotDo.Because($"'{issuer.Name}' cannot renew keys.")));
        }

        var answer = await issuer.ShowAsync(intent.Read<Ask>().KeyNumber, cancellation);
        return answer.Outcome switch
        {
            Work.Outcome.Done => Answer.Done(new Reading(answer.Read<ShownKey>(), null)),
            Work.Outcome.Refused => Answer.Done(new Reading(null, answer.Error)),
            _ => answer,
        };
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var reading = answer.Read<Reading>();
        if (reading.Key is not { } key)
        {
            return await steps.FailAsync(tx, work, license, reading.Error!, cancellation);
        }

        if (key.Issued.Terminated || key.Suspended)
        {
            var what = key.Issued.Terminated ? "terminated" : "suspended";
            return await steps.FailAsync(
                tx, work, license, LicensingErrors.RenewalFailed.Because($"{key.Issued.KeyNumber} is {what} at the issuer.").Mend("Ask the issuer why, or request a new license."), cancellation);
        }

        var now = key.Issued;
        if (now.ExpirationDate > license.ExpirationDate)
        {
            license = await steps.RenewedAsync(tx, license, new RenewedKey(now.KeyNumber, now.ExpirationDate, now.UpdateDate), "Found renewed at the issuer", Actor.Keygate, cancellation);
            if (!RenewalStore.IsDue(license, steps.Today))
            {
                return Move.To(FetchRenewedStep.StepName);
            }
        }

        await steps.Renewals.SetBeforeAsync(tx, license.Id, key, cancellation);
        return Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => StoppedAsync(steps, tx, work, failure, cancellation);

    internal static async Task StoppedAsync(RenewalSteps steps, Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        await steps.Licenses.TellAsync(tx, await steps.LockAsync(tx, work, cancellation), "license.renewal-stopped", cancellation);

    private sealed record Ask(string KeyNumber);

    private sealed record Reading(ShownKey? Key, Error? Error);
}
