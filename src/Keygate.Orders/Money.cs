using System.Globalization;

namespace Keygate.Orders;

/// <summary>Amounts are whole minor units of a currency.</summary>
internal static class Money
{
    /// <summary>The largest amount that may be named: with at most a thousand units and a few hundred lines no sum can overflow.</summary>
    public const long Max = 1_000_000_000_000;

    /// <summary>An amount as people read it: minor units, so that no number of decimals is guessed.</summary>
    public static string Shown(long amount, string currency) => string.Create(CultureInfo.InvariantCulture, $"{amount} minor units {currency}");
}
