using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>A key as a partner orders it.</summary>
/// <param name="KeyType">Key type identifier.</param>
/// <param name="Plans">Features to apply from the start.</param>
/// <param name="Additional">Key types of additional keys to make and attach at once.</param>
/// <param name="Billing">The billing type asked for; null leaves it to the client's default.</param>
internal sealed record KeyOrder(string KeyType, IReadOnlyList<string> Plans, IReadOnlyList<string> Additional, BillingType? Billing);

/// <summary>Who orders, as the price list's rules see it.</summary>
/// <param name="DefaultBilling">The billing type where an order names none.</param>
/// <param name="Today">The day of the order.</param>
internal sealed record Buyer(BillingType DefaultBilling, DateOnly Today)
{
    public AccountKind Account { get; init; }

    /// <summary>True for a client that may order what has no price.</summary>
    public bool Unpriced { get; init; }

    /// <summary>True for a login that may touch feature keys.</summary>
    public bool FeatureKeys { get; init; } = true;
}

/// <summary>A feature of an order.</summary>
/// <param name="Item">The feature.</param>
/// <param name="Billing">How it is paid; null for as the key is.</param>
internal sealed record OrderedFeature(FeatureItem Item, BillingType? Billing)
{
    /// <summary>How often; only countable features are had more than once.</summary>
    public int Quantity { get; init; } = 1;

    public string Id => Item.Id;
}

/// <summary>An order that the price list allows.</summary>
/// <param name="KeyType">The key type.</param>
/// <param name="Features">The features, sorted as the price list says, those that the key type has from the start included.</param>
/// <param name="Additional">The additional key types of the order.</param>
/// <param name="Brought">The additional key types that come with the features.</param>
/// <param name="Billing">The billing type of the key.</param>
internal sealed record CheckedOrder(
    KeyTypeItem KeyType, IReadOnlyList<OrderedFeature> Features, IReadOnlyList<KeyTypeItem> Additional, IReadOnlyList<KeyTypeItem> Brought, BillingType Billing);

/// <summary>
/// Whether a price list allows an order. The checks run in this order and the first refusal wins: kind of account, key type, billing type, permission
/// for feature keys, features that the key type does not support, features that exclude each other, a mandatory group without a feature, additional
/// key types and their conflicts, prices.
/// </summary>
internal static class OrderRules
{
    public static Result<CheckedOrder> Check(PriceList list, KeyOrder order, Buyer buyer)
    {
        if (buyer.Account == AccountKind.Reseller)
        {
            return KeyServerErrors.AccountUnfit.Because("A reseller's account owns no keys: order for one of its clients.");
        }

        if (!BillingFor(list, order.KeyType, order.Billing, buyer).TryGet(out var billing, out var unknown))
        {
            return unknown;
        }

        var keyType = list.KeyType(order.KeyType)!;
        if (keyType.Type == KeyKind.Feature && !buyer.FeatureKeys)
        {
            return KeyServerErrors.FeatureKeysDenied.Because($"{keyType.Id} is a key type of feature keys.");
        }

        if (!Features(list, keyType, order, billing, buyer).TryGet(out var features, out var conflicting))
        {
            return conflicting;
        }

        if (MandatoryGroupWithout(list, keyType, [.. features.Select(f => f.Item)], buyer.Today) is { } mandatory)
        {
            return KeyServerErrors.ConfigurationInvalid.Because($"Invalid Key configuration: {keyType.Id} needs a feature of the group {mandatory.Id} ({mandatory.Description}).");
        }

        var additional = new List<KeyTypeItem>();
        foreach (var id in order.Additional)
        {
            if (!AdditionalFor(list, keyType, id, billing, buyer).TryGet(out var item, out var unfit))
            {
                return unfit;
            }

            if (additional.Contains(item))
            {
                return KeyServerErrors.AdditionalTaken.Because($"{id} was named twice.");
            }

            additional.Add(item);
        }

        var brought = features.SelectMany(f => f.Item.Additional).Distinct(StringComparer.Ordinal).Select(id => list.KeyType(id)!).ToList();
        if (brought.Find(additional.Contains) is { } twice)
        {
            return KeyServerErrors.AdditionalTaken.Because($"{twice.Id} comes with a feature already.");
        }

        var all = new List<KeyTypeItem>([keyType, .. additional, .. brought]);
        foreach (var (one, other) in all.SelectMany((one, at) => all.Skip(at + 1).Select(other => (one, other))))
        {
            if (AreInConflict(one, other))
            {
                return KeyServerErrors.KeyTypeConflicting.Because($"{one.Id} and {other.Id} exclude each other.");
            }
        }

        if (!buyer.Unpriced && Unpriced(list, billing, [keyType, .. additional], features) is { } unpriced)
        {
            return unpriced;
        }

        return new CheckedOrder(keyType, [.. features.OrderBy(f => f.Item.Sort).ThenBy(f => f.Id, StringComparer.Ordinal)], additional, brought, billing);
    }

