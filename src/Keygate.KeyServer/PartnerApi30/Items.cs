using System.Globalization;
using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>An item as it is shown, reference 4.2.</summary>
/// <param name="Item">The constant; the readable name for an unmatched item, which has none (reference 3.3).</param>
/// <param name="Feature">The feature it stands for; empty for the base license.</param>
/// <param name="Quantity">How many.</param>
/// <param name="ExternalId">The caller's reference as JSON; null where there is none.</param>
internal sealed record ShownItem(string Item, string Feature, int Quantity, string? ExternalId)
{
    /// <summary>
    /// What the key holds, in the lines that a partner has written, the base license first. Lines that fit it no longer (it was changed by other
    /// means) are passed over; what no line names comes after them.
    /// </summary>
    public static IReadOnlyList<ShownItem> Of(PriceList list, KeyRow key, IReadOnlyList<KeyFeatureRow> features, IReadOnlyList<KeyItemRow> lines)
    {
        var keyType = list.KeyType(key.KeyType);
        var shown = new List<ShownItem>
        {
            new((keyType is null ? null : list.SkuOf(keyType, key.Billing)) ?? keyType?.Name ?? key.KeyType, "", 1, lines.FirstOrDefault(line => line.Feature.Length == 0)?.ExternalId),
        };
        var written = lines.Where(line => line.Feature.Length > 0).Select(line => line.Feature).Distinct(StringComparer.Ordinal).ToList();
        var unwritten = features.Where(f => !written.Contains(f.Feature, StringComparer.Ordinal))
            .OrderBy(f => list.Feature(f.Feature)?.Sort ?? int.MaxValue).ThenBy(f => f.Feature, StringComparer.Ordinal).Select(f => f.Feature);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Feature.Length > 0).Concat(unwritten.Select(feature => new KeyItemRow { Feature = feature })))
        {
            if (features.FirstOrDefault(f => f.Feature == line.Feature) is not { } feature)
            {
                continue;
            }

            var item = list.Feature(feature.Feature);
            var name = (item is null ? null : list.SkuOf(item, feature.Billing ?? key.Billing)) ?? item?.Name ?? feature.Feature;
            if (lines.Where(other => other.Feature == line.Feature).Sum(other => (long)other.Quantity) == feature.Quantity)
            {
                shown.Add(new ShownItem(name, feature.Feature, line.Quantity, line.ExternalId));
            }
            else if (done.Add(line.Feature))
            {
                shown.Add(new ShownItem(name, feature.Feature, feature.Quantity, line.ExternalId));
            }
        }

        return shown;
    }
}

/// <summary>What a list of items asks for.</summary>
/// <param name="KeyType">The base license.</param>
/// <param name="Billing">How it is paid.</param>
/// <param name="Features">All its features.</param>
/// <param name="Lines">The lines as they were written.</param>
internal sealed record TargetItems(KeyTypeItem KeyType, BillingType Billing, IReadOnlyList<OrderedFeature> Features, IReadOnlyList<KeyItemRow> Lines)
{
    /// <summary>
    /// Reads a complete target list (reference 3.4). A line of quantity 0 is as good as none. Unmatched items are known by their names, and only
    /// where the key has them.
    /// </summary>
    /// <param name="list">The price list that the constants are of.</param>
    /// <param name="items">The list as it was given.</param>
    /// <param name="present">The key as it stands; null where one is made.</param>
    public static Result<TargetItems> Of(PriceList list, IReadOnlyList<GivenItem> items, KeyStructure? present)
    {
        (KeyTypeItem Item, BillingType Billing)? found = null;
        var features = new List<OrderedFeature>();
        var lines = new List<KeyItemRow>();
        foreach (var given in items.Where(item => item.Quantity > 0))
        {
            if (!Meaning(list, given.Item, present, features).TryGet(out var sku, out var unknown))
            {
                return unknown;
            }

            if (sku.Item is KeyTypeItem keyType)
            {
                if (found is not null || given.Quantity != 1)
                {
                    return KeyServerErrors.ItemsUnfit.Because($"{given.Item} is a base license, and a key has exactly one.");
                }

                found = (keyType, sku.Billing);
                lines.Insert(0, new KeyItemRow { ExternalId = ExternalId(given, "", lines, present) });
                continue;
            }

            var feature = (FeatureItem)sku.Item;
            lines.Add(new KeyItemRow { Feature = feature.Id, Quantity = given.Quantity, ExternalId = ExternalId(given, feature.Id, lines, present) });
            var at = features.FindIndex(f => f.Id == feature.Id);
            var before = present?.Features.FirstOrDefault(f => f.Feature == feature.Id);
            var quantity = (long)given.Quantity + (at < 0 ? 0 : features[at].Quantity);
            if (quantity > (feature.Countable ? QuantityMax : Math.Max(1, before?.Quantity ?? 1)))
            {
                return KeyServerErrors.ItemsUnfit.Because(string.Create(CultureInfo.InvariantCulture, $"{given.Item} cannot be had {quantity} times."));
            }

            var row = new OrderedFeature(feature, before is null ? sku.Billing : before.Billing) { Quantity = (int)quantity };
            if (at < 0)
            {
                features.Add(row);
            }
            else
            {
                features[at] = row;
            }
        }

        if (found is not { } based)
        {
            return KeyServerErrors.ItemsUnfit.Because("The items name no base license.");
        }

        bool Has(string feature) => present?.Features.Any(f => f.Feature == feature) == true;
        if (features.Find(f => !Has(f.Id) && f.Billing != based.Billing) is { } stray)
        {
            return KeyServerErrors.ItemsUnfit.Because($"{stray.Id} and {based.Item.Id} are not paid in the same way.");
        }

        // What is paid as the key is says nothing of its own; what a key type has from the start need not be named.
        var kept = features.Select(f => f.Billing == based.Billing ? f with { Billing = null } : f).ToList();
        kept.AddRange(based.Item.Features.Select(list.Feature).OfType<FeatureItem>()
            .Where(item => kept.TrueForAll(f => f.Id != item.Id && OrderRules.Conflict(f.Item, item) is null)).Select(item => new OrderedFeature(item, null)).ToList());
        return new TargetItems(based.Item, based.Billing, kept, lines);
    }

