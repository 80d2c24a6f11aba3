using System.Globalization;

namespace Keygate.Kernel;

/// <summary>
/// The test clock: the time that stands in a file (ISO 8601, UTC), read anew whenever the file changes. A process takes it from
/// <c>KEYGATE_TEST_CLOCK</c>, so that a test can walk a license's life in several processes at once. Leases and call time-outs
/// never follow it: they run on real time.
/// </summary>
public sealed class FileClock(string path) : TimeProvider
{
    private DateTime _readAt;
    private DateTimeOffset _now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (path)
        {
            var changed = File.GetLastWriteTimeUtc(path);
            if (changed != _readAt)
            {
                _now = DateTimeOffset.Parse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                _readAt = changed;
            }

            return _now;
        }
    }
}
