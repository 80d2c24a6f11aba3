using System.Globalization;

namespace Keygate.Bench;

/// <summary>One benchmark: a name, a sentence, and how it is run.</summary>
internal sealed record Bench(string Name, string What, Func<BenchSettings, Task<BenchResult>> RunAsync);

/// <summary>How long and how often each side is measured.</summary>
internal sealed record BenchSettings(int Rounds = 5, double Seconds = 3);

/// <summary>What a benchmark found.</summary>
/// <param name="Ratio">Ours against the limit or peer of the same run.</param>
/// <param name="Floor">What the ratio must reach; for a ceiling, what it must not exceed.</param>
/// <param name="IsCeiling">True where less is better (times).</param>
internal sealed record BenchResult(double Ratio, double Floor, bool IsCeiling = false)
{
    /// <summary>Figures to print before the result.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Why this run proves nothing; empty for a valid run.</summary>
    public List<string> Invalid { get; } = [];

    /// <summary>Other bounds that were not kept; they fail the bench like the ratio.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>True when the floor is reached, the ceiling kept.</summary>
    public bool Holds => IsCeiling ? Ratio <= Floor : Ratio >= Floor;

    /// <summary>Marks the run invalid when the peer is more than 30 % below the figure seen of it: then the machine, not the code, was
    /// measured.</summary>
    public void ComparePeer(string peer, double rate, double seen)
    {
        if (rate < seen * 0.7)
        {
            Invalid.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{peer} did {rate:#,0}/s, more than 30 % below the {seen:#,0}/s seen; the machine is slower or was busy"));
        }
    }
}

/// <summary>Small statistics.</summary>
internal static class Figures
{
    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>For example <c>51,234/s (48,000 to 52,100)</c>.</summary>
    public static string Rates(IReadOnlyCollection<double> rates) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(rates):#,0}/s ({rates.Min():#,0} to {rates.Max():#,0})");
}
