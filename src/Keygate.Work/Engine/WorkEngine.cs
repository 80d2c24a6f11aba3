using System.Collections.Concurrent;
using System.Diagnostics;
using Keygate.Storage;
using Microsoft.Extensions.Logging;

namespace Keygate.Work;

/// <summary>
/// Does the work of one database: claims what is due, runs it, takes over what dead nodes held. Made by <c>AddWork</c> for the provider's
/// database, or by hand over any other. Nothing happens before <see cref="Start"/>; until then, and in a process that doesn't work, started
/// processes wait in the database for another's engine.
/// </summary>
public sealed class WorkEngine : IAsyncDisposable
{
    private const int ClaimMax = 32;
    private readonly Database _database;
    private readonly Book _book;
    private readonly WorkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Signals _signals;
    private readonly Advancer _advancer;
    private readonly LaneGates _gates;
    private readonly Node _node;
    private readonly Runner _runner;
    private readonly Func<IEnumerable<RecurringJob>> _jobs;
    private readonly ConcurrentDictionary<(long Id, long Fence), Task> _held = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cut = new();
    private HashSet<long> _strays = [];
    private int _heldCount;
    private Task _pump = Task.CompletedTask;
    private volatile bool _claiming;
    private volatile bool _joined;

    /// <summary>An engine over a database whose migrations are applied.</summary>
    /// <param name="database">The database.</param>
    /// <param name="processes">The processes; asked for once, at the first use, so that their steps may use <see cref="Queue"/>.</param>
    /// <param name="jobs">The recurring jobs.</param>
    /// <param name="time">Due times and deadlines follow it; leases and time-outs follow real time.</param>
    /// <param name="options">The settings.</param>
    /// <param name="logger">The log.</param>
    /// <param name="chance">Jitter and tokens; true randomness where null.</param>
    public WorkEngine(
        Database database, Func<IEnumerable<Process>> processes, Func<IEnumerable<RecurringJob>> jobs, TimeProvider time, WorkOptions options,
        ILogger<WorkEngine> logger, Chance? chance = null)
    {
        (_database, _options, _time, _logger) = (database, options, time, logger);
        var recurring = new Lazy<List<RecurringJob>>(() => [.. jobs()]);
        _jobs = () => recurring.Value;
        _signals = new Signals { Keeper = Keeper, Begin = Begin, Wake = Wake };
        _book = new Book(() => [.. processes(), .. _jobs().Select(j => new RecurringProcess(j, time)), new LookAgain(database, _book!, options, time)]);
        _advancer = new Advancer(_book, time, options, _signals);
        _gates = new LaneGates(options) { Freed = Wake };
        _node = new Node(database, options, time, chance ?? Chance.Real, logger) { Told = Wake };
        _runner = new Runner(database, _book, _advancer, _gates, time, options, chance ?? Chance.Real, logger);
        Lanes = new Lanes(time, options, _signals, _gates);
        Queue = new WorkQueue(_advancer, _signals, time);
    }

    /// <summary>Starts, wakes, resubmits, cancels, lists processes of this database.</summary>
    public WorkQueue Queue { get; }

    /// <summary>The lanes of this database.</summary>
    public Lanes Lanes { get; }

    /// <summary>True while this process works, or where it is not meant to: what the health endpoint asks.</summary>
    public bool IsReady => !_options.Runs || (_claiming && _node.Life is not null);

    /// <summary>Processes that this node holds at this moment.</summary>
    public int Held => Volatile.Read(ref _heldCount);

    internal Node Node => _node;

    /// <summary>Begins to work in the background; to be called once the listeners do. Does nothing where the options say so.</summary>
    public void Start()
    {
        if (!_options.Runs || _claiming)
        {
            return;
        }

        _claiming = true;
        using (ExecutionContext.SuppressFlow())
        {
            _pump = Task.Run(PumpAsync, CancellationToken.None);
        }
    }

