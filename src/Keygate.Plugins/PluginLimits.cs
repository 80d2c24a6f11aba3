using Keygate.Kernel;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>What a plug-in may do to the other side.</summary>
public sealed record PluginLimits
{
    /// <summary>Calls at the same time, over all processes; 1 to 1000. Default 16.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Calls a minute, in each process; 0 for no bound.</summary>
    public int CallsPerMinute { get; init; }

    /// <summary>Seconds until a call is given up; 1 to 3600. Default 100.</summary>
    public int TimeoutSeconds { get; init; } = 100;

    /// <summary>Keys an hour, over all processes, above which orders wait for approval; 0 for no bound.</summary>
    public int KeysPerHour { get; init; }

    /// <summary>Keys a day, over all processes, above which orders wait for approval; 0 for no bound.</summary>
    public int KeysPerDay { get; init; }

    /// <summary>Money an hour, in minor units of the costs' currency, over all processes, above which orders wait for approval; 0 for no bound.</summary>
    public long MoneyPerHour { get; init; }

    /// <summary>The same for a day.</summary>
    public long MoneyPerDay { get; init; }

    /// <summary>The largest amount that may be named: sums of a day cannot overflow.</summary>
    internal const long MoneyMax = 1_000_000_000_000;

    internal LaneSettings LaneOf(PluginId id) => new(
        id.Lane, Concurrency, KeysPerHour == 0 ? null : KeysPerHour, KeysPerDay == 0 ? null : KeysPerDay,
        MoneyPerHour == 0 ? null : MoneyPerHour, MoneyPerDay == 0 ? null : MoneyPerDay);

    /// <summary>All faults of the limits and of the costs that belong to them.</summary>
    internal IEnumerable<Error> Faults(PluginCosts? costs) => Faults().Concat(costs?.Faults() ?? (MoneyPerHour > 0 || MoneyPerDay > 0
        ? [PluginsErrors.CostInvalid.Because("A limit of money holds nothing while nobody said what a key costs.").At("costs")]
        : []));

    private IEnumerable<Error> Faults()
    {
        if (Concurrency is < 1 or > 1000)
        {
            yield return PluginsErrors.LimitInvalid.Because("The concurrency must be 1 to 1000.").At("limits.concurrency");
        }

        if (TimeoutSeconds is < 1 or > 3600)
        {
            yield return PluginsErrors.LimitInvalid.Because("The time-out must be 1 to 3600 seconds.").At("limits.timeoutSeconds");
        }

        foreach (var (field, value) in new (string, long)[] { ("callsPerMinute", CallsPerMinute), ("keysPerHour", KeysPerHour), ("keysPerDay", KeysPerDay), ("moneyPerHour", MoneyPerHour), ("moneyPerDay", MoneyPerDay) })
        {
            if (value is < 0 or > MoneyMax)
            {
                yield return PluginsErrors.LimitInvalid.Because($"The limit must be 0 (no bound) to {MoneyMax}.").At($"limits.{field}");
            }
        }
    }
}
