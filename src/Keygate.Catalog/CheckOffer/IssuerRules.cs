using Keygate.Plugins.Abstractions;

namespace Keygate.Catalog;

/// <summary>
/// What an issuer would say to an order: its own checks in its own order, the first refusal wins. Where it tells no rules, the lists of identifiers decide, and the
/// catalog stands for the rest.
/// </summary>
internal sealed class IssuerRules(IssuerTerms terms)
{
    private readonly Dictionary<string, OfferedKeyType> _keyTypes = (terms.Rules?.KeyTypes ?? []).ToDictionary(k => k.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, OfferedFeature> _features = (terms.Rules?.Features ?? []).ToDictionary(f => f.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, OfferedGroup> _groups = (terms.Rules?.Groups ?? []).ToDictionary(g => g.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, List<OfferedGroup>> _mandatory = new(StringComparer.Ordinal);

    /// <summary>What is refused, with the repair; null where the order is accepted.</summary>
    public (string Cause, string Repair)? Refusal(LicenseClass of, IReadOnlyList<string> features, IReadOnlyList<string> addOns)
    {
        if (!Lists(of.KeyType) || (terms.Rules is not null && !_keyTypes.ContainsKey(of.KeyType)))
        {
            return ($"Unknown base keytype {of.KeyType}: {NotThere("license class")}", Enable("license class"));
        }

        if (terms.Rules is null)
        {
            return features.FirstOrDefault(f => terms.Features?.Contains(f) == false) is { } missing
                ? ($"conflicting feature set: the feature {missing}: {NotThere("feature")}", Enable("feature"))
                : addOns.FirstOrDefault(a => !Lists(a)) is { } unknown ? ($"Unknown additional keytype {unknown}: {NotThere("license class")}", Enable("license class")) : null;
        }

        return RefusedByRules(_keyTypes[of.KeyType], of, features, addOns);
    }

    /// <summary>What is refused of an upgrade by a plan of the issuer's; null where it may be ordered.</summary>
    public (string Cause, string Repair)? RefusedUpgrade(UpgradeOption option)
    {
        if (terms.Rules is null)
        {
            return terms.Features?.Contains(option.Plan) == false
                ? ($"Could not find appropriate Upgrade Plan: {option.Plan}, from {option.From} to {option.To}: {NotThere("upgrade plan")}", Enable("upgrade plan"))
                : null;
        }

        return terms.Rules.Upgrades.FirstOrDefault(u => u.Plan == option.Plan) is not { } plan
            ? ($"Could not find appropriate Upgrade Plan: {option.Plan}, from {option.From} to {option.To}: {NotThere("upgrade plan")}", Enable("upgrade plan"))
            : plan.From == option.From && plan.To == option.To ? null
            : ($"Could not find appropriate Upgrade Plan: {option.Plan} leads from {plan.From} to {plan.To} at the issuer, not from {option.From} to {option.To}.",
                $"Correct the upgrade option {option.From} to {option.To}, or disable it.");
    }

    /// <summary>Mandatory groups of the issuer of which a class has features.</summary>
    public IReadOnlyList<OfferedGroup> MandatoryOf(string keyType)
    {
        if (!_mandatory.TryGetValue(keyType, out var groups))
        {
            groups = [.. _features.Values.Where(f => f.Group is not null && f.KeyTypes.Contains(keyType, StringComparer.Ordinal)).Select(f => f.Group!).Distinct(StringComparer.Ordinal)
                .Select(id => _groups.GetValueOrDefault(id)).OfType<OfferedGroup>().Where(g => g.Mandatory)];
            _mandatory[keyType] = groups;
        }

        return groups;
    }

    /// <summary>The issuer's group of a feature; null where it has none.</summary>
    public string? GroupOf(string feature) => _features.GetValueOrDefault(feature)?.Group;

    /// <summary>True where a rule of the issuer's looks at both parts at once.</summary>
    public bool AreJoined(string one, string other)
    {
        var (a, b) = (_features.GetValueOrDefault(one), _features.GetValueOrDefault(other));
        if (a is not null && b is not null)
        {
            return Conflict(a, b) is not null || (a.Brings.Count > 0 && b.Brings.Count > 0);
        }

        // Additional keys stand beside each other and beside those that features bring.
        return (a is null && b is null) || (a ?? b)!.Brings.Count > 0;
    }

    private (string Cause, string Repair)? RefusedByRules(OfferedKeyType keyType, LicenseClass of, IReadOnlyList<string> features, IReadOnlyList<string> addOns)
    {
        var bill = of.BillType == BillType.Lease ? Plugins.Abstractions.BillType.Lease : Plugins.Abstractions.BillType.Purchase;
        var word = bill == Plugins.Abstractions.BillType.Lease ? "billing" : "purchase";
        if (!keyType.BillTypes.Contains(bill))
        {
            return ($"Unknown base keytype {keyType.Id} for {word}.", $"Correct the billing type of the license class {keyType.Id}: the issuer offers it as {Words(keyType.BillTypes)}.");
        }

        var chosen = new List<OfferedFeature>();
        foreach (var id in features)
        {
            var feature = _features.GetValueOrDefault(id);
            if (feature is null || !feature.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal))
            {
                return ($"conflicting feature set: {id} is not a feature of {keyType.Id}.",
                    feature is null ? Enable("feature") : $"Take {id} out of the plan or of the class {keyType.Id}; the issuer has it for {string.Join(", ", feature.KeyTypes)}.");
            }

            if (!feature.BillTypes.Contains(bill))
            {
                return ($"conflicting feature set: {id} is not offered for {word}.", $"Take {id} out of the plan; the issuer offers it as {Words(feature.BillTypes)}.");
            }

            if (chosen.Select(f => Conflict(f, feature)).FirstOrDefault(reason => reason is not null) is { } reason)
            {
                return ($"conflicting feature set: {reason}", $"Put {string.Join(" and ", chosen.Where(f => Conflict(f, feature) is not null).Select(f => f.Id).Append(id))} into one feature group of the catalog, or sell one of them.");
            }

            chosen.Add(feature);
        }

        var paid = chosen.ToList();
        foreach (var included in keyType.Included.Select(id => _features.GetValueOrDefault(id)).OfType<OfferedFeature>())
        {
            if (!chosen.Exists(f => f.Id == included.Id || Conflict(f, included) is not null))
            {
                chosen.Add(included);
            }
        }

        if (MandatoryOf(keyType.Id).FirstOrDefault(g => !chosen.Exists(f => f.Group == g.Id)) is { } missing)
        {
            return ($"Invalid Key configuration: {keyType.Id} needs a feature of the group {missing.Id} ({missing.Description}).",
                $"Make the group mandatory in the catalog and offer its features in the plan: {string.Join(", ", _features.Values.Where(f => f.Group == missing.Id && f.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal)).Select(f => f.Id))}.");
        }

        return RefusedKeys(keyType, bill, word, paid, chosen, addOns);
    }

    private (string Cause, string Repair)? RefusedKeys(
        OfferedKeyType keyType, Plugins.Abstractions.BillType bill, string word, List<OfferedFeature> paid, List<OfferedFeature> features, IReadOnlyList<string> addOns)
    {
        var additional = new List<OfferedKeyType>();
        foreach (var id in addOns)
        {
            if (!Lists(id) || !_keyTypes.TryGetValue(id, out var addOn))
            {
                return ($"Unknown additional keytype {id}.", Enable("license class"));
            }

            if (!addOn.IsAdditional || !keyType.AddOns.Contains(id, StringComparer.Ordinal))
            {
                return ($"{id} cannot be attached to {keyType.Id}.", $"Archive the add-on relation of {id} to {keyType.Id}, or take {id} out of the plan.");
            }

            if (!addOn.BillTypes.Contains(bill))
            {
                return ($"Additional keytype {id} is not offered for {word}.", $"Take {id} out of the plan; the issuer offers it as {Words(addOn.BillTypes)}.");
            }

            additional.Add(addOn);
        }

        var brought = features.SelectMany(f => f.Brings).Distinct(StringComparer.Ordinal).Select(id => _keyTypes.GetValueOrDefault(id)).OfType<OfferedKeyType>().ToList();
        if (brought.Find(additional.Contains) is { } twice)
        {
            return ($"{twice.Id} comes with a feature already.", $"Sell {twice.Id} by itself or the feature that brings it, in a plan each.");
        }

        List<OfferedKeyType> all = [keyType, .. additional, .. brought];
        for (var i = 0; i < all.Count; i++)
        {
            for (var k = i + 1; k < all.Count; k++)
            {
                if (all[i].Conflicts.Contains(all[k].Id, StringComparer.Ordinal) || all[k].Conflicts.Contains(all[i].Id, StringComparer.Ordinal))
                {
                    return ($"{all[i].Id} and {all[k].Id} exclude each other.", $"Sell {all[i].Id} and {all[k].Id} in a plan each.");
                }
            }
        }

        var unpriced = new[] { keyType }.Concat(additional).FirstOrDefault(k => k.Unpriced.Contains(bill))?.Id
            ?? paid.Find(f => !keyType.Included.Contains(f.Id, StringComparer.Ordinal) && f.Unpriced.Contains(bill))?.Id;
        return unpriced is null ? null : ($"{unpriced} has no price for {word}.", $"Have a price set for {unpriced} on your account's price list, or take it out of the plan.");
    }

    // What has no price in any bill type is not listed, and refused for that reason.
    private bool Lists(string keyType) =>
        terms.KeyTypes?.Contains(keyType) != false || (_keyTypes.TryGetValue(keyType, out var rule) && rule.BillTypes.All(rule.Unpriced.Contains));

    private static string? Conflict(OfferedFeature one, OfferedFeature other) =>
        one.Group is not null && one.Group == other.Group ? $"{one.Id} and {other.Id} belong to the group {one.Group}, of which a key carries one."
        : one.Conflicts.Contains(other.Id, StringComparer.Ordinal) || other.Conflicts.Contains(one.Id, StringComparer.Ordinal) ? $"{one.Id} and {other.Id} exclude each other."
        : null;

    private string NotThere(string word) => terms.IsTicked ? $"the {word} is not ticked for '{terms.Name}'." : $"the {word} is not available for the account of '{terms.Name}'.";

    private string Enable(string word) => terms.IsTicked
        ? $"Tick the {word} in the plug-in's list, where your agreement with the issuer covers it."
        : $"Address your account manager or sales representative to enable the {word} for your account, and synchronize the plug-in after that.";

    private static string Words(IEnumerable<Plugins.Abstractions.BillType> bills) => string.Join(" and ", bills);
}
