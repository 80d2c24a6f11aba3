using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.Logging;

namespace Keygate.Work;

/// <summary>Outside acts: the intent, the call, the answer, the look.</summary>
internal sealed partial class Runner
{
    private static readonly TimeSpan LaneFullWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PausedWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskAgainDefault = TimeSpan.FromSeconds(30);

    private async Task<WorkRow?> OutsideAsync(WorkRow row, OutsideStep step, Life life, CancellationToken stopping, CancellationToken cut)
    {
        row.StepBegunAt ??= time.GetUtcNow();
        IntentRow? stored = null;
        if (row.Intent is { } id)
        {
            stored = await database.ReadAsync(s => WorkStore.IntentAsync(s, id, cut), cut) ?? throw new InvalidOperationException($"Intent {id} is gone.");
            if (stored.Is == IntentState.Answered)
            {
                return await AnswerAsync(row, step, stored.Intent(), stored, Answer.DoneWith(stored.Answer!), cut);
            }

            if (stored.MayHaveHappened)
            {
                return await LookAsync(row, step, stored, life, stopping, cut);
            }
        }

        if (advancer.DeadlineOf(row) is { } deadline && deadline <= time.GetUtcNow())
        {
            return await InTxAsync(row, async (tx, next, _) =>
            {
                var lane = (await step.PrepareAsync(tx, next.Item(), cut))?.Lane;
                await advancer.StopAsync(tx, next, advancer.OverDeadline(next), cut);
                next.Lane = lane;
            }, cut);
        }

        var foreseen = row.Foreseen;
        row.Foreseen = null;
        var asking = foreseen is not null ? foreseen.Asking : await database.ReadAsync(s => step.PrepareAsync(s, row.Item(), cut), cut);
        if (asking is null)
        {
            return await InTxAsync(row, async (tx, next, inline) =>
            {
                if (stored is not null)
                {
                    await LookAgainAsync(tx, next, stored, cut);
                }

                await advancer.ApplyAsync(tx, next, Move.Next, inline, 0, cut);
                await advancer.AdvanceAsync(tx, next, options.StepsInOneMax, inline, 0, cut);
            }, cut);
        }

        if (stored is { UnknownAt: not null } && !row.LookedFirst)
        {
            return await LookFirstAsync(row, step, stored, life, stopping, cut);
        }

        row.LookedFirst = false;
        var lane = await gates.SettingsAsync(database, asking.Lane, cut);
        using var place = await gates.EnterAsync(asking.Lane, lane?.Concurrency, stopping);
        if (place is null)
        {
            return await ReleaseAsync(row, asking.Lane, cut);
        }

        if (step.Act != ActKind.Once)
        {
            if (lane is { Paused: true })
            {
                return await WaitForLaneAsync(row, asking.Lane, Paused(lane), time.GetUtcNow() + PausedWait, cut);
            }

            var intent = new Intent(0, row.Id, row.Step, asking.Lane, TokenOf(row), asking.Request, row.Attempt + 1, row.StepBegunAt.Value);
            return life.IsHeld ? await AnswerAsync(row, step, intent, null, await CallAsync(row, step, intent, cut), cut) : null;
        }

        var (opened, intended) = await OpenAsync(row, asking, lane, stored, cut);
        if (intended is null)
        {
            return opened;
        }

        await PassAsync(Moment.IntentCommitted, row);

        // The last act before sending. Whoever took the process over meanwhile finds the intent and looks before repeating.
        if (!life.IsHeld)
        {
            logger.LogWarning("Work: the lease ended before the call of process {Work}; the intent stays open", row.Id);
            return null;
        }

        return await AnswerAsync(opened!, step, intended.Intent(), intended, await CallAsync(row, step, intended.Intent(), cut), cut);
    }

