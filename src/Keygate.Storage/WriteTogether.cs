using Npgsql;

namespace Keygate.Storage;

/// <summary>
/// What many callers write at the same time, each by itself, carried by one transaction: one commit for all that came while the last one was under way. Alone, a caller waits for nobody. What is written must
/// not be able to be refused by what another of the group writes; a row that the database refuses is the trouble of who wrote it. Thread-safe.
/// </summary>
/// <typeparam name="TItem">What one caller writes.</typeparam>
/// <typeparam name="TResult">What he is told.</typeparam>
public sealed class WriteTogether<TItem, TResult>
{
    private readonly Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> _write;
    private readonly Trips<Waiting> _trips;

    /// <summary>Says how a group is written.</summary>
    /// <param name="write">Writes a group in a transaction of its own, and answers for each in the same order. Nothing is committed where it throws.</param>
    /// <param name="time">By which it is told that a trip hangs; real time where nothing is said.</param>
    public WriteTogether(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> write, TimeProvider? time = null) =>
        (_write, _trips) = (write, new Trips<Waiting>(CarryAsync, time ?? TimeProvider.System));

    /// <summary>Writes one, and waits for the commit: whoever gives up waiting would not know whether it was written.</summary>
    public Task<TResult> WriteAsync(TItem item)
    {
        var waiting = new Waiting(item);
        _trips.Join(waiting);
        return waiting.Written.Task;
    }

    private async Task CarryAsync(List<Waiting> group)
    {
        try
        {
            var results = await _write([.. group.Select(w => w.Item)]);
            foreach (var (waiting, result) in group.Zip(results))
            {
                waiting.Written.TrySetResult(result);
            }
        }
        catch (PostgresException e) when (group.Count > 1 && IsRolledBack(e))
        {
            // The server itself says that nothing was written: each again by itself.
            foreach (var one in group)
            {
                await CarryAsync([one]);
            }
        }
        catch (Exception e)
        {
            group.ForEach(w => w.Written.TrySetException(e));
        }
    }

    // A row that may not stand so (22, 23), or a transaction that was ended for another's sake (40). After a lost connection nobody knows.
    private static bool IsRolledBack(PostgresException e) => e.SqlState.Length == 5 && e.SqlState[..2] is ("22" or "23" or "40");

    private sealed class Waiting(TItem item)
    {
        public TItem Item => item;

        public TaskCompletionSource<TResult> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
