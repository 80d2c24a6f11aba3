using System.Globalization;

namespace Keygate.Kernel;

/// <summary>Amounts are whole minor units of a currency; this is how people read them.</summary>
public static class Currency
{
    /// <summary>How many decimals a currency has, by ISO 4217: two, but for those that have none and those that have three.</summary>
    public static int Decimals(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "VND" or "VUV" or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        _ => 2,
    };

    /// <summary>An amount with its currency, such as <c>18.90 EUR</c>.</summary>
    public static string Shown(long minorUnits, string currency)
    {
        var decimals = Decimals(currency);
        var units = decimals switch { 0 => minorUnits, 2 => minorUnits / 100m, _ => minorUnits / 1000m };
        return string.Create(CultureInfo.InvariantCulture, $"{units.ToString($"F{decimals}", CultureInfo.InvariantCulture)} {currency}");
    }
}