    /// <summary>
    /// Stops claiming, lets open steps end within the time of the options, and leaves the node. An outside call that is still open then
    /// stays an intent that is looked into later.
    /// </summary>
    public async Task StopAsync()
    {
        _claiming = false;
        await _stopping.CancelAsync();
        Wake();
        await _pump;
        var ended = Task.WhenAll(_held.Values);
        if (await Task.WhenAny(ended, Task.Delay(_options.StopWithin, CancellationToken.None)) != ended)
        {
            _logger.LogWarning("Work: {Count} processes did not end in time; what is open outside stays an intent", Held);
        }

        await _cut.CancelAsync();
        await Task.WhenAny(Task.WhenAll(_held.Values), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        await _node.DisposeAsync();
        _runner.Dispose();
    }

    /// <summary>
    /// For tests: takes part as a node without working in the background, and runs all that is due until nothing is. Returns the number of
    /// processes that were claimed.
    /// </summary>
    public async Task<int> RunUntilIdleAsync(CancellationToken cancellation)
    {
        await JoinAsync(cancellation);
        var claimed = 0;
        while (true)
        {
            await _node.RecoverDeadAsync(cancellation);
            var count = await ClaimAsync(cancellation);
            await Task.WhenAll(_held.Values).WaitAsync(cancellation);
            claimed += count;
            if (count == 0)
            {
                return claimed;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await StopAsync();
        }
    }

    /// <summary>For tests: dies without giving anything back, as after a kill.</summary>
    internal async Task DieAsync()
    {
        _claiming = false;
        await _cut.CancelAsync();
        await _stopping.CancelAsync();
        await _pump;
        await _node.DisposeAsync();
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        if (_joined)
        {
            return;
        }

        await _node.JoinAsync(cancellation);
        foreach (var job in _jobs())
        {
            await _database.WriteAsync(tx => _advancer.StartAsync(tx, new RecurringProcess(job, _time).Start(), cancellation, inline: false), cancellation);
        }

        _joined = true;
    }

    private async Task PumpAsync()
    {
        var stopping = _stopping.Token;
        long recoveredAt = 0, sweptAt = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await JoinAsync(stopping);
                var told = await _wake.WaitAsync(_options.PollEvery, stopping);
                if (_node.Life is null)
                {
                    continue;
                }

                if (Stopwatch.GetElapsedTime(recoveredAt) >= _options.PollEvery)
                {
                    recoveredAt = Stopwatch.GetTimestamp();
                    told |= await _node.RecoverDeadAsync(stopping);
                }

                if (Stopwatch.GetElapsedTime(sweptAt) >= TimeSpan.FromSeconds(2))
                {
                    sweptAt = Stopwatch.GetTimestamp();
                    await PickUpStraysAsync(stopping);
                }

                // A read first when nobody told: an idle server writes nothing.
                if (told || await _database.ReadAsync(s => WorkStore.AnyDueAsync(s, _book.Kinds, _time.GetUtcNow(), stopping), stopping))
                {
                    while (await ClaimAsync(stopping) == ClaimMax)
                    {
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _logger.LogWarning(e, "Work: looking for due work failed; it goes on in a moment");
                await Task.Delay(TimeSpan.FromMilliseconds(500), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> ClaimAsync(CancellationToken cancellation)
    {
        var room = Math.Min(ClaimMax, _options.HeldMax - Held);
        if (room <= 0 || _node.Life is not { } life)
        {
            return 0;
        }

        var rows = await _database.WriteAsync(
            tx => WorkStore.ClaimAsync(tx, life.Id, _book.Kinds, ["", .. _gates.Full], _time.GetUtcNow(), room, cancellation), cancellation);
        rows.ForEach(row => Begin(row, life));
        return rows.Count;
    }

    /// <summary>
    /// Picks up processes that are ours in the database and not in hand: a commit came through whose answer was lost. Seen twice, since a
    /// commit of this moment is seen before its answer arrives.
    /// </summary>
    private async Task PickUpStraysAsync(CancellationToken cancellation)
    {
        if (_node.Life is not { } life)
        {
            return;
        }

        var ours = await _database.ReadAsync(s => s.QueryAsync<long>("select id from work where owner = @Id", new { life.Id }, cancellation), cancellation);
        var inHand = _held.Keys.Select(k => k.Id).ToHashSet();
        var strays = ours.Where(id => !inHand.Contains(id)).ToHashSet();
        foreach (var id in strays.Where(_strays.Contains))
        {
            var row = await _database.ReadAsync(s => WorkStore.FindAsync(s, id, cancellation), cancellation);
            if (row is { Is: WorkState.Running } && row.Owner == life.Id)
            {
                Begin(row, life);
            }
        }

        _strays = strays;
    }

    private Life? Keeper() => _claiming && Held < _options.HeldMax ? _node.Life : null;

    private void Begin(WorkRow row, Life life)
    {
        var key = (row.Id, row.HeldFence);
        var begun = new TaskCompletionSource();
        using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
        {
            var task = Task.Run(async () =>
            {
                await begun.Task;
                try
                {
                    await _runner.RunAsync(row, life, _stopping.Token, _cut.Token);
                }
                catch (Exception e)
                {
                    _logger.LogError(e, "Work: the runner of process {Work} failed", row.Id);
                }
                finally
                {
                    _held.TryRemove(key, out _);
                    if (Interlocked.Decrement(ref _heldCount) == _options.HeldMax - 1)
                    {
                        Wake();
                    }
                }
            }, CancellationToken.None);
            if (_held.TryAdd(key, task))
            {
                Interlocked.Increment(ref _heldCount);
                begun.SetResult();
            }
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Told already.
        }
    }
}
