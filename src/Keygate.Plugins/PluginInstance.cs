using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Microsoft.Extensions.Logging;
using Answer = Keygate.Work.Answer;

namespace Keygate.Plugins;

/// <summary>
/// One living plug-in under guard: each call has a time-out, a rate and a breaker, none is made inside a transaction, and whatever the
/// plug-in does wrong becomes an answer. A change of settings retires it; it is disposed when its last call has ended.
/// </summary>
internal sealed class PluginInstance(IPlugin plugin, PluginRow row, ILogger logger, TimeProvider realTime) : IAsyncDisposable
{
    // A plug-in that does not heed the end of its call is waited for so long and then left to itself.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Breaker _breaker = new(realTime);
    private readonly Rate _rate = new(row.CallsPerMinute, realTime);
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(row.TimeoutSeconds);
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Lock _lock = new();
    private volatile Reason? _lastFailure;
    private bool _started;
    private bool _retired;
    private int _users;

    public IPlugin Plugin => plugin;

    public int Version => row.Version;

    public bool IsByHand { get; init; }

    public ILogger Logger => logger;

    /// <summary>False when it was retired: get another one.</summary>
    public bool TryUse()
    {
        lock (_lock)
        {
            _users += _retired ? 0 : 1;
            return !_retired;
        }
    }

    public async ValueTask LeaveAsync()
    {
        bool last;
        lock (_lock)
        {
            last = --_users == 0 && _retired;
        }

        if (last)
        {
            await DisposePluginAsync();
        }
    }

    /// <summary>Retires it: no new calls; it goes when the last one has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        bool idle;
        lock (_lock)
        {
            idle = !_retired && _users == 0;
            _retired = true;
        }

