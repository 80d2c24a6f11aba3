namespace Keygate.KeyServer;

/// <summary>A price list as the rules see it: one snapshot, items looked up by identifier, withdrawn ones included and marked.</summary>
internal sealed class PriceList(PriceListId id, string name, int version, PriceListItems items, IReadOnlySet<(string Kind, string Identifier)> withdrawn)
{
    private readonly Dictionary<string, KeyTypeItem> _keyTypes = items.KeyTypes.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureItem> _features = items.Features.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureGroupItem> _groups = items.Groups.ToDictionary(item => item.Id, StringComparer.Ordinal);

    public PriceListId Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>Rises with every import that changed something.</summary>
    public int Version { get; } = version;

    /// <summary>All items in the order of the file, withdrawn ones last.</summary>
    public PriceListItems Items { get; } = items;

    /// <summary>The key type, withdrawn or not; null when the list never had it.</summary>
    public KeyTypeItem? KeyType(string id) => _keyTypes.GetValueOrDefault(id);

    /// <summary>The feature, withdrawn or not; null when the list never had it.</summary>
    public FeatureItem? Feature(string id) => _features.GetValueOrDefault(id);

    /// <summary>The group, withdrawn or not; null when the list never had it.</summary>
    public FeatureGroupItem? Group(string id) => _groups.GetValueOrDefault(id);

    /// <summary>True when the item may be ordered: it stood in the last import.</summary>
    public bool Offers(IPriceListItem item) => !withdrawn.Contains((item.Kind, item.Id));

    /// <summary>What a client may order, by name: main and additional key types mixed.</summary>
    public IEnumerable<string> OrderableKeyTypes => Items.KeyTypes.Where(Offers).Select(item => item.Id);

    /// <summary>What a client may name as plans: features, and plans that change a key later.</summary>
    public IEnumerable<string> OrderablePlans => Items.Features.Where(Offers).Select(item => item.Id).Concat(Items.UpgradePlans.Where(Offers).Select(item => item.Id));
}

/// <summary>The items of a price list, as they stand in its file.</summary>
internal sealed record PriceListItems(
    IReadOnlyList<KeyTypeItem> KeyTypes,
    IReadOnlyList<FeatureItem> Features,
    IReadOnlyList<FeatureGroupItem> Groups,
    IReadOnlyList<UpgradePlanItem> UpgradePlans)
{
    public IEnumerable<IPriceListItem> All => [.. KeyTypes, .. Features, .. Groups, .. UpgradePlans];
}

/// <summary>Anything in a price list.</summary>
internal interface IPriceListItem
{
    /// <summary>The identifier that orders use.</summary>
    string Id { get; }

    /// <summary>What sort of item: the word stored with it.</summary>
    string Kind { get; }
}

/// <summary>A key type: what an order asks for.</summary>
internal sealed record KeyTypeItem : IPriceListItem
{
    public const string KindWord = "KeyType";

    public required string Id { get; init; }

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

    /// <summary>What the license file says beside keytype and features.</summary>
    public IReadOnlyList<PropertyItem> Properties { get; init; } = [];

    string IPriceListItem.Kind => KindWord;

    /// <summary>Months of software updates for a billing type; 0 for none.</summary>
    public int SusMonthsFor(BillingType billing) => SusMonths.GetValueOrDefault(billing);
}

/// <summary>A feature that key types may carry.</summary>
internal sealed record FeatureItem : IPriceListItem
{
    public const string KindWord = "Feature";

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The group of features that exclude each other; null for a feature that stands alone.</summary>
    public string? Group { get; init; }

    public int Sort { get; init; }

    /// <summary>The key types that may carry it.</summary>
    public required IReadOnlyList<string> KeyTypes { get; init; }

    /// <summary>The billing types it is offered in; empty for all.</summary>
    public IReadOnlyList<BillingType> Billing { get; init; } = [];

    /// <summary>What it changes in the license file; it wins over the key type's property of the same name.</summary>
    public IReadOnlyList<PropertyItem> Properties { get; init; } = [];

    string IPriceListItem.Kind => KindWord;

    /// <summary>True when the feature may be ordered in that billing type.</summary>
    public bool IsOfferedIn(BillingType billing) => Billing.Count == 0 || Billing.Contains(billing);
}

/// <summary>A group of features of which a key carries one at the most; of a mandatory one, exactly one.</summary>
internal sealed record FeatureGroupItem : IPriceListItem
{
    public const string KindWord = "Group";

    public required string Id { get; init; }

    public required string Description { get; init; }

    /// <summary>True when a key type that has features of this group needs one of them.</summary>
    public bool Mandatory { get; init; }

    public int Sort { get; init; }

    string IPriceListItem.Kind => KindWord;
}

/// <summary>A named change of a key: one key type or feature replaced by another.</summary>
internal sealed record UpgradePlanItem : IPriceListItem
{
    public const string KindWord = "UpgradePlan";

    public required string Id { get; init; }

    public required string Description { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    string IPriceListItem.Kind => KindWord;
}

/// <summary>A property of the license file.</summary>
internal sealed record PropertyItem
{
    public required string Name { get; init; }

    /// <summary>The vendor's word for the value's type.</summary>
    public required string Type { get; init; }

    public required string Value { get; init; }
}
