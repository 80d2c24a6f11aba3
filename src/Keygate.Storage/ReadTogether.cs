namespace Keygate.Storage;

/// <summary>
/// Rows of one kind that many callers ask for one by one at the same time: what is wanted while others are being read is read together, in one round trip. Alone, a
/// caller waits for nobody. Each sees at least what was committed when he asked; the rows belong to nobody in particular, so what a caller may see is decided
/// after they were read. Thread-safe.
/// </summary>
/// <typeparam name="TKey">What a row is asked for by.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class ReadTogether<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private readonly Database _database;
    private readonly Func<Session, IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TRow>>> _read;
    private readonly Trips<Waiting> _trips;

    /// <summary>Says how rows are read.</summary>
    /// <param name="database">The database.</param>
    /// <param name="read">Reads the rows of several keys, none of them twice; what is missing in the answer does not exist.</param>
    /// <param name="time">By which it is told that a trip hangs; real time where nothing is said.</param>
    public ReadTogether(
        Database database, Func<Session, IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TRow>>> read, TimeProvider? time = null) =>
        (_database, _read, _trips) = (database, read, new Trips<Waiting>(ReadAsync, time ?? TimeProvider.System));

    /// <summary>The row of a key; null where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends this caller's wait; the others' rows are read on.</param>
    public Task<TRow?> FindAsync(TKey key, CancellationToken cancellation)
    {
        var waiting = new Waiting(key);
        _trips.Join(waiting);
        return waiting.Row.WaitAsync(cancellation);
    }

    private async Task ReadAsync(List<Waiting> group)
    {
        try
        {
            var keys = group.Select(w => w.Key).Distinct().ToList();
            var rows = await _database.ReadAsync(s => _read(s, keys, CancellationToken.None), CancellationToken.None);
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
