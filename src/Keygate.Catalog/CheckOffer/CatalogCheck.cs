using Keygate.Plugins.Abstractions;

namespace Keygate.Catalog;

/// <summary>What a plan sells, as the catalog compiler sees it.</summary>
/// <param name="Classes">Its main license classes; an order has one of them.</param>
/// <param name="Features">Its features.</param>
/// <param name="AddOns">Its additional license classes.</param>
public sealed record Offer(IReadOnlyList<OfferPart> Classes, IReadOnlyList<OfferPart> Features, IReadOnlyList<OfferPart> AddOns);

/// <summary>Something that a plan sells.</summary>
/// <param name="Code">Key type or feature.</param>
/// <param name="Always">True where every order has it.</param>
public sealed record OfferPart(string Code, bool Always);

/// <summary>What the issuer's account takes, as it was last seen.</summary>
public sealed record IssuerTerms
{
    /// <summary>The plug-in's name.</summary>
    public required string Name { get; init; }

    /// <summary>Key types that may be ordered; null where the issuer takes any or cannot tell.</summary>
    public IReadOnlySet<string>? KeyTypes { get; init; }

    /// <summary>Features and upgrade plans that may be ordered; null where the issuer takes any or cannot tell.</summary>
    public IReadOnlySet<string>? Features { get; init; }

    /// <summary>The rules by which it accepts orders; null where it does not tell them.</summary>
    public OfferRules? Rules { get; init; }

    /// <summary>True where a person ticks what may be ordered.</summary>
    public bool IsTicked { get; init; }

    /// <summary>When it was last seen; null where nothing is known.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>An order that would fail.</summary>
/// <param name="KeyType">Its license class.</param>
/// <param name="BillType">How that is paid.</param>
/// <param name="Features">Its features.</param>
/// <param name="AddOns">Its additional license classes.</param>
/// <param name="Cause">Why, in the words of the issuer's refusal.</param>
/// <param name="Repair">What to do so that it doesn't.</param>
public sealed record FailingOrder(string KeyType, BillType BillType, IReadOnlyList<string> Features, IReadOnlyList<string> AddOns, string Cause, string Repair);

/// <summary>Something that is wrong with an offer whatever is ordered.</summary>
/// <param name="Blocks">True where it must be mended before the offer may be published; false where less can be sold than it seems.</param>
/// <param name="About">Key type, feature, or two of them.</param>
/// <param name="Cause">What is wrong.</param>
/// <param name="Repair">What to do about it.</param>
public sealed record CheckFinding(bool Blocks, string About, string Cause, string Repair);

/// <summary>A cause of failing orders.</summary>
/// <param name="Cause">Why they fail.</param>
/// <param name="Repair">What to do so that they don't.</param>
/// <param name="Orders">How many of those that were tried.</param>
public sealed record FailureCause(string Cause, string Repair, long Orders);

/// <summary>What the catalog compiler found out about an offer.</summary>
public sealed record CatalogCheck
{
    /// <summary>How many different orders can be placed, not counting quantities; <see cref="long.MaxValue"/> for that many or more.</summary>
    public required long Combinations { get; init; }

    /// <summary>How many of them were tried.</summary>
    public required long Tried { get; init; }

    /// <summary>How many of those that were tried would fail.</summary>
    public required long Failing { get; init; }

    /// <summary>How it was decided, in a sentence.</summary>
    public required string How { get; init; }

    /// <summary>The orders that would fail, each with its cause; as many as are shown.</summary>
    public required IReadOnlyList<FailingOrder> Failures { get; init; }

    /// <summary>The causes of all failing orders, the most frequent first.</summary>
    public required IReadOnlyList<FailureCause> Causes { get; init; }

    /// <summary>What is wrong whatever is ordered.</summary>
    public required IReadOnlyList<CheckFinding> Findings { get; init; }

    /// <summary>True when the offer may be published: no order of it fails at the issuer for a reason that can be known.</summary>
    public bool Passes => Failing == 0 && !Findings.Any(f => f.Blocks);
}
