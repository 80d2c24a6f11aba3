using System.Diagnostics;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>
/// The places of each lane within this process: whoever finds none waits here in memory, so that the database sees few who find none
/// there. A lane with too many waiting counts as full, and its work is left to others.
/// </summary>
internal sealed class LaneGates(WorkOptions options)
{
    // Work is claimed while fewer than half as many wait, so that a whole claim still finds room.
    private const int WaitingMax = 64;
    private const int WaitingEnough = WaitingMax / 2;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Gate> _gates = new(StringComparer.Ordinal);
    private Dictionary<string, LaneStore.LaneRow> _settings = new(StringComparer.Ordinal);
    private long _readAt;
    private long _changes;

    /// <summary>Runs when a lane that had too many waiting can take more.</summary>
    public Action Freed { get; init; } = () => { };

    /// <summary>Lanes whose work this process had better not claim now.</summary>
    public IReadOnlyCollection<string> Full
    {
        get
        {
            lock (_gate)
            {
                var now = Stopwatch.GetTimestamp();
                return [.. _gates.Where(g => g.Value.Waiting.Count >= WaitingEnough || g.Value.FullUntil > now).Select(g => g.Key)];
            }
        }
    }

    /// <summary>What is set for a lane, at most a second old; null where nothing is.</summary>
    public async Task<LaneStore.LaneRow?> SettingsAsync(Database database, string lane, CancellationToken cancellation)
    {
        Dictionary<string, LaneStore.LaneRow> settings;
        long change;
        lock (_gate)
        {
            (settings, change) = (_settings, _changes);
            if (_readAt != 0 && Stopwatch.GetElapsedTime(_readAt) <= Fresh)
            {
                return settings.GetValueOrDefault(lane);
            }
        }

        settings = (await database.ReadAsync(s => LaneStore.AllAsync(s, cancellation), cancellation)).ToDictionary(r => r.Lane, StringComparer.Ordinal);
        lock (_gate)
        {
            // What was read before a change is not taken for known.
            (_settings, _readAt) = (settings, change == _changes ? Stopwatch.GetTimestamp() : 0);
        }

        return settings.GetValueOrDefault(lane);
    }

    /// <summary>What is set for lanes has changed: it is read again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_readAt, _changes) = (0, _changes + 1);
        }
    }

    /// <summary>Takes a place, or waits for one; null when too many wait already.</summary>
    public async Task<IDisposable?> EnterAsync(string lane, int? concurrency, CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        Gate gate;
        lock (_gate)
        {
            gate = _gates.TryGetValue(lane, out var known) ? known : _gates[lane] = new Gate();
            if (gate.InUse < (concurrency ?? options.LaneConcurrency))
            {
                gate.InUse++;
                return new Place(this, gate);
            }

            if (gate.Waiting.Count >= WaitingMax)
            {
                return null;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gate.Waiting.AddLast(turn);
        }

        try
        {
            await turn.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                // The turn may have come in the same moment; it goes to the next one then.
                if (!gate.Waiting.Remove(turn))
                {
                    Leave(gate);
                }
            }

            throw;
        }

        return new Place(this, gate);
    }

    /// <summary>The other processes hold all places: this one looks elsewhere for a moment.</summary>
    public void MarkFull(string lane, TimeSpan time)
    {
        lock (_gate)
        {
            if (_gates.TryGetValue(lane, out var gate))
            {
                gate.FullUntil = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            }
        }
    }

    private void Leave(Gate gate)
    {
        if (gate.Waiting.First is { } next)
        {
            gate.Waiting.RemoveFirst();
            next.Value.SetResult();
            if (gate.Waiting.Count == WaitingEnough - 1)
            {
                Freed();
            }
        }
        else
        {
            gate.InUse--;
        }
    }

    private sealed class Gate
    {
        public int InUse { get; set; }

        public LinkedList<TaskCompletionSource> Waiting { get; } = [];

        public long FullUntil { get; set; }
    }

    private sealed class Place(LaneGates gates, Gate gate) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                lock (gates._gate)
                {
                    gates.Leave(gate);
                }
            }
        }
    }
}