    /// <summary>True when the key holds all that already.</summary>
    public bool IsHeldBy(KeyStructure present) =>
        KeyType.Id == present.Key.KeyType && Features.Select(f => (f.Id, f.Quantity)).ToHashSet().SetEquals(present.Features.Select(f => (f.Feature, f.Quantity)));

    private const int QuantityMax = 1_000_000;

    private static Result<Sku> Meaning(PriceList list, string item, KeyStructure? present, List<OrderedFeature> taken)
    {
        if (list.Sku(item) is { Item: KeyTypeItem or FeatureItem } sku)
        {
            return sku;
        }

        if (present is not null && present.Items.FirstOrDefault(shown => shown.Item == item && !(shown.Quantity == 1 && taken.Exists(f => f.Id == shown.Feature))) is { } unmatched)
        {
            var known = unmatched.Feature.Length == 0 ? list.KeyType(present.Key.KeyType) as PriceListItem : list.Feature(unmatched.Feature);
            if (known is not null)
            {
                return new Sku(known, present.Features.FirstOrDefault(f => f.Feature == unmatched.Feature)?.Billing ?? present.Key.Billing);
            }
        }

        return KeyServerErrors.ItemUnknown.Because($"\"{RestCall.Shown(item)}\" is no constant of the price list.");
    }

    // A field that is omitted changes nothing: the reference of the same item stays.
    private static string? ExternalId(GivenItem given, string feature, List<KeyItemRow> lines, KeyStructure? present) =>
        given.ExternalId.IsGiven ? given.ExternalId.Value
        : present?.Items.Where(item => item.Feature == feature).Skip(lines.Count(line => line.Feature == feature)).FirstOrDefault()?.ExternalId;
}

/// <summary>
/// Whether a key may get other contents. The checks run in this order and the first refusal wins: billing type, the way from the old key type to the new
/// one and the keys attached, features that are new, features that exclude each other or do not fit the key type, a mandatory group without a feature, prices.
/// </summary>
internal static class ContentRules
{
    public static Error? Refusal(HeldContent held, TargetItems target, Buyer buyer)
    {
        var (list, key, today) = (held.List, held.Key, buyer.Today);
        if (target.Billing != key.Billing)
        {
            return KeyServerErrors.ChangeImpossible.Because($"{key.Number} is paid by {OrderRules.Word(key.Billing)}, and stays so.").Mend("Create a new key in the other billing type.");
        }

        var moves = target.KeyType.Id != key.KeyType;
        if (moves && (Unreachable(list, key, target.KeyType, today) ?? UpgradeRules.Misfit(list, held.Attached, target.KeyType)) is { } unreachable)
        {
            return unreachable;
        }

        var items = new List<FeatureItem>();
        foreach (var feature in target.Features)
        {
            var (item, billing) = (feature.Item, feature.Billing ?? key.Billing);
            var isNew = !(held.Content.Feature(feature.Id)?.Quantity >= feature.Quantity);
            if (isNew && !(list.Offers(item, today) && item.IsOfferedIn(billing)))
            {
                return Conflicting($"{item.Id} is not offered.");
            }

            if (!item.KeyTypes.Contains(target.KeyType.Id, StringComparer.Ordinal))
            {
                return Conflicting($"{item.Id} is not a feature of {target.KeyType.Id}.");
            }

            if (items.Select(other => OrderRules.Conflict(other, item)).FirstOrDefault(reason => reason is not null) is { } reason)
            {
                return Conflicting(reason);
            }

            if (isNew && !buyer.Unpriced && !list.Prices(item, billing) && !target.KeyType.Features.Contains(item.Id, StringComparer.Ordinal))
            {
                return KeyServerErrors.ItemUnpriced.Because($"{item.Id} has no price.");
            }

            items.Add(item);
        }

        return OrderRules.MandatoryGroupWithout(list, target.KeyType, items, today) is { } group
            ? KeyServerErrors.ConfigurationInvalid.Because($"Invalid Key configuration: {target.KeyType.Id} needs a feature of the group {group.Id} ({group.Description}).")
            : moves && !buyer.Unpriced && !list.Prices(target.KeyType, key.Billing) ? KeyServerErrors.ItemUnpriced.Because($"{target.KeyType.Id} has no price.")
            : null;
    }

    private static Error Conflicting(string reason) => KeyServerErrors.FeatureSetConflicting.Because($"conflicting feature set: {reason}");

    // Base licenses go up along the price list's plans only (reference 3.4).
    private static Error? Unreachable(PriceList list, KeyRow key, KeyTypeItem target, DateOnly today) =>
        list.LeadsTo(key.KeyType, target.Id, today) && list.Offers(target, today) ? null
        : list.LeadsTo(target.Id, key.KeyType, today) ? KeyServerErrors.BaseNotDowngraded.Because($"{key.KeyType} cannot go down to {target.Id}.")
        : KeyServerErrors.ChangeImpossible.Because($"No upgrade leads from {key.KeyType} to {target.Id}.").Mend("Order a base license that an upgrade plan of the price list leads to, or create a new key.");
}
