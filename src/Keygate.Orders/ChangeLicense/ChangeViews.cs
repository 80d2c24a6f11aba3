using Keygate.Catalog;
using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>When a change takes effect.</summary>
public enum ChangeWhen
{
    /// <summary>At once.</summary>
    Now,

    /// <summary>When the period of the subscription ends.</summary>
    PeriodEnd,
}

/// <summary>What a license is to become.</summary>
public sealed record ChangeLicenseRequest
{
    /// <summary>The class; null for the present one.</summary>
    public string? KeyType { get; init; }

    /// <summary>All features that it is to have; null for the present ones.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>The classes of all additional licenses that it is to have; null for the present ones.</summary>
    public IReadOnlyList<string>? AddOns { get; init; }

    /// <summary>When it takes effect.</summary>
    public ChangeWhen When { get; init; }

    /// <summary>The token of the preview that is to be executed; without one it is only previewed.</summary>
    public string? Token { get; init; }
}

/// <summary>What a change will do. Executed is this, or nothing.</summary>
public sealed record ChangePreview
{
    /// <summary>Says what was previewed: it is executed with this, and refused where anything has changed in between.</summary>
    public required string Token { get; init; }

    /// <summary>The license.</summary>
    public required LicenseId License { get; init; }

    /// <summary>What it is made of now.</summary>
    public required LicenseMake From { get; init; }

    /// <summary>What it becomes.</summary>
    public required LicenseMake To { get; init; }

    /// <summary>Features and additional licenses that come in.</summary>
    public required IReadOnlyList<string> Gained { get; init; }

    /// <summary>Features and additional licenses that are lost.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>What issuer and installer are asked, in order.</summary>
    public required IReadOnlyList<string> Calls { get; init; }

    /// <summary>True where a new license with a new key takes its place, since the issuer does not change this one.</summary>
    public required bool Replaces { get; init; }

    /// <summary>True where the same license can be changed back.</summary>
    public required bool Reversible { get; init; }

    /// <summary>What it costs for each period; null for a license without a subscription.</summary>
    public ChangeMoney? Money { get; init; }

    /// <summary>When it takes effect; null for at once. It can be undone until then.</summary>
    public DateTimeOffset? TakesEffectAt { get; init; }

    /// <summary>True where it costs more from now on, and the present period was not paid so: a customer waits for the period's end.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsUnpaid => TakesEffectAt is null && Money is { Difference: > 0 };
}

/// <summary>What a change costs, by the rates of the subscription's plan.</summary>
/// <param name="Currency">The plan's currency.</param>
/// <param name="RecurringNow">The license's recurring fees for a period now, in minor units.</param>
/// <param name="RecurringAfter">The same after the change.</param>
public sealed record ChangeMoney(string Currency, long RecurringNow, long RecurringAfter)
{
    /// <summary>What each further period costs more, or less where it is below zero.</summary>
    public long Difference => RecurringAfter - RecurringNow;

    /// <summary>What is owed for the rest of the paid period, by days, with setup fees of what comes in; below zero where something is given back.</summary>
    public long Now { get; init; }

    /// <summary>The lines of the change order; none at the period's end, where the renewal charges it.</summary>
    public IReadOnlyList<DetailView> Lines { get; init; } = [];
}
