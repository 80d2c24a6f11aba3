using Keygate.Accounts;
using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>A row of the order list.</summary>
public record OrderRow
{
    /// <summary>The order's number.</summary>
    public required OrderId Id { get; init; }

    /// <summary>The type's code: SO for a sale, RN for a renewal.</summary>
    public required string Type { get; init; }

    /// <summary>The state's code, such as PR.</summary>
    public required string State { get; init; }

    /// <summary>The state's name, such as Provisioning.</summary>
    public required string StateName { get; init; }

    /// <summary>Who orders.</summary>
    public required AccountId CustomerId { get; init; }

    /// <summary>The plan.</summary>
    public required PlanId PlanId { get; init; }

    /// <summary>The period.</summary>
    public required PlanPeriodId PlanPeriodId { get; init; }

    /// <summary>The end of the period that a renewal follows.</summary>
    public DateOnly? RenewsFrom { get; init; }

    /// <summary>The subscription that it makes or renews.</summary>
    public required SubscriptionId SubscriptionId { get; init; }

    /// <summary>Currency of all amounts.</summary>
    public required string Currency { get; init; }

    /// <summary>Sum of the lines, in minor units.</summary>
    public required long Total { get; init; }

    /// <summary>What was paid, in minor units.</summary>
    public required long Paid { get; init; }

    /// <summary>When it was placed.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed its state.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When it was completed.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Rises with each move.</summary>
    public required int Version { get; init; }

    internal static OrderRow Of(Order order) => new()
    {
        Id = order.Id, Type = order.Type, State = order.State.ToString(), StateName = order.State.Name(), CustomerId = order.CustomerId, PlanId = order.PlanId,
        PlanPeriodId = order.PlanPeriodId, SubscriptionId = order.SubscriptionId, RenewsFrom = order.RenewsFrom, Currency = order.Currency, Total = order.Total, Paid = order.Paid,
        CreatedAt = order.CreatedAt, ChangedAt = order.ChangedAt, CompletedAt = order.CompletedAt, Version = order.Version,
    };
}

/// <summary>An order, whole.</summary>
public sealed record OrderView : OrderRow
{
    /// <summary>The customer's name.</summary>
    public string? Customer { get; init; }

    /// <summary>The plan's name.</summary>
    public required string Plan { get; init; }

    /// <summary>The subscription's name.</summary>
    public required string Subscription { get; init; }

    /// <summary>The note it was placed with.</summary>
    public string? Comment { get; init; }

    /// <summary>What can be done to it by hand in this state.</summary>
    public required IReadOnlyList<string> Possible { get; init; }

    /// <summary>Its provisioning items.</summary>
    public required IReadOnlyList<ItemView> Items { get; init; }

    /// <summary>Its financial lines.</summary>
    public required IReadOnlyList<DetailView> Details { get; init; }

    /// <summary>What was paid for it.</summary>
    public required IReadOnlyList<PaymentView> Payments { get; init; }

    /// <summary>Its moves, oldest first.</summary>
    public required IReadOnlyList<LogView> Log { get; init; }

    /// <summary>Its licenses with their additional ones, oldest first.</summary>
    public required IReadOnlyList<LicenseRow> Licenses { get; init; }
}

/// <summary>A provisioning item.</summary>
public sealed record ItemView
{
    /// <summary>Its number.</summary>
    public required ItemId Id { get; init; }

    /// <summary>The type's name, such as OI_CREATE.</summary>
    public required string Type { get; init; }

    /// <summary>The type's code, such as 10.</summary>
    public required int TypeCode { get; init; }

    /// <summary>What it provides.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>How far it has come.</summary>
    public required ItemStatus Status { get; init; }

    /// <summary>The license class, for a license.</summary>
    public string? KeyType { get; init; }

    /// <summary>Features of the license.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Additional classes that travel with the license.</summary>
    public IReadOnlyList<string> AddOns { get; init; } = [];

    /// <summary>The license's number, from the moment when its request was written.</summary>
    public LicenseId? LicenseId { get; init; }

    /// <summary>When it was last submitted.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When it was completed.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// The last message. Where it failed, or its last try did: the cause, the time (UTC), which try of how many, and the license request.
    /// </summary>
    public string? Comment { get; init; }

    /// <summary>What can be done about a failure.</summary>
    public string? Remedy { get; init; }

    /// <summary>The step under way, such as <c>licensing.provision: issue</c>.</summary>
    public string? Step { get; init; }

    /// <summary>What it waits for.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>The last error of a step that is tried again.</summary>
    public string? Cause { get; init; }

    /// <summary>The attempt of the step.</summary>
    public int? Attempt { get; init; }

    /// <summary>When the step is tried next.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What other systems said of it.</summary>
    public IReadOnlyList<CallbackView> Callbacks { get; init; } = [];
}

/// <summary>What another system said of an item.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="IssuedSuccessfully">What it said.</param>
/// <param name="Message">In its words.</param>
/// <param name="IgnoredBecause">Why it was passed over; null where it counted.</param>
public sealed record CallbackView(DateTimeOffset At, string Actor, bool IssuedSuccessfully, string Message, string? IgnoredBecause);

/// <summary>A financial line.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="ResourceId">The resource; null for the plan's own fees.</param>
/// <param name="Description">In words.</param>
/// <param name="Quantity">Units that are charged.</param>
/// <param name="UnitAmount">For each unit, in minor units of the currency.</param>
/// <param name="Amount">In all.</param>
public sealed record DetailView(DetailKind Kind, ResourceId? ResourceId, string Description, int Quantity, long UnitAmount, long Amount)
{
    internal static DetailView Of(DetailRow row) => new(row.Kind, row.ResourceId, row.Description, row.Quantity, row.UnitAmount, row.Amount);
}

/// <summary>A payment.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Amount">In minor units.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Reference">The payer's or bank's reference.</param>
/// <param name="Note">A note.</param>
/// <param name="Actor">Who recorded it.</param>
/// <param name="ReceivedAt">When.</param>
public sealed record PaymentView(int Id, long Amount, string Currency, string Reference, string Note, string Actor, DateTimeOffset ReceivedAt);

/// <summary>A move of an order.</summary>
/// <param name="At">When.</param>
/// <param name="From">The state before; null for the first.</param>
/// <param name="To">The state after.</param>
/// <param name="ToName">Its name.</param>
/// <param name="Operation">What was done.</param>
/// <param name="Why">Why.</param>
/// <param name="Actor">Who.</param>
public sealed record LogView(DateTimeOffset At, string? From, string To, string ToName, string Operation, string Why, string Actor);
