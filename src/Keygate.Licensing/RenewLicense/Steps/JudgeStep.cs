using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Ends a renewal. One that failed early in its window is tried again on the next day by itself; near the end, and where a person asked for it, it stops and
/// needs attention, and is tried daily all the same.
/// </summary>
internal sealed class JudgeStep(RenewalSteps steps, WorkQueue queue) : LocalStep
{
    public const string StepName = "judge";

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var renewal = await steps.Renewals.FindAsync(tx, license.Id, cancellation);
        if (renewal.LastError is not { } error || license.TerminatedAt is not null)
        {
            if (license is { TerminatedAt: null, InstalledByHand: not null } && renewal.RenewedAt is not null)
            {
                await queue.StartAsync(tx, HandOver.Start(license), cancellation);
            }

            return Move.Finish;
        }

        // Renewed it is, by more than was asked for: a person reads it and ends the entry.
        if (error.Code == LicensingErrors.RenewedTwice.Code)
        {
            if (renewal.FailedIn == work.Generation)
            {
                return Move.Stop(error);
            }

            await steps.Renewals.ForgetAsync(tx, license.Id, cancellation);
            return Move.Finish;
        }

        if (renewal.FailedIn != work.Generation)
        {
            return Move.To(BeginRenewalStep.StepName);
        }

        var left = license.ExpirationDate is { } end ? end.DayNumber - steps.Today.DayNumber : int.MaxValue;
        return RenewalSteps.Payload(work).ByHand || left <= WarnOfExpiry.Days[^1]
            ? Move.Stop(LicensingErrors.RenewalFailed
                .Because($"License {license.Id} runs until {license.ExpirationDate:yyyy-MM-dd} and was not renewed: {error.Detail}")
                .Mend($"{error.Remedy} It is tried again daily until then, or at once with Resubmit."))
            : Move.Finish;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        ReadKeyStep.StoppedAsync(steps, tx, work, failure, cancellation);
}
