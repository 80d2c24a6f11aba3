using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>When subscriptions of a plan are renewed, and what becomes of those whose renewal is not paid.</summary>
public sealed record ServiceTerms
{
    private const int DaysMax = 1000;

    /// <summary>How many days before the period's end the renewal order is placed.</summary>
    public int RenewBeforeDays { get; init; } = 7;

    /// <summary>Days after the period's end during which the service runs on unpaid; keys are not renewed.</summary>
    public int GraceDays { get; init; } = 7;

    /// <summary>Days after those during which the service is stopped: keys suspended, installed copies removed.</summary>
    public int HoldDays { get; init; } = 30;

    /// <summary>True where the subscription is ended for good after that; else it stays stopped.</summary>
    public bool DestroyAfterHold { get; init; } = true;

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<Error> Faults() => [.. new[] { ("renewBeforeDays", RenewBeforeDays), ("graceDays", GraceDays), ("holdDays", HoldDays) }
        .Where(d => d.Item2 is < 0 or > DaysMax).Select(d => OrdersErrors.TermsInvalid.Because($"{d.Item1} is {d.Item2}; 0 to {DaysMax} are possible.").At($"terms.{d.Item1}"))];
}