    /// <summary>Whether a key of an additional type may be attached to a parent of another.</summary>
    public static Result<KeyTypeItem> AdditionalFor(PriceList list, KeyTypeItem parent, string additional, BillingType billing, Buyer buyer)
    {
        var item = list.KeyType(additional);
        if (item is null || !item.Orderable || !list.Offers(item, buyer.Today))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"Unknown additional keytype {additional}.");
        }

        if (!Fits(parent, item))
        {
            return KeyServerErrors.AdditionalUnfit.Because($"{additional} cannot be attached to {parent.Id}.");
        }

        if (item.Type == KeyKind.Feature && !buyer.FeatureKeys)
        {
            return KeyServerErrors.FeatureKeysDenied.Because($"{item.Id} is a key type of feature keys.");
        }

        return item.Billing.Contains(billing) ? item : KeyServerErrors.KeyTypeUnknown.Because($"Additional keytype {additional} is not offered for {Word(billing)}.");
    }

    /// <summary>True when keys of an additional type may stand on a parent of that type.</summary>
    public static bool Fits(KeyTypeItem parent, KeyTypeItem additional) =>
        additional.Type is KeyKind.Additional or KeyKind.Feature && parent.Additional.Contains(additional.Id, StringComparer.Ordinal);

    /// <summary>True when the price list says that the two cannot stand together.</summary>
    public static bool AreInConflict(KeyTypeItem one, KeyTypeItem other) =>
        one.Conflicts.Contains(other.Id, StringComparer.Ordinal) || other.Conflicts.Contains(one.Id, StringComparer.Ordinal);

    /// <summary>The first mandatory group of a key type that none of the features belongs to.</summary>
    public static FeatureGroupItem? MandatoryGroupWithout(PriceList list, KeyTypeItem keyType, IReadOnlyList<FeatureItem> features, DateOnly today) =>
        list.Items.Features
            .Where(f => f.Group is not null && list.Offers(f, today) && f.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal))
            .Select(f => f.Group!).Distinct(StringComparer.Ordinal)
            .Select(list.Group).OfType<FeatureGroupItem>().OrderBy(group => group.Sort)
            .FirstOrDefault(group => group.Mandatory && !features.Any(f => f.Group == group.Id));

    /// <summary>Why two features cannot stand on one key; null when they can.</summary>
    public static string? Conflict(FeatureItem one, FeatureItem other) =>
        one.Group is not null && one.Group == other.Group ? $"{one.Id} and {other.Id} belong to the group {one.Group}, of which a key carries one."
        : one.Conflicts.Contains(other.Id, StringComparer.Ordinal) || other.Conflicts.Contains(one.Id, StringComparer.Ordinal) ? $"{one.Id} and {other.Id} exclude each other."
        : null;

    /// <summary>How a partner writes a billing type.</summary>
    public static string Word(BillingType billing) => billing == BillingType.Lease ? "billing" : "purchase";

    private static Result<List<OrderedFeature>> Features(PriceList list, KeyTypeItem keyType, KeyOrder order, BillingType billing, Buyer buyer)
    {
        var features = new List<OrderedFeature>();
        foreach (var plan in order.Plans.Distinct(StringComparer.Ordinal))
        {
            var feature = list.Feature(plan);
            if (feature is null || !list.Offers(feature, buyer.Today) || !feature.KeyTypes.Contains(keyType.Id, StringComparer.Ordinal))
            {
                return KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {plan} is not a feature of {keyType.Id}.");
            }

            // Only an order that names a billing type insists on it; otherwise a feature of one billing type alone is taken in that one.
            if (order.Billing is not null && !feature.IsOfferedIn(billing))
            {
                return KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {plan} is not offered for {Word(billing)}.");
            }

            if (features.Select(f => Conflict(f.Item, feature)).FirstOrDefault(reason => reason is not null) is { } reason)
            {
                return KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {reason}");
            }

            features.Add(new OrderedFeature(feature, feature.IsOfferedIn(billing) ? null : feature.Billing[0]));
        }

        foreach (var feature in keyType.Features.Select(list.Feature).OfType<FeatureItem>())
        {
            if (!features.Exists(f => f.Id == feature.Id || Conflict(f.Item, feature) is not null))
            {
                features.Add(new OrderedFeature(feature, null));
            }
        }

        return features;
    }

    private static Error? Unpriced(PriceList list, BillingType billing, IEnumerable<KeyTypeItem> keyTypes, IEnumerable<OrderedFeature> features)
    {
        // What a key type has from the start is paid with it.
        var paid = keyTypes.First().Features;
        var item = keyTypes.FirstOrDefault(k => !list.Prices(k, billing)) as PriceListItem
            ?? features.FirstOrDefault(f => !paid.Contains(f.Id, StringComparer.Ordinal) && !list.Prices(f.Item, f.Billing ?? billing))?.Item;
        return item is null ? null : KeyServerErrors.ItemUnpriced.Because($"{item.Id} has no price for {Word(billing)}.");
    }

    private static Result<BillingType> BillingFor(PriceList list, string id, BillingType? asked, Buyer buyer)
    {
        var keyType = list.KeyType(id);
        if (keyType is null || !keyType.Orderable || !list.Offers(keyType, buyer.Today))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"Unknown base keytype {id}.");
        }

        if (asked is { } billing)
        {
            return keyType.Billing.Contains(billing) ? billing : KeyServerErrors.KeyTypeUnknown.Because($"Unknown base keytype {id} for {Word(billing)}.");
        }

        return keyType.Billing.Contains(buyer.DefaultBilling) ? buyer.DefaultBilling : keyType.Billing[0];
    }
}
