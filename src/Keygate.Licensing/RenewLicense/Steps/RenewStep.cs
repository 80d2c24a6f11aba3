using System.Globalization;
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

        var renewed = await steps.RenewedAsync(tx, license, key, "Renewed", Actor.Keygate, cancellation);
        if (HasSecondTerm(intent.Read<ShownKey>(), key, steps.Today))
        {
            // The dates are what they are, and the new file is due all the same: it is told of at the end.
            var twice = LicensingErrors.RenewedTwice.Because(
                $"{key.KeyNumber} was renewed once and runs until {key.ExpirationDate:yyyy-MM-dd} at the issuer; it was {license.KeyNumber} until {license.ExpirationDate:yyyy-MM-dd} before.")
                .Mend("Ask the issuer to take a period back, or leave it: the next period is paid already, and nothing is asked for until it ends. Resubmit ends this entry.");
            await steps.Renewals.FailAsync(tx, license.Id, twice, work.Generation, cancellation);
            await steps.Store.NoteAsync(tx, renewed, Actor.Keygate, $"More than one period came: {twice.Detail}", cancellation);
        }

        return Move.Next;
    }

    /// <summary>
    /// True where one renewal has brought two terms or more: somebody else began a term between our look and our call. Its revision rose by more than one, and half of what came would have reached beyond
    /// today. One renewal alone raises it by one, also where it makes up for months past or where its term is a year.
    /// </summary>
    internal static bool HasSecondTerm(ShownKey before, RenewedKey after, DateOnly today)
    {
        var (from, to) = before.Issued.UpdateDate is { } due && after.UpdateDate is { } next ? (due, next) : (before.Issued.ExpirationDate ?? DateOnly.MaxValue, after.ExpirationDate ?? DateOnly.MinValue);
        return RevisionOf(before.Issued.KeyNumber) is { } old && RevisionOf(after.KeyNumber) is { } now && now - old > 1
            && (12 * (to.Year - from.Year)) + to.Month - from.Month > 1 && from.AddDays((to.DayNumber - from.DayNumber) / 2) > today;
    }

    private static int? RevisionOf(string keyNumber) =>
        keyNumber.Split('.') is [_, _, var revision] && int.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

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
