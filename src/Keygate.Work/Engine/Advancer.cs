using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>Thrown when a process that was only woken by another's commit failed in its own step: the other's commit goes on without it.</summary>
internal sealed class InlineFaultException(Exception inner) : Exception("A woken process failed.", inner);

/// <summary>
/// Moves processes on inside a transaction: the caller's that starts or wakes one, or a runner's. Local steps run at once, so that what
/// belongs together is one commit; what remains is kept by this process, whose lease is committed along with it, or left to be claimed.
/// </summary>
internal sealed class Advancer(Book book, TimeProvider time, WorkOptions options, Signals signals)
{
    // A parent woken by its child may end and wake its own parent: bounds the transaction, not the tree.
    private const int DepthMax = 8;

    public async Task<long> StartAsync(Tx tx, StartWork start, CancellationToken cancellation, bool inline = true)
    {
        var now = time.GetUtcNow();
        var first = book.First(start.Kind);
        var later = start.Due is { } due && due > now;
        var row = new WorkRow
        {
            Kind = start.Kind,
            Subject = start.Subject,
            UniqueKey = start.UniqueKey,
            Payload = start.Payload,
            Step = first.Name,
            Generation = 1,
            Parent = start.Parent,
            StartedAt = now,
            ChangedAt = now,
            Is = later ? WorkState.Sleeping : inline ? WorkState.Running : WorkState.Ready,
            DueAt = later ? start.Due : inline ? null : now,
        };
        Life? keeper = null;
        if (!later && inline && first is not LocalStep)
        {
            keeper = Place(row, now);
        }

        if (await WorkStore.InsertAsync(tx, row, cancellation) is not { } id)
        {
            return await WorkStore.IdOfAsync(tx, start.UniqueKey!, cancellation);
        }

        (row.Id, row.HeldFence) = (id, row.Fence);
        if (later)
        {
            return id;
        }

        if (inline && first is LocalStep)
        {
            await AdvanceAsync(tx, row, options.StepsInOneMax, inline: true, depth: 0, cancellation);
            await SaveForeignAsync(tx, row, cancellation);
        }
        else
        {
            Follow(tx, row, keeper);
        }

        return id;
    }

    /// <summary>Wakes a locked process that waits, and moves it on; false when it doesn't wait (it will see the news by itself).</summary>
    public async Task<bool> WakeAsync(Tx tx, WorkRow row, bool inline, int depth, CancellationToken cancellation)
    {
        if (row.Is != WorkState.Waiting)
        {
            if (row.Is is WorkState.Running or WorkState.Ready or WorkState.Sleeping)
            {
                await WorkStore.MarkWokenAsync(tx, row.Id, cancellation);
            }

            return false;
        }

        (row.Is, row.DueAt, row.Why) = (WorkState.Running, null, null);
        if (inline && depth < DepthMax)
        {
            await AdvanceAsync(tx, row, options.StepsInOneMax, inline, depth, cancellation);
        }
        else
        {
            (row.Is, row.DueAt) = (WorkState.Ready, time.GetUtcNow());
        }

        await SaveForeignAsync(tx, row, cancellation);
        return true;
    }

    /// <summary>Runs local steps of a row that this transaction holds, and leaves in the row what must be saved.</summary>
    public async Task AdvanceAsync(Tx tx, WorkRow row, int stepsMax, bool inline, int depth, CancellationToken cancellation)
    {
        for (var n = 0; n < stepsMax && row.Is == WorkState.Running && book.Step(row) is LocalStep step; n++)
        {
            row.StepBegunAt ??= time.GetUtcNow();
            if (DeadlineOf(row) is { } deadline && deadline <= time.GetUtcNow())
            {
                await StopAsync(tx, row, OverDeadline(row), cancellation);
                return;
            }

            await ApplyAsync(tx, row, await step.RunAsync(tx, row.Item(), cancellation), inline, depth, cancellation);
        }

        // What it needs is mostly what this transaction has just read or written.
        if (row is { Is: WorkState.Running, Intent: null } && book.Step(row) is OutsideStep next)
        {
            row.Foreseen = new Foreseen(await next.PrepareAsync(tx, row.Item(), cancellation));
        }
    }

    /// <summary>Goes where a step said.</summary>
    public async Task ApplyAsync(Tx tx, WorkRow row, Move move, bool inline, int depth, CancellationToken cancellation)
    {
        switch (move)
        {
            case Move.NextMove when book.After(row.Kind, row.Step) is { } next:
                Enter(row, next.Name);
                break;
            case Move.NextMove or Move.FinishMove:
                Leave(row, WorkState.Done);
                (row.Why, row.Error) = (null, null);
                await WakeParentAsync(tx, row, inline, depth, cancellation);
                break;
            case Move.ToMove to:
                Enter(row, book.Step(row.Kind, to.Step).Name);
                break;
            case Move.WaitMove wait:
                Leave(row, WorkState.Waiting);
                (row.Attempt, row.Why, row.Error, row.DueAt) = (0, wait.Why, null, DeadlineOf(row));
                break;
            case Move.SleepMove sleep:
                Leave(row, WorkState.Sleeping);
                (row.Attempt, row.Why, row.Error, row.DueAt) = (0, sleep.Why, null, Earlier(sleep.Until, DeadlineOf(row)));
                break;
            case Move.StopMove stop:
                await StopAsync(tx, row, stop.Error, cancellation);
                break;
            default:
                throw new InvalidOperationException($"{move} is no move.");
        }
    }

