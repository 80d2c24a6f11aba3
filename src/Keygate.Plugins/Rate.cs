namespace Keygate.Plugins;

/// <summary>Calls a minute, in this process, by real time: a bucket that fills evenly and holds at most a tenth of a minute's calls. Thread-safe.</summary>
internal sealed class Rate(int callsPerMinute, TimeProvider realTime)
{
    private readonly Lock _lock = new();
    private readonly double _full = Math.Max(1, callsPerMinute / 10.0);
    private double _left = Math.Max(1, callsPerMinute / 10.0);
    private long _at = realTime.GetTimestamp();

    /// <summary>Takes one call; false with the time after which one is left again.</summary>
    public bool TryTake(out TimeSpan askAgainAfter)
    {
        askAgainAfter = TimeSpan.Zero;
        if (callsPerMinute == 0)
        {
            return true;
        }

        lock (_lock)
        {
            var now = realTime.GetTimestamp();
            _left = Math.Min(_full, _left + realTime.GetElapsedTime(_at, now).TotalMinutes * callsPerMinute);
            _at = now;
            if (_left >= 1)
            {
                _left--;
                return true;
            }

            askAgainAfter = TimeSpan.FromMinutes((1 - _left) / callsPerMinute);
            return false;
        }
    }
}
