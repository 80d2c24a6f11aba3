namespace Keygate.Storage;

/// <summary>
/// Gathers what many callers want of the database at the same time into trips: one departs at once where none is under way, and what comes meanwhile goes with the next. Thread-safe.
/// </summary>
/// <param name="travel">Carries one group; answers each of it, and throws nothing.</param>
/// <param name="time">By which it is told that a trip hangs.</param>
internal sealed class Trips<T>(Func<List<T>, Task> travel, TimeProvider time)
{
    // Bounds the statement, and how long the first of a group waits for the last.
    private const int GroupMax = 128;

    // While a trip is with the database, the next one gathers: more of them at a time only makes them smaller.
    private static readonly int TripsMax = Math.Max(1, Environment.ProcessorCount / 2);

    // A trip that hangs does not keep those behind it: another departs, up to so many more.
    private const int HangingMax = 16;
    private static readonly TimeSpan HangsAfter = TimeSpan.FromMilliseconds(20);
    private readonly Queue<T> _waiting = new();
    private readonly Lock _gate = new();
    private int _trips;
    private long _departed;

    /// <summary>Puts one more into the next group.</summary>
    public void Join(T waiting)
    {
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            if (_trips < TripsMax || (_trips < TripsMax + HangingMax && time.GetElapsedTime(_departed) > HangsAfter))
            {
                _trips++;
                Depart();
            }
        }
    }

    // A trip is nobody's own: it goes without the flow of the caller who happened to begin it.
    private void Depart()
    {
        _departed = time.GetTimestamp();
        ThreadPool.UnsafeQueueUserWorkItem(static together => _ = together.TravelAsync(), this, preferLocal: false);
    }

    private async Task TravelAsync()
    {
        while (NextGroup() is { Count: > 0 } group)
        {
            await travel(group);
        }
    }

    private List<T> NextGroup()
    {
        lock (_gate)
        {
            var group = new List<T>(Math.Min(_waiting.Count, GroupMax));
            while (group.Count < GroupMax && _waiting.TryDequeue(out var next))
            {
                group.Add(next);
            }

            _departed = time.GetTimestamp();
            _trips -= group.Count == 0 ? 1 : 0;
            return group;
        }
    }
}
