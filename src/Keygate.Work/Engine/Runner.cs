using Keygate.Storage;
using Microsoft.Extensions.Logging;

namespace Keygate.Work;

/// <summary>Runs the processes that this node holds, step by step, until each sleeps, stops or ends.</summary>
internal sealed partial class Runner(
    Database database, Book book, Advancer advancer, LaneGates gates, TimeProvider time, WorkOptions options, Chance chance, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _transactions = new(options.TransactionsMax, options.TransactionsMax);

    /// <summary>Runs one process.</summary>
    /// <param name="row">As the commit left it that made it ours.</param>
    /// <param name="life">Whose lease it is.</param>
    /// <param name="stopping">No further step is begun.</param>
    /// <param name="cut">What is still open is left as it is.</param>
    public async Task RunAsync(WorkRow row, Life life, CancellationToken stopping, CancellationToken cut)
    {
        var waits = 0;
        WorkRow? current = row;
        while (current is { Is: WorkState.Running })
        {
            try
            {
                await PassAsync(Moment.StepBegun, current);
                current = stopping.IsCancellationRequested || !life.IsHeld
                    ? await ReleaseAsync(current, null, cut)
                    : book.Step(current) is OutsideStep step
                        ? await OutsideAsync(current, step, life, stopping, cut)
                        : await LocalAsync(current, cut);
                waits = 0;
            }
            catch (LostLeaseException e)
            {
                logger.LogInformation("Work: {Message} It is dropped here", e.Message);
                return;
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Waiting for a place was given up; the next turn of the loop gives the process back.
                current = await ReloadAsync(current!, life, cut);
            }
            catch (Exception e) when (database.Dialect.IsUnreachable(e))
            {
                // Nothing was lost but time, so no attempt is counted. The row is read again, since the commit may have come through.
                logger.LogWarning("Work: the database failed under process {Work} ({Message}); it goes on when it answers", row.Id, e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(2000, 50 << Math.Min(waits++, 6))), cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                current = await ReloadAsync(current!, life, cut);
            }
            catch (Exception e)
            {
                logger.LogError(e, "Work: step {Step} of {Kind} {Subject} (process {Work}) failed", current!.Step, current.Kind, current.Subject, current.Id);
                // Read again: an intent may have been committed before it failed, and must not be forgotten.
                current = await ReloadAsync(current, life, cut) is { } now ? await FaultAsync(now, e, cut) : null;
            }
        }
    }

    public void Dispose() => _transactions.Dispose();

    private async Task<WorkRow?> LocalAsync(WorkRow row, CancellationToken cancellation)
    {
        // After a fault one step a transaction, so that attempts are counted where they fail.
        var max = row.Attempt > 0 ? 1 : options.StepsInOneMax;
        return await InTxAsync(row, async (tx, next, inline) => await advancer.AdvanceAsync(tx, next, max, inline, 0, cancellation), cancellation);
    }

    /// <summary>
    /// One transaction of a process: our row first, the effects, our row saved. When another process that it woke fails, it is done again and
    /// the other left to run by itself.
    /// </summary>
    private async Task<WorkRow?> InTxAsync(WorkRow row, Func<Tx, WorkRow, bool, Task> act, CancellationToken cancellation)
    {
        await _transactions.WaitAsync(cancellation);
        try
        {
            for (var inline = true; ; inline = false)
            {
                try
                {
                    var saved = await database.WriteAsync<WorkRow?>(async tx =>
                    {
                        var next = row.Copy();
                        await WorkStore.HoldAsync(tx, next, cancellation);
                        await act(tx, next, inline);
                        await WorkStore.SaveAsync(tx, next, time.GetUtcNow(), cancellation);
                        if (next.Is == WorkState.Ready)
                        {
                            next.DueAt ??= next.ChangedAt;
                        }

                        advancer.Follow(tx, next, keeper: null);
                        await PassWrittenAsync(tx, Moment.BeforeCommit, row, cancellation);
                        return next;
                    }, cancellation);
                    await PassAsync(Moment.Committed, row);
                    return saved;
                }
                catch (InlineFaultException e) when (inline)
                {
                    logger.LogWarning(e.InnerException, "Work: a process woken by process {Work} failed; it will run by itself", row.Id);
                }
            }
        }
        finally
        {
            _transactions.Release();
        }
    }

    private Task<WorkRow?> ReleaseAsync(WorkRow row, string? lane, CancellationToken cancellation) =>
        InTxAsync(row, (_, next, _) =>
        {
            var rank = next.Rank;
            Advancer.Leave(next, WorkState.Ready);
            (next.DueAt, next.Lane, next.Rank) = (time.GetUtcNow(), lane, rank);
            return Task.CompletedTask;
        }, cancellation);

    private async Task<WorkRow?> FaultAsync(WorkRow row, Exception fault, CancellationToken cut)
    {
        var error = WorkErrors.StepFaulted.Because($"'{row.Step}' of {row.Subject} failed: {fault.GetType().Name}: {fault.Message}");
        for (var hooks = true; ; hooks = false)
        {
            try
            {
                return await InTxAsync(row, async (tx, next, _) =>
                {
                    if (hooks)
                    {
                        await advancer.RetryAsync(tx, next, error, Backoff(next.Attempt + 1), cut);
                        return;
                    }

                    next.Attempt++;
                    Advancer.Leave(next, WorkState.Stopped);
                    (next.LastFailure, next.Why) = (advancer.FailureOf(next, error, next.Attempt), error.Detail);
                }, cut);
            }
            catch (LostLeaseException)
            {
                return null;
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception e) when (database.Dialect.IsUnreachable(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                hooks = true;
            }
            catch (Exception e) when (hooks)
            {
                // Even the hook of the stop failed: the process stops without it rather than being tried for ever.
                logger.LogError(e, "Work: process {Work} could not be stopped in order", row.Id);
            }
        }
    }

    private async Task<WorkRow?> ReloadAsync(WorkRow row, Life life, CancellationToken cut)
    {
        while (life.IsHeld && !cut.IsCancellationRequested)
        {
            try
            {
                var now = await database.ReadAsync(s => WorkStore.FindAsync(s, row.Id, cut), cut);
                return now is not null && now.Fence == row.HeldFence ? now : null;
            }
            catch (Exception e) when (database.Dialect.IsUnreachable(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                return null;
            }
        }

        return null;
    }

    private Task PassAsync(Moment moment, WorkRow row) =>
        options.PassingAt?.Contains(moment) == false ? Task.CompletedTask : options.Passing?.Invoke(new PassedMoment(moment, row.Kind, row.Step)) ?? Task.CompletedTask;

    // Where somebody wants to be told, it is written indeed; else it travels with the commit.
    private async Task PassWrittenAsync(Tx tx, Moment moment, WorkRow row, CancellationToken cancellation)
    {
        if (options.Passing is not null && options.PassingAt?.Contains(moment) != false)
        {
            await tx.FlushAsync(cancellation);
            await PassAsync(moment, row);
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        var wait = Math.Min(options.BackoffFirst.TotalSeconds * Math.Pow(2, Math.Max(0, attempt - 1)), options.BackoffMax.TotalSeconds);
        return TimeSpan.FromSeconds(wait * (0.8 + (0.4 * chance.Share())));
    }
}
