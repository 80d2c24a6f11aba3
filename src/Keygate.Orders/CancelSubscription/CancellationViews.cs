using Keygate.Kernel;
using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>What becomes of the rest of the paid period when a subscription is cancelled.</summary>
public enum CancellationCredit
{
    /// <summary>Nothing is given back.</summary>
    None,

    /// <summary>The rest of the period is given back by a credit note.</summary>
    Credit,

    /// <summary>The same, and the customer wants the money: it is returned by hand.</summary>
    Refund,
}

/// <summary>How a subscription is cancelled.</summary>
public sealed record CancelSubscriptionRequest
{
    /// <summary>In the person's words; stands in the order's log.</summary>
    public string? Reason { get; init; }

    /// <summary>What becomes of the rest of the paid period.</summary>
    public CancellationCredit Credit { get; init; }

    /// <summary>What the customer owes for the cancellation, in minor units. Where more than what is given back, the subscription ends when that is paid.</summary>
    public long Fee { get; init; }

    /// <summary>The token of the preview that is to be executed: refused where it would be something else now. Null to cancel as it is.</summary>
    public string? Token { get; init; }

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() =>
    [
        .. Texts.Reason(Reason) is { } fault ? new[] { fault } : [],
        .. Fee is < 0 or > Money.Max ? new[] { OrdersErrors.CancellationInvalid.Because($"A fee of {Fee} is outside 0 to {Money.Max}.").At("fee") } : [],
    ];
}

/// <summary>What a cancellation will do.</summary>
/// <param name="Token">Says what was previewed: executed with this, it is refused where anything has changed in between.</param>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Currency">Currency of the amounts.</param>
/// <param name="Total">What the customer owes for it in minor units; negative where he gets something back.</param>
/// <param name="Lines">The lines of the order.</param>
/// <param name="Licenses">What becomes of each license.</param>
/// <param name="Reversible">False: a key that is ended does not come back.</param>
public sealed record CancellationPreview(
    string Token, SubscriptionId SubscriptionId, string Currency, long Total, IReadOnlyList<DetailView> Lines, IReadOnlyList<LicenseEnd> Licenses, bool Reversible);

/// <summary>What becomes of a license whose subscription is cancelled.</summary>
/// <param name="Id">The license.</param>
/// <param name="KeyNumber">Its key; null for a request without one.</param>
/// <param name="Call">In words: what issuer and installer are asked.</param>
public sealed record LicenseEnd(LicenseId Id, string? KeyNumber, string Call);
