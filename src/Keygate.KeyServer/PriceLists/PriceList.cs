using System.Globalization;
using System.Text.Json.Serialization;

namespace Keygate.KeyServer;

/// <summary>A price list as the rules see it: one snapshot, items looked up by identifier, withdrawn ones included and marked.</summary>
internal sealed class PriceList(
    PriceListId id, string name, int version, PriceListItems items, IReadOnlySet<(string Kind, string Identifier)> withdrawn, string? currency = null)
{
    private readonly Dictionary<string, KeyTypeItem> _keyTypes = items.KeyTypes.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureItem> _features = items.Features.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureGroupItem> _groups = items.Groups.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, Sku> _skus = SkusOf(items, withdrawn);
    private readonly Dictionary<string, UpgradePlanItem> _plans = items.UpgradePlans.ToDictionary(item => item.Id, StringComparer.Ordinal);

    public PriceListId Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>Rises with every import that changed something.</summary>
    public int Version { get; } = version;

    /// <summary>The currency of its prices; null for a list without prices, in which everything that is offered may be ordered.</summary>
    public string? Currency { get; } = currency;

    /// <summary>All items in the order of the file, withdrawn ones last.</summary>
    public PriceListItems Items { get; } = items;

    /// <summary>The key type, withdrawn or not; null when the list never had it.</summary>
    public KeyTypeItem? KeyType(string id) => _keyTypes.GetValueOrDefault(id);

    /// <summary>The feature, withdrawn or not; null when the list never had it.</summary>
    public FeatureItem? Feature(string id) => _features.GetValueOrDefault(id);

    /// <summary>The group, withdrawn or not; null when the list never had it.</summary>
    public FeatureGroupItem? Group(string id) => _groups.GetValueOrDefault(id);

    /// <summary>The upgrade plan, withdrawn or not; null when the list never had it.</summary>
    public UpgradePlanItem? UpgradePlan(string id) => _plans.GetValueOrDefault(id);

    /// <summary>What a constant of Partner API 3.0 stands for; null where it is none of this list.</summary>
    public Sku? Sku(string constant) => _skus.GetValueOrDefault(constant);

    /// <summary>The constant of a key type or feature in a billing type; null where it has none, or where another item has taken it over.</summary>
    public string? SkuOf(PriceListItem item, BillingType billing) =>
        item.Skus.GetValueOrDefault(billing) is { } constant && Sku(constant)?.Item.Id == item.Id ? constant : null;

    /// <summary>True when the key type, or one of the features, is charged for Extended Lifecycle Support.</summary>
    public bool IsEls(string keyType, IEnumerable<string> features) => KeyType(keyType)?.Els == true || features.Any(id => Feature(id)?.Els == true);

    /// <summary>True when one or more upgrade plans that are offered lead from one key type or feature to another.</summary>
    public bool LeadsTo(string from, string to, DateOnly today)
    {
        // Each round adds at least one item or ends, so that the plans bound the loop.
        var reached = new HashSet<string>(StringComparer.Ordinal) { from };
        while (Items.UpgradePlans.Where(plan => plan is { From: { } before, To: { } after } && Offers(plan, today) && reached.Contains(before) && !reached.Contains(after))
            .Select(plan => plan.To!).ToList() is { Count: > 0 } next)
        {
            reached.UnionWith(next);
        }

        return from != to && reached.Contains(to);
    }

    /// <summary>True when the item may be ordered: it stood in the last import, and its dates hold the day.</summary>
    public bool Offers(PriceListItem item, DateOnly today) =>
        !withdrawn.Contains((item.Kind, item.Id)) && !(item.ValidFrom > today) && !(item.ValidUntil < today);

    /// <summary>True when the item has a price in that billing type, or when the list has no prices at all.</summary>
    public bool Prices(PriceListItem item, BillingType billing) => Currency is null || item.Prices.ContainsKey(billing);

    // What is offered now is entered last: it takes over a constant from what was withdrawn.
    private static Dictionary<string, Sku> SkusOf(PriceListItems items, IReadOnlySet<(string Kind, string Identifier)> withdrawn)
    {
        var skus = new Dictionary<string, Sku>(StringComparer.Ordinal);
        foreach (var item in items.All.OrderBy(item => withdrawn.Contains((item.Kind, item.Id)) ? 0 : 1))
        {
            foreach (var (billing, constant) in item.Skus)
            {
                skus[constant] = new Sku(item, billing);
            }
        }

        return skus;
    }

    /// <summary>What a client may order, by name: main and additional key types mixed.</summary>
    public IEnumerable<string> OrderableKeyTypes(Buyer buyer) =>
        Items.KeyTypes.Where(item => item.Orderable && Offers(item, buyer.Today) && HasPrice(item, buyer)).Select(item => item.Id);

    /// <summary>What a client may name as plans: features, and plans that change a key later.</summary>
    public IEnumerable<string> OrderablePlans(Buyer buyer) =>
        Items.Features.Where(item => Offers(item, buyer.Today) && HasPrice(item, buyer)).Select(item => item.Id)
            .Concat(Items.UpgradePlans
                .Where(item => Offers(item, buyer.Today) && HasPrice(item, buyer) && (item.Accounts.Count == 0 || item.Accounts.Contains(buyer.Account))).Select(item => item.Id));

    private bool HasPrice(PriceListItem item, Buyer buyer) => buyer.Unpriced || Currency is null || item.Prices.Count > 0;
}