    /// <summary>Commits the intent, with its place and its share of the spending guard; or what the process waits for instead.</summary>
    private async Task<(WorkRow? Row, IntentRow? Intent)> OpenAsync(WorkRow row, Asking asking, LaneStore.LaneRow? lane, IntentRow? before, CancellationToken cut)
    {
        for (var tries = 0; ; tries++)
        {
            IntentRow? opened = null;
            var result = await TakeAsync(row, asking, lane, before, intent => opened = intent, cut);
            if (result.TryGet(out var next, out var error))
            {
                return (next, opened);
            }

            var now = time.GetUtcNow();
            if (error.Code == WorkErrors.LanePaused.Code)
            {
                return (await WaitForLaneAsync(row, asking.Lane, error, now + PausedWait, cut), null);
            }

            if (error.Code == WorkErrors.ApprovalNeeded.Code)
            {
                // It goes on by itself when the hour is over; if the day's bound is what holds it, it waits again, an hour at a time.
                var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(1);
                return (await WaitForLaneAsync(row, asking.Lane, error, hour, cut), null);
            }

            if (tries == 10)
            {
                gates.MarkFull(asking.Lane, TimeSpan.FromSeconds(1));
                return (await ReleaseAsync(row, asking.Lane, cut), null);
            }

            await Task.Delay(LaneFullWait, cut);
        }
    }

    private async Task<Result<WorkRow>> TakeAsync(WorkRow row, Asking asking, LaneStore.LaneRow? bounds, IntentRow? before, Action<IntentRow> opened, CancellationToken cut)
    {
        await _transactions.WaitAsync(cut);
        try
        {
            return await database.WriteAsync<Result<WorkRow>>(async tx =>
            {
                var now = time.GetUtcNow();
                var next = row.Copy();
                var slot = LaneStore.TakeSlot(tx, asking.Lane, row.Id, row.Owner, cut);
                if (bounds is { IsGuarded: true } && await WithoutSlotAsync(tx, asking, row, slot, cut) is { } none)
                {
                    return none;
                }

                var intent = before?.Copy() ?? new IntentRow { Work = row.Id, Step = row.Step, Token = chance.Token(), OpenedAt = now };
                if (await SpendingGuard.ChargeAsync(tx, row, asking, bounds, intent, now, cut) is { } over)
                {
                    return over;
                }

                (intent.Lane, intent.Request, intent.Keys, intent.Attempt, intent.SentAt, intent.Is, intent.Looks) =
                    (asking.Lane, asking.Request, asking.Keys, row.Attempt + 1, now, IntentState.Open, 0);
                if (before is null)
                {
                    intent.ChangedAt = now;
                    intent.Id = await WorkStore.InsertIntentAsync(tx, intent, cut);
                }
                else
                {
                    await WorkStore.SaveIntentAsync(tx, intent, now, cut);
                }

                if (bounds is not { IsGuarded: true } && await WithoutSlotAsync(tx, asking, row, slot, cut) is { } missing)
                {
                    return missing;
                }

                (next.Intent, next.Lane, next.Why) = (intent.Id, null, null);
                await WorkStore.SaveAsync(tx, next, now, cut);
                opened(intent);
                await PassWrittenAsync(tx, Moment.IntentWritten, row, cut);
                return next;
            }, cut);
        }
        finally
        {
            _transactions.Release();
        }
    }

    // Whether there was a place is heard with the number of the intent; where something is spent, before that.
    private async Task<Error?> WithoutSlotAsync(Tx tx, Asking asking, WorkRow row, Question<int> slot, CancellationToken cut)
    {
        if ((await slot.AllAsync()).Count == 1)
        {
            return null;
        }

        if (await LaneStore.FindAsync(tx, asking.Lane, cut) is { } lane)
        {
            return lane.Paused ? Paused(lane) : WorkErrors.LaneFull;
        }

        await LaneStore.MakeAsync(tx, asking.Lane, options.LaneConcurrency, cut);
        return (await LaneStore.TakeSlot(tx, asking.Lane, row.Id, row.Owner, cut).AllAsync()).Count == 1 ? null : WorkErrors.LaneFull;
    }

