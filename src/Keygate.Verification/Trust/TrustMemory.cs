using System.Globalization;
using System.Text;

namespace Keygate.Verification;

/// <summary>
/// The highest numbers of the issuer's signed documents that were seen, so that older ones are refused. A product keeps its text between two runs, where its
/// user does not replace it lightly. Safe to use from many threads.
/// </summary>
public sealed class TrustMemory
{
#if NET
    private readonly Lock _lock = new();
#else
    private readonly object _lock = new();
#endif
    private const string Foreign = "This is not what was kept of the issuer's documents.";

    private readonly SortedDictionary<int, long> _status = [];
    private long _trust;

    /// <summary>The highest number of a trust bundle; 0 if none was seen.</summary>
    public long TrustNumber
    {
        get
        {
            lock (_lock)
            {
                return _trust;
            }
        }
    }

    /// <summary>The highest number of a shard's status list; 0 if none was seen.</summary>
    public long StatusNumber(int shard)
    {
        lock (_lock)
        {
            return _status.TryGetValue(shard, out var number) ? number : 0;
        }
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else: treat it as lost, and fetch the issuer's documents anew before trusting older ones.</exception>
    public static TrustMemory Parse(string text)
    {
        var memory = new TrustMemory();
        foreach (var word in text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = word.Split('=');
            if (parts.Length != 2 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw new FormatException(Foreign);
            }
            if (parts[0] == "trust")
            {
                memory.Saw(number);
                continue;
            }
            if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var shard))
            {
                throw new FormatException(Foreign);
            }
            memory.Saw(shard, number);
        }
        return memory;
    }

    /// <summary>The numbers as one line.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            var text = new StringBuilder("trust=").Append(_trust.ToString(CultureInfo.InvariantCulture));
            foreach (var shard in _status)
            {
                text.Append(' ').Append(shard.Key.ToString(CultureInfo.InvariantCulture)).Append('=').Append(shard.Value.ToString(CultureInfo.InvariantCulture));
            }
            return text.ToString();
        }
    }

    /// <summary>Takes a bundle's number; false if a higher one was seen.</summary>
    internal bool Saw(long trustNumber)
    {
        lock (_lock)
        {
            var isOlder = trustNumber < _trust;
            _trust = Math.Max(_trust, trustNumber);
            return !isOlder;
        }
    }

    /// <summary>Takes a status list's number; false if a higher one was seen.</summary>
    internal bool Saw(int shard, long statusNumber)
    {
        lock (_lock)
        {
            var seen = _status.TryGetValue(shard, out var number) ? number : 0;
            _status[shard] = Math.Max(seen, statusNumber);
            return statusNumber >= seen;
        }
    }
}
