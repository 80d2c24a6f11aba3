namespace Keygate.Orders;

/// <summary>Amounts are whole minor units of a currency.</summary>
internal static class Money
{
    /// <summary>The largest amount that may be named: with at most a thousand units and a few hundred lines no sum can overflow.</summary>
    public const long Max = 1_000_000_000_000;
}