    private async Task<Answer> CallAsync(WorkRow row, OutsideStep step, Intent intent, CancellationToken cut)
    {
        try
        {
            var call = BoundedAsync(token => step.CallAsync(intent, token), cut);
            _ = PassAsync(Moment.RequestSent, row);
            var answer = await call;
            await PassAsync(Moment.AnswerReceived, row);
            return answer;
        }
        catch (Exception e) when (!cut.IsCancellationRequested)
        {
            logger.LogWarning(e, "Work: the call of step {Step} (process {Work}) ended without an answer", intent.Step, intent.Work);
            return Answer.Unknown(WorkErrors.NoAnswer.Because($"The call of '{intent.Step}' ended without an answer: {e.GetType().Name}: {e.Message}"));
        }
    }

    private async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cut)
    {
        Tx.AssertNone();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cut);
        bound.CancelAfter(options.CallMax);
        // A call that heeds no token is left behind a little later.
        return await call(bound.Token).WaitAsync(options.CallMax + options.CallLeftAfter, cut);
    }

    /// <summary>Commits an answer together with what the step writes. The answer is kept in hand while the database fails.</summary>
    private async Task<WorkRow?> AnswerAsync(WorkRow row, OutsideStep step, Intent intent, IntentRow? stored, Answer answer, CancellationToken cut)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await InTxAsync(row, (tx, next, inline) => SettleAsync(tx, next, step, intent, stored?.Copy(), answer, inline, cut), cut);
            }
            catch (Exception e) when (database.Dialect.IsUnreachable(e) && tries < 40)
            {
                logger.LogWarning("Work: the answer of process {Work} could not be committed yet ({Message})", row.Id, e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1000, 50 << Math.Min(tries, 5))), cut);
            }
            catch (Exception e) when (e is not (LostLeaseException or OperationCanceledException) && answer.Outcome == Outcome.Done && stored is not null && !database.Dialect.IsUnreachable(e))
            {
                // It happened, and only working it in failed: the answer is kept, so that the act is not repeated for it.
                logger.LogError(e, "Work: the answer of step {Step} (process {Work}) could not be worked in", row.Step, row.Id);
                var error = WorkErrors.StepFaulted.Because($"The answer of '{row.Step}' of {row.Subject} could not be worked in: {e.GetType().Name}: {e.Message}");
                return await InTxAsync(row, async (tx, next, _) =>
                {
                    var kept = stored.Copy();
                    (kept.Is, kept.Answer, kept.Error) = (IntentState.Answered, answer.Value, Json.Write(error));
                    await LaneStore.FreeSlotAsync(tx, kept.Lane, row.Id, cut);
                    await WorkStore.SaveIntentAsync(tx, kept, time.GetUtcNow(), cut);
                    await advancer.RetryAsync(tx, next, error, Backoff(next.Attempt + 1), cut);
                }, cut);
            }
        }
    }

    private async Task SettleAsync(Tx tx, WorkRow next, OutsideStep step, Intent intent, IntentRow? stored, Answer answer, bool inline, CancellationToken cut)
    {
        var now = time.GetUtcNow();
        if (stored is not null)
        {
            await LaneStore.FreeSlotAsync(tx, stored.Lane, next.Id, cut);
            stored.Error = answer.Error is { } cause ? Json.Write(cause) : null;
        }

        switch (answer.Outcome)
        {
            case Outcome.Done:
                if (stored is not null)
                {
                    (stored.Is, stored.Answer) = (IntentState.Done, answer.Value);
                    await LookAgainAsync(tx, next, stored, cut);
                }

                var move = await step.SettleAsync(tx, next.Item(), intent, answer, cut);
                next.Intent = null;
                await advancer.ApplyAsync(tx, next, move, inline, 0, cut);
                await advancer.AdvanceAsync(tx, next, options.StepsInOneMax, inline, 0, cut);
                break;

            case Outcome.Pending:
                stored?.Is = IntentState.Pending;
                Advancer.Leave(next, WorkState.Sleeping);
                (next.DueAt, next.Why, next.Error) = (Due(next, stored, now + (answer.AskAgainAfter ?? AskAgainDefault)), "It was accepted and is not finished; it is asked for again.", null);
                break;

            case Outcome.Refused:
                stored?.Is = IntentState.Refused;
                next.Attempt++;
                next.Approved = false;
                await advancer.StopAsync(tx, next, answer.Error!, cut);
                break;

            case Outcome.NotAsked:
                stored?.Is = IntentState.Idle;
                Advancer.Leave(next, WorkState.Ready);

                // The step's time is for the other side's answer, not for the waiting until it may be asked.
                next.StepBegunAt = null;
                (next.DueAt, next.Lane) = (now + (answer.AskAgainAfter ?? AskAgainDefault), intent.Lane);
                (next.Why, next.LastFailure) = (answer.Error!.Detail, advancer.FailureOf(next, answer.Error, 0));
                break;

            case Outcome.Unknown when stored is not null:
                (stored.Is, stored.UnknownAt, stored.Looks) = (IntentState.Unknown, now, 0);
                (next.Why, next.LastFailure) = (answer.Error!.Detail, advancer.FailureOf(next, answer.Error, next.Attempt + 1));
                break;

            case Outcome.NotDone or Outcome.Unknown:
                stored?.Is = IntentState.Idle;
                await advancer.RetryAsync(tx, next, answer.Error!, Backoff(next.Attempt + 1), cut);
                break;

            default:
                throw new InvalidOperationException($"{answer.Outcome} is no outcome.");
        }

        if (next.Is == WorkState.Stopped)
        {
            // Whoever sees to it has to know over whom it went.
            next.Lane = intent.Lane;
        }

        if (stored is not null)
        {
            await LookAgainWhereStoppedAsync(tx, next, stored, cut);
            await SaveAsync(tx, stored, now, cut);
        }
    }

    // Last in its transaction: what was spent stands in few rows, for which others wait.
    private static async Task SaveAsync(Tx tx, IntentRow stored, DateTimeOffset now, CancellationToken cut)
    {
        if (stored.Is is IntentState.Idle or IntentState.Refused)
        {
            await SpendingGuard.GiveBackAsync(tx, stored, now, cut);
        }

        await WorkStore.SaveIntentAsync(tx, stored, now, cut);
    }

    /// <summary>Finds out what became of an act whose answer is not known, before anything is repeated.</summary>
    private async Task<WorkRow?> LookAsync(WorkRow row, OutsideStep step, IntentRow stored, Life life, CancellationToken stopping, CancellationToken cut)
    {
        if (stored.Is == IntentState.Open)
        {
            // Whoever sent it is gone, and its answer with it.
            var taken = stored.Copy();
            (taken.Is, taken.UnknownAt, taken.Looks) = (IntentState.Unknown, time.GetUtcNow(), 0);
            var error = WorkErrors.NoAnswer.Because($"Keygate was interrupted during '{row.Step}' of {row.Subject}; whether it happened is looked into.");
            taken.Error = Json.Write(error);
            row = (await InTxAsync(row, async (tx, next, _) =>
            {
                (next.Why, next.LastFailure) = (error.Detail, advancer.FailureOf(next, error, next.Attempt + 1));
                await LaneStore.FreeSlotAsync(tx, taken.Lane, row.Id, cut);
                await WorkStore.SaveIntentAsync(tx, taken, time.GetUtcNow(), cut);
            }, cut))!;
            stored = taken;
        }

        var lane = await gates.SettingsAsync(database, stored.Lane, cut);
        if (lane is { Paused: true })
        {
            return await WaitForLaneAsync(row, stored.Lane, Paused(lane), time.GetUtcNow() + PausedWait, cut, WorkRow.RankFirst);
        }

        using var place = await gates.EnterAsync(stored.Lane, lane?.Concurrency, stopping);
        if (place is null)
        {
            return await ReleaseAsync(row, stored.Lane, cut);
        }

        if (!life.IsHeld)
        {
            return null;
        }

        var look = await AskAsync(token => step.LookAsync(stored.Intent(), token), stored.Intent(), cut);
        return look.Outcome == LookOutcome.Found
            ? await AnswerAsync(row, step, stored.Intent(), stored, Answer.DoneWith(look.Value!), cut)
            : await InTxAsync(row, (tx, next, _) => NotFoundAsync(tx, next, step, stored.Copy(), look, cut), cut);
    }

    /// <summary>
    /// Looks once more before an act that was ever unknown is sent again: what was believed absent may have been carried out late, and a person may have
    /// been mistaken. What is found is the answer; what is not found changes nothing.
    /// </summary>
    private async Task<WorkRow?> LookFirstAsync(WorkRow row, OutsideStep step, IntentRow stored, Life life, CancellationToken stopping, CancellationToken cut)
    {
        var lane = await gates.SettingsAsync(database, stored.Lane, cut);
        if (lane is { Paused: true })
        {
            return await WaitForLaneAsync(row, stored.Lane, Paused(lane), time.GetUtcNow() + PausedWait, cut);
        }

        Look look;
        using (var place = await gates.EnterAsync(stored.Lane, lane?.Concurrency, stopping))
        {
            if (place is null)
            {
                return await ReleaseAsync(row, stored.Lane, cut);
            }

            if (!life.IsHeld)
            {
                return null;
            }

            look = await AskAsync(token => step.LookFirstAsync(stored.Intent(), token), stored.Intent(), cut);
        }

        switch (look.Outcome)
        {
            case LookOutcome.Found:
                return await AnswerAsync(row, step, stored.Intent(), stored, Answer.DoneWith(look.Value!), cut);

            case LookOutcome.NotAsked:
                return await InTxAsync(row, (tx, next, _) => NotFoundAsync(tx, next, step, stored.Copy(), look, cut), cut);

            default:
                // It goes on at once, without a commit in between.
                var known = row.Copy();
                known.LookedFirst = true;
                return known;
        }
    }

    private async Task<Look> AskAsync(Func<CancellationToken, Task<Look>> ask, Intent intent, CancellationToken cut)
    {
        try
        {
            return await BoundedAsync(ask, cut);
        }
        catch (Exception e) when (!cut.IsCancellationRequested)
        {
            logger.LogWarning(e, "Work: the look of step {Step} (process {Work}) failed", intent.Step, intent.Work);
            return Look.NotAsked(WorkErrors.NoAnswer.Because($"The look into '{intent.Step}' failed: {e.GetType().Name}: {e.Message}"));
        }
    }

    private async Task NotFoundAsync(Tx tx, WorkRow next, OutsideStep step, IntentRow stored, Look look, CancellationToken cut)
    {
        var now = time.GetUtcNow();
        switch (look.Outcome)
        {
            case LookOutcome.Absent when stored.Is == IntentState.Unknown && now - stored.SentAt >= look.MayStillTake:
                await AbsentAsync(tx, next, stored, cut);
                break;

            case LookOutcome.Absent:
                if (stored.Is == IntentState.Pending)
                {
                    (stored.Is, stored.UnknownAt) = (IntentState.Unknown, now);
                }

                stored.Looks++;
                Advancer.Leave(next, WorkState.Ready);
                (next.DueAt, next.Rank) = (NextLook(stored, now), WorkRow.RankFirst);
                next.Why = string.Create(CultureInfo.InvariantCulture,
                    $"'{next.Step}' was not found at the other side, which may still take it until {stored.SentAt + look.MayStillTake:u}; it is looked for again.");
                break;

            case LookOutcome.NotAsked:
                Advancer.Leave(next, WorkState.Ready);
                (next.DueAt, next.Rank, next.Lane) = (now + options.LookNotAskedWait, WorkRow.RankFirst, stored.Lane);
                (next.Why, next.LastFailure) = (look.Error!.Detail, advancer.FailureOf(next, look.Error, next.Attempt + 1));
                break;

            case LookOutcome.CannotLook:
                next.Attempt++;
                await advancer.StopAsync(tx, next, look.Error!, cut);
                break;

            default:
                throw new InvalidOperationException($"{look.Outcome} is no outcome of a look.");
        }

        await LookAgainWhereStoppedAsync(tx, next, stored, cut);
        await SaveAsync(tx, stored, now, cut);
    }

    // It is believed not to have happened: it is tried again, under the same token, unless its attempts are spent.
    private async Task AbsentAsync(Tx tx, WorkRow next, IntentRow stored, CancellationToken cut)
    {
        stored.Is = IntentState.Idle;
        next.LookedFirst = true;
        next.Attempt++;
        if (next.Attempt >= advancer.AttemptsMaxOf(next))
        {
            await advancer.SpendAsync(tx, next, next.LastError ?? WorkErrors.NoAnswer, cut);
        }
    }

    private async Task LookAgainAsync(Tx tx, WorkRow row, IntentRow stored, CancellationToken cut)
    {
        if (stored.UnknownAt is not null && options.LookAgain.Count > 0)
        {
            await advancer.StartAsync(tx, LookAgain.Start(row, stored, time.GetUtcNow(), options.LookAgain[0]), cut);
        }
    }

    // A step that stopped may stand for days until a person comes; what an earlier try of it made late would not be noticed until then.
    private Task LookAgainWhereStoppedAsync(Tx tx, WorkRow row, IntentRow stored, CancellationToken cut) =>
        row.Is == WorkState.Stopped && !stored.MayHaveHappened ? LookAgainAsync(tx, row, stored, cut) : Task.CompletedTask;

    private Task<WorkRow?> WaitForLaneAsync(WorkRow row, string lane, Error error, DateTimeOffset until, CancellationToken cut, int rank = WorkRow.RankUsual) =>
        InTxAsync(row, (_, next, _) =>
        {
            // Nor is the time of a pause, or the time that a person takes to approve, the step's.
            Advancer.Leave(next, WorkState.Waiting);
            (next.Lane, next.DueAt, next.Rank, next.StepBegunAt, next.Why, next.LastFailure) = (lane, until, rank, null, error.Detail, advancer.FailureOf(next, error, 0));
            return Task.CompletedTask;
        }, cut);

    // A deadline ends what can be ended; an act that may have happened is looked into for as long as it takes.
    private DateTimeOffset Due(WorkRow row, IntentRow? stored, DateTimeOffset due) =>
        stored is { MayHaveHappened: true } ? due : Advancer.Earlier(due, advancer.DeadlineOf(row));

    // The interval counts from the look just made, so that looks which could not be asked do not use up the schedule.
    private DateTimeOffset NextLook(IntentRow stored, DateTimeOffset now)
    {
        var looks = options.Looks;
        return now + (stored.Looks < looks.Count ? looks[stored.Looks] - looks[stored.Looks - 1] : options.LookEvery);
    }

    private static Error Paused(LaneStore.LaneRow lane) => WorkErrors.LanePaused.Because($"{lane.Lane} is paused: {lane.Why}");

    // Acts that may be repeated have no row; their token follows from what never changes about the process.
    private static string TokenOf(WorkRow row)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{row.Id}/{row.Step}/{row.StartedAt.ToUnixTimeMilliseconds()}/{row.Kind}/{row.Subject}");
        return Chance.TokenOf(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}