    public async Task WakeParentAsync(Tx tx, WorkRow row, bool inline, int depth, CancellationToken cancellation)
    {
        if (row.Parent is { } id && await WorkStore.LockAsync(tx, id, cancellation) is { } parent)
        {
            try
            {
                await WakeAsync(tx, parent, inline, depth + 1, cancellation);
                if (inline)
                {
                    // A fault of what the other wrote must come up here, where it is told from our own.
                    await tx.FlushAsync(cancellation);
                }
            }
            catch (Exception e) when (inline && e is not (OperationCanceledException or InlineFaultException) && !tx.Dialect.IsUnreachable(e))
            {
                throw new InlineFaultException(e);
            }
        }
    }

    public Task StopAsync(Tx tx, WorkRow row, Error error, CancellationToken cancellation) =>
        StopAsync(tx, row, FailureOf(row, error, row.Attempt), cancellation);

    private async Task StopAsync(Tx tx, WorkRow row, Failure failure, CancellationToken cancellation)
    {
        var item = row.Item();
        Leave(row, WorkState.Stopped);
        (row.LastFailure, row.Why) = (failure, failure.Error.Detail);
        await book.Step(row).StoppedAsync(tx, item, failure, cancellation);
    }

    /// <summary>Stops a step whose tries are spent.</summary>
    public Task SpendAsync(Tx tx, WorkRow row, Error cause, CancellationToken cancellation) => StopAsync(
        tx, row, FailureOf(row, Spent(row, cause), row.Attempt) with { Cause = cause }, cancellation);

    /// <summary>Lets a step be tried again after a while, or gives it up when its attempts or its time are over.</summary>
    public async Task RetryAsync(Tx tx, WorkRow row, Error error, TimeSpan wait, CancellationToken cancellation)
    {
        row.Attempt++;
        row.StepBegunAt ??= time.GetUtcNow();
        if (row.Attempt >= AttemptsMaxOf(row))
        {
            await SpendAsync(tx, row, error, cancellation);
            return;
        }

        Leave(row, WorkState.Ready);
        (row.LastFailure, row.Why, row.DueAt) = (FailureOf(row, error, row.Attempt), error.Detail, Earlier(time.GetUtcNow() + wait, DeadlineOf(row)));
    }

    /// <summary>What a row remembers of an error.</summary>
    /// <param name="row">The row.</param>
    /// <param name="error">The error.</param>
    /// <param name="attempt">The try that met it; 0 where none was made.</param>
    public Failure FailureOf(WorkRow row, Error error, int attempt) => new(error, time.GetUtcNow(), attempt, AttemptsMaxOf(row));

    public int AttemptsMaxOf(WorkRow row) => book.Step(row).AttemptsMax ?? options.AttemptsMax;

    private Error Spent(WorkRow row, Error error) => WorkErrors.AttemptsSpent
        .Because($"'{row.Step}' of {row.Subject} failed {AttemptsMaxOf(row)} times, at last: {error.Detail} ({error.Code})")
        .Mend(error.Remedy + " Then resubmit; it goes on where it stopped.");

    public DateTimeOffset? DeadlineOf(WorkRow row) => book.Step(row).Deadline is { } deadline && row.StepBegunAt is { } begun ? begun + deadline : null;

    public Error OverDeadline(WorkRow row)
    {
        var last = row.LastError is { } error ? $" The last cause: {error.Detail} ({error.Code})" : row.Why is { } why ? $" It stood at: {why}" : "";
        return WorkErrors.DeadlineOver.Because($"'{row.Step}' of {row.Subject} did not end within {book.Step(row).Deadline}.{last}");
    }

    /// <summary>No longer held.</summary>
    public static void Leave(WorkRow row, WorkState state) => (row.Is, row.Owner, row.DueAt, row.Rank, row.Lane) = (state, null, null, WorkRow.RankUsual, null);

    public static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    /// <summary>Tells the engine, once the commit is through, of a row that nobody holds and that may be due.</summary>
    public void Follow(Tx tx, WorkRow row, Life? keeper)
    {
        if (keeper is not null)
        {
            var held = row.Copy();
            tx.AfterCommit(() => signals.Begin(held, keeper));
        }
        else if (row.DueAt <= time.GetUtcNow())
        {
            tx.AfterCommit(() => signals.Ready(tx.Database));
        }
    }

    private void Enter(WorkRow row, string step)
    {
        (row.Step, row.StepBegunAt, row.Attempt, row.Intent, row.Approved, row.Foreseen, row.LookedFirst) = (step, null, 0, null, false, null, false);
        (row.Why, row.Error, row.Lane, row.Rank) = (null, null, null, WorkRow.RankUsual);
    }

    // Saves a row that this transaction moved for somebody else: started, woken, a parent.
    private async Task SaveForeignAsync(Tx tx, WorkRow row, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var keeper = row.Is == WorkState.Running ? Place(row, now) : null;
        await WorkStore.SaveAsync(tx, row, now, cancellation);
        if (row.Is == WorkState.Ready)
        {
            row.DueAt ??= now;
        }

        Follow(tx, row, keeper);
    }

    // The committing process keeps the lease where it has room, so that the next step costs no claim.
    private Life? Place(WorkRow row, DateTimeOffset now)
    {
        if (signals.Keeper() is { } life)
        {
            (row.Is, row.Owner, row.DueAt, row.Fence) = (WorkState.Running, life.Id, null, row.Fence + 1);
            return life;
        }

        (row.Is, row.Owner, row.DueAt) = (WorkState.Ready, null, now);
        return null;
    }
}