/// <summary>What a constant of Partner API 3.0 stands for: a key type or a feature, in one billing type.</summary>
internal sealed record Sku(PriceListItem Item, BillingType Billing);

/// <summary>The items of a price list, as they stand in its file.</summary>
internal sealed record PriceListItems(
    IReadOnlyList<KeyTypeItem> KeyTypes,
    IReadOnlyList<FeatureItem> Features,
    IReadOnlyList<FeatureGroupItem> Groups,
    IReadOnlyList<UpgradePlanItem> UpgradePlans)
{
    public IEnumerable<PriceListItem> All => [.. KeyTypes, .. Features, .. Groups, .. UpgradePlans];

    /// <summary>The items of a kind.</summary>
    public IEnumerable<PriceListItem> Of(PriceListKind kind) => kind switch
    {
        PriceListKind.KeyTypes => KeyTypes,
        PriceListKind.Features => Features,
        PriceListKind.Groups => Groups,
        _ => UpgradePlans,
    };
}

/// <summary>Under which word of a price-list file an entry stands.</summary>
internal enum PriceListKind
{
    /// <summary>What is ordered as a key.</summary>
    KeyTypes,

    /// <summary>What a key can carry.</summary>
    Features,

    /// <summary>Groups of features that exclude each other.</summary>
    Groups,

    /// <summary>What changes a key later.</summary>
    UpgradePlans,
}

/// <summary>Anything in a price list.</summary>
internal abstract record PriceListItem
{
    /// <summary>The identifier that orders use.</summary>
    public required string Id { get; init; }

    /// <summary>What sort of item: the word stored with it.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>Price of one term, or of a purchase, in the smallest unit of the list's currency; a billing type that is missing has none ("N/A").</summary>
    public IReadOnlyDictionary<BillingType, int> Prices { get; init; } = new Dictionary<BillingType, int>();

    /// <summary>The first day it may be ordered; null for no bound.</summary>
    public DateOnly? ValidFrom { get; init; }

    /// <summary>The last day it may be ordered; null for no bound.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>Partner API 3.0's constants for it, by billing type.</summary>
    public IReadOnlyDictionary<BillingType, string> Skus { get; init; } = new Dictionary<BillingType, string>();
}

/// <summary>A key type: what an order asks for.</summary>
internal sealed record KeyTypeItem : PriceListItem
{
    public const string KindWord = "KeyType";

    /// <summary>Activations in a month where a price list says nothing.</summary>
    public const int DefaultActivationsPerMonth = 10;

    /// <summary>Full readable name, product version included.</summary>
    public required string Name { get; init; }

    public required string Product { get; init; }

    public string? ProductVersion { get; init; }

    /// <summary>Lower-case product family, such as <c>plesk</c>.</summary>
    public required string Family { get; init; }

    /// <summary>What key numbers begin with.</summary>
    public required string Prefix { get; init; }

    public required KeyKind Type { get; init; }

    public required IReadOnlyList<BillingType> Billing { get; init; }

    public required Period Period { get; init; }

    public ActivationRule Activation { get; init; }

    /// <summary>Months of software updates; a billing type that is missing has none.</summary>
    public IReadOnlyDictionary<BillingType, int> SusMonths { get; init; } = new Dictionary<BillingType, int>();

    /// <summary>Extension that the license file is stored under.</summary>
    public required string FileExtension { get; init; }

    /// <summary>Additional key types that may be attached to keys of this type.</summary>
    public IReadOnlyList<string> Additional { get; init; } = [];

    /// <summary>False for a key type that comes with a feature only and cannot be ordered by itself.</summary>
    public bool Orderable { get; init; } = true;

    /// <summary>False for keys that have no file of their own.</summary>
    public bool Exportable { get; init; } = true;

    /// <summary>False for keys that cannot be marked as problem.</summary>
    public bool Suspendable { get; init; } = true;

    /// <summary>True for keys to try a product with.</summary>
    public bool Trial { get; init; }

    /// <summary>The vendor who is asked for the license body; null for a product of ours.</summary>
    public string? Vendor { get; init; }

    /// <summary>The vendor's name of the product; null where it is the key type's.</summary>
    public string? VendorProduct { get; init; }

    /// <summary>True for leases that the key server renews by itself, unless their owner says otherwise.</summary>
    public bool AutoRenew { get; init; }

    /// <summary>The product version before this one, which its file can be made for too; null where there is none.</summary>
    public string? PreviousVersion { get; init; }

    /// <summary>For a domain-based key type: the key type of each edition that its keys can be converted to.</summary>
    public IReadOnlyDictionary<string, string> Editions { get; init; } = new Dictionary<string, string>();

