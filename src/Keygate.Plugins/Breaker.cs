namespace Keygate.Plugins;

/// <summary>
/// Leaves a failing other side alone: after 5 failures in a row within 5 minutes nobody is let through but one probe each 30 s, until a call goes
/// well. The 5 minutes let the tries of a single order open it, whose own back-off is longer with each: so it waits for the other side's return
/// instead of spending its attempts. It is per process and follows real time. Thread-safe.
/// </summary>
internal sealed class Breaker(TimeProvider realTime)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(30);
    public const int FailuresMax = 5;

    private readonly Lock _lock = new();
    private readonly Queue<long> _failures = new();
    private long _probeAt;
    private bool _open;
    private bool _probing;

    /// <summary>True when the caller may call; it must then report how it went. False with the time after which to ask again.</summary>
    public bool TryEnter(out TimeSpan askAgainAfter)
    {
        lock (_lock)
        {
            askAgainAfter = TimeSpan.Zero;
            if (!_open)
            {
                return true;
            }

            var wait = _probing ? ProbeEvery : ProbeEvery - realTime.GetElapsedTime(_probeAt);
            if (wait > TimeSpan.Zero)
            {
                askAgainAfter = wait;
                return false;
            }

            return _probing = true;
        }
    }

    /// <summary>True while nobody but a probe is let through.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _open;
            }
        }
    }

    /// <summary>The other side answered, whatever it said. True when that closed an open breaker.</summary>
    public bool Answered()
    {
        lock (_lock)
        {
            var wasOpen = _open;
            (_open, _probing) = (false, false);
            _failures.Clear();
            return wasOpen;
        }
    }

    /// <summary>It did not answer. True when the breaker was open already: this was the probe, or a call that was begun before.</summary>
    public bool Failed()
    {
        lock (_lock)
        {
            var wasOpen = _open;
            _probing = false;
            while (_failures.TryPeek(out var oldest) && realTime.GetElapsedTime(oldest) > Window)
            {
                _failures.Dequeue();
            }

            _failures.Enqueue(realTime.GetTimestamp());
            if (_open || _failures.Count >= FailuresMax)
            {
                (_open, _probeAt) = (true, realTime.GetTimestamp());
                _failures.Clear();
            }

            return wasOpen;
        }
    }

    /// <summary>The call was called off and tells nothing: the next caller may probe in its place.</summary>
    public void CalledOff()
    {
        lock (_lock)
        {
            _probing = false;
        }
    }
}
