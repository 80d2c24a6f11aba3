using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Panel;

/// <summary>Amounts as people type them.</summary>
internal static class Amounts
{
    /// <summary>An amount such as <c>9.90</c> or <c>9,90</c> in whole minor units; null where it is none, or has more decimals than the currency.</summary>
    public static long? Read(string typed, string currency)
    {
        if (!decimal.TryParse(typed.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        for (var i = Currency.Decimals(currency); i > 0; i--)
        {
            if (amount > long.MaxValue / 10)
            {
                return null;
            }

            amount *= 10;
        }

        return amount == decimal.Truncate(amount) && amount <= long.MaxValue ? (long)amount : null;
    }
}