        if (idle)
        {
            await DisposePluginAsync();
        }
    }

    /// <summary>Calls under guard. Throws only when <paramref name="cancellation"/> calls it off.</summary>
    /// <param name="verb">What is called, for causes and logs.</param>
    /// <param name="forced">A person's test: it goes past breaker and rate, and closes the breaker when it goes well.</param>
    /// <param name="call">The verb.</param>
    /// <param name="cancellation">Calls it off; what was asked may have happened.</param>
    public async Task<GuardedAnswer> CallAsync<T>(string verb, bool forced, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation)
    {
        Tx.AssertNone();
        cancellation.ThrowIfCancellationRequested();
        var wait = TimeSpan.Zero;
        if (!forced && !_rate.TryTake(out wait))
        {
            return new(Answer.NotAsked(PluginsErrors.RateReached.Because($"'{row.Name}' may make {row.CallsPerMinute} calls a minute, and they are made."), wait));
        }

        if (!forced && !_breaker.TryEnter(out wait))
        {
            var last = _lastFailure;
            return new(Answer.NotAsked(PluginsErrors.BreakerOpen
                .Because($"'{row.Name}' failed {Breaker.FailuresMax} times in a row and is probed in {Math.Ceiling(wait.TotalSeconds):0} s. The last cause: {last?.Cause}")
                .Mend($"{last?.Remedy} Keygate probes it every {Breaker.ProbeEvery.TotalSeconds:0} seconds and goes on by itself."), wait));
        }

        try
        {
            return await StartAsync(cancellation) is { } failed
                ? Report(verb, failed.As<T>(), waits: false)
                : Report(verb, await AskAsync(verb, call, cancellation), waits: !forced);
        }
        catch (OperationCanceledException)
        {
            _breaker.CalledOff();
            throw;
        }
    }

    private GuardedAnswer Report<T>(string verb, Answer<T> answer, bool waits)
    {
        var closed = false;
        if (answer.Outcome is Outcome.NotDone or Outcome.Unknown)
        {
            _lastFailure = answer.Reason;

            // Whoever probes an open breaker waits like all the others: it would spend its attempts for them otherwise.
            if (_breaker.Failed() && waits && answer.Outcome == Outcome.NotDone)
            {
                return new(
                    Answer.NotAsked(
                        PluginsErrors.BreakerOpen.Because(
                            $"'{row.Name}' was probed and still fails: {answer.Reason!.Cause} It is probed again in {Breaker.ProbeEvery.TotalSeconds:0} s."), Breaker.ProbeEvery),
                    Reason: answer.Reason, Left: LeftAlone.Yes);
            }
        }
        else
        {
            closed = _breaker.Answered();
        }

        if (answer.Reason is { } reason)
        {
            logger.LogWarning("{Plugin} {Verb}: {Outcome}. {Cause}", row.Name, verb, answer.Outcome, reason.Cause);
        }

        var left = answer.Outcome is not (Outcome.NotDone or Outcome.Unknown) ? LeftAlone.No : _breaker.IsOpen ? LeftAlone.Yes : LeftAlone.AsBefore;
        return new(Translate(answer), answer.PausesPlugin, answer.Reason, closed, left);
    }

    private static Answer Translate<T>(Answer<T> answer) => answer.Outcome switch
    {
        Outcome.Done => Answer.Done(answer.Value!),
        Outcome.Pending => Answer.Pending(answer.AskAgainAfter),
        Outcome.Refused => Answer.Refused(Say(PluginsErrors.Refused, answer.Reason!)),
        Outcome.NotDone => Answer.NotDone(Say(PluginsErrors.NotDone, answer.Reason!)),
        _ => Answer.Unknown(Say(PluginsErrors.Unknown, answer.Reason!)),
    };

    private static Error Say(Error error, Reason reason) => error.Because(reason.Cause).Mend(reason.Remedy);

    // Nothing was sent yet, so a failed start is certainly not an act.
    private async Task<Answer<Done>?> StartAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _started))
        {
            return null;
        }

        await _starting.WaitAsync(cancellation);
        try
        {
            if (!_started)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(_timeout);
                await plugin.StartAsync(limit.Token).WaitAsync(_timeout + Grace, cancellation);
                Volatile.Write(ref _started, true);
            }

            return null;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            logger.LogError(e, "{Plugin} failed to start", row.Name);
            return Abstractions.Answer.NotDone<Done>(new Reason($"'{row.Name}' failed to start: {e.Message}", "Mend the cause and test the plug-in."));
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<Answer<T>> AskAsync<T>(string verb, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            var answer = await call(limit.Token).WaitAsync(_timeout + Grace, cancellation)
                ?? throw new InvalidOperationException("it returned nothing");
            return answer.Outcome == Outcome.Done && answer.Value is null ? throw new InvalidOperationException("it said Done without a value") : answer;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // It can't be told how far the plug-in had come, so it may have acted.
            if (limit.IsCancellationRequested)
            {
                return Abstractions.Answer.Unknown<T>(new Reason(
                    $"'{row.Name}' did not answer within {row.TimeoutSeconds} s ({verb}).", "Check that the other side works; raise the plug-in's time-out if it is slow."));
            }

            logger.LogError(e, "{Plugin} failed in {Verb}", row.Name, verb);
            return Abstractions.Answer.Unknown<T>(new Reason(
                $"'{row.Name}' failed inside ({verb}): {e.GetType().Name}: {e.Message}", "Report it to the author of the plug-in with the log's lines."));
        }
    }

    private async ValueTask DisposePluginAsync()
    {
        try
        {
            await plugin.DisposeAsync().AsTask().WaitAsync(Grace);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "{Plugin} failed to stop", row.Name);
        }

        _starting.Dispose();
    }
}

/// <summary>An answer with what the host has to do about it.</summary>
internal readonly record struct GuardedAnswer(
    Answer Answer, bool PausesPlugin = false, Reason? Reason = null, bool ClosedBreaker = false, LeftAlone Left = LeftAlone.AsBefore);

/// <summary>Whether the breaker leaves the other side alone, after a call.</summary>
internal enum LeftAlone
{
    /// <summary>The call tells nothing of it.</summary>
    AsBefore,

    /// <summary>It failed, and the breaker is open. Ended by an answer.</summary>
    Yes,

    /// <summary>It was answered.</summary>
    No,
}