    /// <summary>How often a key may be activated within a month.</summary>
    public int ActivationsPerMonth { get; init; } = DefaultActivationsPerMonth;

    /// <summary>True for a key type that is charged for Extended Lifecycle Support.</summary>
    public bool Els { get; init; }

    /// <summary>Features that a key has from the start, unless the order names another of the same group.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Key types that cannot stand beside it on one parent, or with it as the parent.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>What the license file says beside keytype and features.</summary>
    public IReadOnlyList<PropertyItem> Properties { get; init; } = [];

    [JsonIgnore]
    public override string Kind => KindWord;

    /// <summary>Months of software updates for a billing type; 0 for none.</summary>
    public int SusMonthsFor(BillingType billing) => SusMonths.GetValueOrDefault(billing);
}

/// <summary>A feature that key types may carry.</summary>
internal sealed record FeatureItem : PriceListItem
{
    public const string KindWord = "Feature";

    public required string Name { get; init; }

    /// <summary>The group of features that exclude each other; null for a feature that stands alone.</summary>
    public string? Group { get; init; }

    public int Sort { get; init; }

    /// <summary>The key types that may carry it.</summary>
    public required IReadOnlyList<string> KeyTypes { get; init; }

    /// <summary>The billing types it is offered in; empty for all.</summary>
    public IReadOnlyList<BillingType> Billing { get; init; } = [];

    /// <summary>Additional key types whose keys are made and attached with it.</summary>
    public IReadOnlyList<string> Additional { get; init; } = [];

    /// <summary>Features that a key cannot carry beside it.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>True for a feature that is bought in a number.</summary>
    public bool Countable { get; init; }

    /// <summary>True for a feature that is charged for Extended Lifecycle Support.</summary>
    public bool Els { get; init; }

    /// <summary>True for the feature under which software updates are billed: reinstating them puts it onto the key.</summary>
    public bool Sus { get; init; }

    /// <summary>What it changes in the license file; it wins over the key type's property of the same name.</summary>
    public IReadOnlyList<PropertyItem> Properties { get; init; } = [];

    [JsonIgnore]
    public override string Kind => KindWord;

    /// <summary>The properties of so many of it: whole numbers are multiplied.</summary>
    public IEnumerable<PropertyItem> PropertiesFor(int quantity) => quantity == 1 ? Properties : Properties.Select(property =>
        long.TryParse(property.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var one)
            ? property with { Value = (one * quantity).ToString(CultureInfo.InvariantCulture) }
            : property);

    /// <summary>True when the feature may be ordered in that billing type.</summary>
    public bool IsOfferedIn(BillingType billing) => Billing.Count == 0 || Billing.Contains(billing);
}

/// <summary>A group of features of which a key carries one at the most; of a mandatory one, exactly one.</summary>
internal sealed record FeatureGroupItem : PriceListItem
{
    public const string KindWord = "Group";

    public required string Description { get; init; }

    /// <summary>True when a key type that has features of this group needs one of them.</summary>
    public bool Mandatory { get; init; }

    public int Sort { get; init; }

    [JsonIgnore]
    public override string Kind => KindWord;
}

/// <summary>What an upgrade plan does with a key's software updates.</summary>
internal enum SusAct
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Prolongs updates that still run.</summary>
    Renew,

    /// <summary>Brings back updates that have ended.</summary>
    Reinstate,
}

/// <summary>
/// A named change of a key: one key type or feature replaced by another, a feature switched off (no <see cref="To"/>), or updates prolonged. A
/// feature is added under its own name.
/// </summary>
internal sealed record UpgradePlanItem : PriceListItem
{
    public const string KindWord = "UpgradePlan";

    public required string Description { get; init; }

    /// <summary>What the key must have; null for a plan about updates.</summary>
    public string? From { get; init; }

    /// <summary>What it has afterwards in place of it; null for a plan that switches a feature off.</summary>
    public string? To { get; init; }

    public SusAct Sus { get; init; }

    /// <summary>Months of updates that a plan about them brings.</summary>
    public int SusMonths { get; init; }

    /// <summary>True for a change that comes with software updates alone: a purchased key whose updates have ended is refused.</summary>
    public bool RequiresSus { get; init; }

    /// <summary>The billing types it is offered in; empty for all.</summary>
    public IReadOnlyList<BillingType> Billing { get; init; } = [];

    /// <summary>The kinds of account that may order it; empty for all.</summary>
    public IReadOnlyList<AccountKind> Accounts { get; init; } = [];

    [JsonIgnore]
    public override string Kind => KindWord;

    /// <summary>True when the plan may be ordered in that billing type.</summary>
    public bool IsOfferedIn(BillingType billing) => Billing.Count == 0 || Billing.Contains(billing);
}

/// <summary>A property of the license file.</summary>
internal sealed record PropertyItem
{
    public required string Name { get; init; }

    /// <summary>The vendor's word for the value's type.</summary>
    public required string Type { get; init; }

    public required string Value { get; init; }
}
