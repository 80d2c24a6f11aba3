using System.Text.RegularExpressions;
using Keygate.Kernel;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>
/// What an issuer charges when a key is ordered, as far as somebody said it: what the spending guard counts. The Partner API tells no prices, so
/// a person copies them from the contract.
/// </summary>
public sealed partial record PluginCosts
{
    /// <summary>The currency of all amounts, and of the money limits: three capital letters.</summary>
    public string Currency { get; init; } = "";

    /// <summary>By key type, additional ones included.</summary>
    public IReadOnlyDictionary<string, KeyTypeCost> KeyTypes { get; init; } = new Dictionary<string, KeyTypeCost>();

    /// <summary>
    /// What one order costs: the key type, its features, the additional key types. What is not listed counts nothing; null where the
    /// main key type is not: then the cost is not known, and keys alone are guarded.
    /// </summary>
    public Cost? Of(string keyType, IEnumerable<string> features, IEnumerable<string> addOns) => KeyTypes.TryGetValue(keyType, out var main)
        ? new Cost(
            main.Amount + features.Sum(f => main.Features.GetValueOrDefault(f)) + addOns.Sum(a => KeyTypes.TryGetValue(a, out var addOn) ? addOn.Amount : 0),
            Currency)
        : null;

    internal IEnumerable<Error> Faults()
    {
        if (!CurrencyForm().IsMatch(Currency ?? ""))
        {
            yield return PluginsErrors.CostInvalid.Because($"'{Currency}' is no currency: three capital letters, such as EUR.").At("costs.currency");
        }

        foreach (var (keyType, cost) in KeyTypes)
        {
            foreach (var (name, amount) in cost.Features.Select(f => ($"{keyType}.features.{f.Key}", f.Value)).Prepend(($"{keyType}.amount", cost.Amount)))
            {
                if (amount is < 0 or > PluginLimits.MoneyMax)
                {
                    yield return PluginsErrors.CostInvalid.Because($"{amount} is not 0 to {PluginLimits.MoneyMax} minor units.").At($"costs.keyTypes.{name}");
                }
            }
        }
    }

    [GeneratedRegex("^[A-Z]{3}$", RegexOptions.CultureInvariant)]
    private static partial Regex CurrencyForm();
}

/// <summary>What a key of one type costs when it is ordered: the first month of a lease, or the purchase.</summary>
public sealed record KeyTypeCost
{
    /// <summary>The bare key, in minor units.</summary>
    public long Amount { get; init; }

    /// <summary>What each feature adds, in minor units; features that cost nothing may be left out.</summary>
    public IReadOnlyDictionary<string, long> Features { get; init; } = new Dictionary<string, long>();
}
