namespace Keygate.Storage;

/// <summary>
/// Rows of one kind that many callers ask for one by one at the same time: what is wanted while others are being read is read together, in one round trip. Alone, a
/// caller waits for nobody. Each sees at least what was committed when he asked; the rows belong to nobody in particular, so what a caller may see is decided
/// after they were read. Thread-safe.
/// </summary>
/// <typeparam name="TKey">What a row is asked for by.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
/// <param name="database">The database.</param>
/// <param name="read">Reads the rows of several keys, none of them twice; what is missing in the answer does not exist.</param>
/// <param name="time">By which it is told that a trip hangs; real time where nothing is said.</param>
public sealed class ReadTogether<TKey, TRow>(
    Database database, Func<Session, IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TRow>>> read, TimeProvider? time = null)
    where TKey : notnull
    where TRow : class
{
    // Bounds the statement, and how long the first of a group waits for the last.
    private const int GroupMax = 128;

    // While a trip is with the database, the next one gathers: more of them at a time only makes them smaller.
    private static readonly int TripsMax = Math.Max(1, Environment.ProcessorCount / 2);

    // A trip that hangs does not keep those behind it: another departs, up to so many more.
    private const int HangingMax = 16;
    private static readonly TimeSpan HangsAfter = TimeSpan.FromMilliseconds(20);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Queue<Waiting> _waiting = new();
    private readonly Lock _gate = new();
    private int _trips;
    private long _departed;

    /// <summary>The row of a key; null where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends this caller's wait; the others' rows are read on.</param>
    public Task<TRow?> FindAsync(TKey key, CancellationToken cancellation)
    {
        var waiting = new Waiting(key);
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            if (_trips < TripsMax || (_trips < TripsMax + HangingMax && _time.GetElapsedTime(_departed) > HangsAfter))
            {
                _trips++;
                Depart();
            }
        }

        return waiting.Row.WaitAsync(cancellation);
    }

    // A trip is nobody's own: it goes without the flow of the caller who happened to begin it.
    private void Depart()
    {
        _departed = _time.GetTimestamp();
        ThreadPool.UnsafeQueueUserWorkItem(static together => _ = together.TravelAsync(), this, preferLocal: false);
    }

    private async Task TravelAsync()
    {
        while (NextGroup() is { Count: > 0 } group)
        {
            await ReadAsync(group);
        }
    }

    private List<Waiting> NextGroup()
    {
        lock (_gate)
        {
            var group = new List<Waiting>(Math.Min(_waiting.Count, GroupMax));
            while (group.Count < GroupMax && _waiting.TryDequeue(out var next))
            {
                group.Add(next);
            }

            _departed = _time.GetTimestamp();
            _trips -= group.Count == 0 ? 1 : 0;
            return group;
        }
    }

    private async Task ReadAsync(List<Waiting> group)
    {
        try
        {
            var keys = group.Select(w => w.Key).Distinct().ToList();
            var rows = await database.ReadAsync(s => read(s, keys, CancellationToken.None), CancellationToken.None);
            group.ForEach(w => w.Answer(rows.GetValueOrDefault(w.Key)));
        }
        catch (Exception e) when (group.Count > 1 && StorageFaults.Of(e) is null)
        {
            // One row that cannot be read is the trouble of who asked for it.
            foreach (var one in group)
            {
                await ReadAsync([one]);
            }
        }
        catch (Exception e)
        {
            group.ForEach(w => w.Fail(e));
        }
    }

    private sealed class Waiting(TKey key)
    {
        private readonly TaskCompletionSource<TRow?> _row = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TKey Key => key;

        public Task<TRow?> Row => _row.Task;

        public void Answer(TRow? row) => _row.TrySetResult(row);

        public void Fail(Exception exception) => _row.TrySetException(exception);
    }
}
