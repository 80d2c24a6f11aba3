namespace Keygate.Plugins.Abstractions;

/// <summary>What an account may order.</summary>
/// <param name="KeyTypes">Key type identifiers, main and additional mixed.</param>
/// <param name="Features">Feature and upgrade plan identifiers.</param>
public sealed record IssuerOffer(IReadOnlyList<string> KeyTypes, IReadOnlyList<string> Features)
{
    /// <summary>True where the issuer takes any key type and feature, so that there is nothing to list.</summary>
    public bool Everything { get; init; }

    /// <summary>The answer as it came, for people to read. No secrets.</summary>
    public string Raw { get; init; } = "";

    /// <summary>The rules by which orders are accepted; null where the issuer tells identifiers alone.</summary>
    public OfferRules? Rules { get; init; }
}

/// <summary>The rules by which an issuer accepts orders, as far as it tells them: what <see cref="IssuerOffer"/> lists, with what goes together.</summary>
/// <param name="KeyTypes">The key types.</param>
/// <param name="Features">The features.</param>
/// <param name="Groups">The groups of features that exclude each other.</param>
/// <param name="Upgrades">The upgrade plans.</param>
public sealed record OfferRules(
    IReadOnlyList<OfferedKeyType> KeyTypes, IReadOnlyList<OfferedFeature> Features, IReadOnlyList<OfferedGroup> Groups, IReadOnlyList<OfferedUpgrade> Upgrades);

/// <summary>A key type that may be ordered.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="IsAdditional">True where its keys hang on another one.</param>
/// <param name="BillTypes">How it may be paid.</param>
public sealed record OfferedKeyType(string Id, bool IsAdditional, IReadOnlyList<BillType> BillTypes)
{
    /// <summary>Key types of additional keys that go with it.</summary>
    public IReadOnlyList<string> AddOns { get; init; } = [];

    /// <summary>Key types that cannot stand beside it on one parent, nor with it as the parent.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Features that a key has from the start; an ordered one of the same group takes their place.</summary>
    public IReadOnlyList<string> Included { get; init; } = [];

    /// <summary>Bill types in which it has no price for this account, so that orders are refused all the same.</summary>
    public IReadOnlyList<BillType> Unpriced { get; init; } = [];
}

/// <summary>A feature that may be ordered.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Group">The group of which a key carries one feature; null where it stands alone.</param>
/// <param name="KeyTypes">Key types that may carry it.</param>
/// <param name="BillTypes">How it may be paid.</param>
public sealed record OfferedFeature(string Id, string? Group, IReadOnlyList<string> KeyTypes, IReadOnlyList<BillType> BillTypes)
{
    /// <summary>Features that a key cannot carry beside it.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Key types of additional keys that are made with it.</summary>
    public IReadOnlyList<string> Brings { get; init; } = [];

    /// <summary>Bill types in which it has no price for this account, so that orders are refused all the same.</summary>
    public IReadOnlyList<BillType> Unpriced { get; init; } = [];
}

/// <summary>A group of features.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Description">Its name for people.</param>
/// <param name="Mandatory">True where a key type that has any of its features needs one of them.</param>
public sealed record OfferedGroup(string Id, string Description, bool Mandatory);

/// <summary>A named change of a key.</summary>
/// <param name="Plan">Its identifier.</param>
/// <param name="From">Key type or feature to start from; null where it has none.</param>
/// <param name="To">Key type or feature to end at; null where it has none.</param>
public sealed record OfferedUpgrade(string Plan, string? From, string? To);
