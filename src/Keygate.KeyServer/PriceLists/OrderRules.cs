using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>A key as a partner orders it.</summary>
/// <param name="KeyType">Key type identifier.</param>
/// <param name="Plans">Features to apply from the start.</param>
/// <param name="Additional">Key types of additional keys to make and attach at once.</param>
/// <param name="Billing">The billing type asked for; null leaves it to the client's default.</param>
internal sealed record KeyOrder(string KeyType, IReadOnlyList<string> Plans, IReadOnlyList<string> Additional, BillingType? Billing);

/// <summary>An order that the price list allows.</summary>
/// <param name="KeyType">The key type.</param>
/// <param name="Features">The features, sorted as the price list says.</param>
/// <param name="Additional">The additional key types.</param>
/// <param name="Billing">The billing type of the key.</param>
internal sealed record CheckedOrder(KeyTypeItem KeyType, IReadOnlyList<FeatureItem> Features, IReadOnlyList<KeyTypeItem> Additional, BillingType Billing);

/// <summary>
/// Whether a price list allows an order. The checks run in this order and the first refusal wins: key type, billing type, features that the
/// key type does not support, two features of one group, a mandatory group without a feature, additional key types.
/// </summary>
internal static class OrderRules
{
    public static Result<CheckedOrder> Check(PriceList list, KeyOrder order, BillingType defaultBilling)
    {
        if (!BillingFor(list, order.KeyType, order.Billing, defaultBilling).TryGet(out var billing, out var unknown))
        {
            return unknown;
        }

        var keyType = list.KeyType(order.KeyType)!;
        var features = new List<FeatureItem>();
        foreach (var plan in order.Plans.Distinct(StringComparer.Ordinal))
        {
            var feature = list.Feature(plan);
            if (feature is null || !list.Offers(feature) || !feature.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal))
            {
                return KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {plan} is not a feature of {keyType.Id}.");
            }

            // Only an order that names a billing type insists on it; otherwise a feature of one billing type alone is taken in that one.
            if (order.Billing is not null && !feature.IsOfferedIn(billing))
            {
                return KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {plan} is not offered for {Word(billing)}.");
            }

            features.Add(feature);
        }

        var twice = features.Where(f => f.Group is not null).GroupBy(f => f.Group, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            return KeyServerErrors.FeatureSetConflicting.Because(
                $"conflicting feature set: {string.Join(" and ", twice.Select(f => f.Id))} belong to the group {twice.Key}, of which a key carries one.");
        }

        var mandatory = list.Items.Features
            .Where(f => f.Group is not null && list.Offers(f) && f.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal))
            .Select(f => f.Group!).Distinct(StringComparer.Ordinal)
            .Select(list.Group).OfType<FeatureGroupItem>().OrderBy(group => group.Sort)
            .FirstOrDefault(group => group.Mandatory && !features.Exists(f => f.Group == group.Id));
        if (mandatory is not null)
        {
            return KeyServerErrors.ConfigurationInvalid.Because($"Invalid Key configuration: {keyType.Id} needs a feature of the group {mandatory.Id} ({mandatory.Description}).");
        }

        var additional = new List<KeyTypeItem>();
        foreach (var id in order.Additional)
        {
            if (!AdditionalFor(list, keyType, id, billing).TryGet(out var item, out var unfit))
            {
                return unfit;
            }

            if (additional.Contains(item))
            {
                return KeyServerErrors.AdditionalTaken.Because($"{id} was named twice.");
            }

            additional.Add(item);
        }

        return new CheckedOrder(keyType, [.. features.OrderBy(f => f.Sort).ThenBy(f => f.Id, StringComparer.Ordinal)], additional, billing);
    }

    /// <summary>Whether a key of an additional type may be attached to a parent of another.</summary>
    public static Result<KeyTypeItem> AdditionalFor(PriceList list, KeyTypeItem parent, string additional, BillingType billing)
    {
        var item = list.KeyType(additional);
        if (item is null || !list.Offers(item))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"Unknown additional keytype {additional}.");
        }

        if (item.Type != KeyKind.Additional || !parent.Additional.Contains(additional, StringComparer.Ordinal))
        {
            return KeyServerErrors.AdditionalUnfit.Because($"{additional} cannot be attached to {parent.Id}.");
        }

        return item.Billing.Contains(billing) ? item : KeyServerErrors.KeyTypeUnknown.Because($"Additional keytype {additional} is not offered for {Word(billing)}.");
    }

    /// <summary>How a partner writes a billing type.</summary>
    public static string Word(BillingType billing) => billing == BillingType.Lease ? "billing" : "purchase";

    private static Result<BillingType> BillingFor(PriceList list, string id, BillingType? asked, BillingType preferred)
    {
        var keyType = list.KeyType(id);
        if (keyType is null || !list.Offers(keyType))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"Unknown base keytype {id}.");
        }

        if (asked is { } billing)
        {
            return keyType.Billing.Contains(billing) ? billing : KeyServerErrors.KeyTypeUnknown.Because($"Unknown base keytype {id} for {Word(billing)}.");
        }

        return keyType.Billing.Contains(preferred) ? preferred : keyType.Billing[0];
    }
}
