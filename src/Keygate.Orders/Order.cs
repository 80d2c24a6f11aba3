using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>An order: a sale, or what is done to a subscription later.</summary>
internal sealed record Order
{
    /// <summary>The type's code: a sale.</summary>
    public const string Sales = "SO";

    /// <summary>The type's code: the renewal of a subscription.</summary>
    public const string Renewal = "RN";

    /// <summary>The type's code: an upgrade or a downgrade of what a subscription holds.</summary>
    public const string Change = "CH";

    /// <summary>The type's code: the end of a subscription, for which the customer may get something back.</summary>
    public const string Cancellation = "CL";

    /// <summary>The type's code: the end of a subscription, for which the customer owes something.</summary>
    public const string CancellationCharge = "CF";

    public OrderId Id { get; init; }
    public string Type { get; init; } = Sales;
    public OrderState State { get; init; }
    public AccountId CustomerId { get; init; }
    public PlanId PlanId { get; init; }
    public PlanPeriodId PlanPeriodId { get; init; }
    public SubscriptionId SubscriptionId { get; init; }
    public string Currency { get; init; } = "";
    public long Total { get; init; }
    public long Paid { get; init; }

    /// <summary>Copied from the plan when it was placed: a later change of the plan doesn't change what was agreed.</summary>
    public bool ApprovalNeeded { get; init; }

    /// <summary>The end of the period that a renewal follows; null for a sale.</summary>
    public DateOnly? RenewsFrom { get; init; }

    public string Comment { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public int Version { get; init; }

    public long Owed => Total - Paid;

    public bool IsSale => Type == Sales;

    public bool IsRenewal => Type == Renewal;

    public bool IsChange => Type == Change;

    public bool IsCancellation => Type is Cancellation or CancellationCharge;

    /// <summary>True where nothing has been done for it yet and nothing was paid: it can be given up.</summary>
    public bool IsUnpaid => Paid == 0 && State is OrderState.NW or OrderState.HL or OrderState.WP or OrderState.WA;
}

/// <summary>One move of an order.</summary>
internal sealed class OrderLogRow
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string? FromState { get; init; }
    public string ToState { get; init; } = "";
    public string Operation { get; init; } = "";
    public string Why { get; init; } = "";
    public string Actor { get; init; } = "";
}

/// <summary>What a financial line is for.</summary>
public enum DetailKind
{
    /// <summary>The plan's setup fee.</summary>
    Setup,

    /// <summary>The plan's fee for its first period.</summary>
    Subscription,

    /// <summary>A resource's setup fee.</summary>
    ResourceSetup,

    /// <summary>A resource's recurring fee for one period.</summary>
    ResourceRecurring,

    /// <summary>The plan's fee for a further period.</summary>
    Renewal,

    /// <summary>What is owed for a change or a cancellation beside what is used.</summary>
    Fee,

    /// <summary>What is given back; its amount is below zero.</summary>
    Credit,
}

/// <summary>One financial line of an order.</summary>
internal sealed class DetailRow
{
    public DetailKind Kind { get; init; }
    public ResourceId? ResourceId { get; init; }
    public string Description { get; init; } = "";
    public int Quantity { get; init; }
    public long UnitAmount { get; init; }
    public long Amount { get; init; }
}

/// <summary>The lines of an order while they are put together.</summary>
internal static class Charges
{
    /// <summary>Adds a line; what costs nothing has none.</summary>
    public static void AddCharge(this List<DetailRow> lines, DetailKind kind, ResourceId? resource, string description, int quantity, long unit)
    {
        if (quantity > 0 && unit > 0)
        {
            lines.Add(new DetailRow { Kind = kind, ResourceId = resource, Description = description, Quantity = quantity, UnitAmount = unit, Amount = checked(quantity * unit) });
        }
    }

    /// <summary>Adds a line of what is given back; nothing has none.</summary>
    public static void AddCredit(this List<DetailRow> lines, ResourceId? resource, string description, long amount)
    {
        if (amount > 0)
        {
            lines.Add(new DetailRow { Kind = DetailKind.Credit, ResourceId = resource, Description = description, Quantity = 1, UnitAmount = -amount, Amount = -amount });
        }
    }
}

/// <summary>A payment that was received.</summary>
internal sealed class PaymentRow
{
    public int Id { get; init; }
    public long Amount { get; init; }
    public string Currency { get; init; } = "";
    public string Reference { get; init; } = "";
    public string Note { get; init; } = "";
    public string Actor { get; init; } = "";
    public DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>A technical work unit of an order.</summary>
internal sealed record Item
{
    public ItemId Id { get; init; }
    public OrderId OrderId { get; init; }
    public SubscriptionId SubscriptionId { get; init; }
    public ItemKind Kind { get; init; }
    public ItemStatus Status { get; init; }

    /// <summary>The last message: while it failed, why.</summary>
    public string Comment { get; init; } = "";

    public string? Remedy { get; init; }
    public DateTimeOffset? SubmittedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public string? KeyType { get; init; }
    public string Features { get; init; } = "[]";
    public string AddOns { get; init; } = "[]";
    public LicenseId? LicenseId { get; init; }

    /// <summary>What it changes of a subscription that is there, JSON; null for an item that changes nothing.</summary>
    public string? Change { get; init; }

    /// <summary>The license that it changes; null where it changes none.</summary>
    public LicenseId? ChangesLicense { get; init; }

    public ItemChange Changes => Json.Read<ItemChange>(Change ?? throw new InvalidOperationException($"Item {Id} changes nothing."));

    /// <summary>The process of this item; null before it was started.</summary>
    public long? WorkId { get; init; }

    /// <summary>What the hosting side said: true done, false failed, null nothing yet.</summary>
    public bool? Answered { get; init; }

    public int Version { get; init; }

    public IReadOnlyList<string> FeatureList => Json.Read<List<string>>(Features);

    public IReadOnlyList<string> AddOnList => Json.Read<List<string>>(AddOns);
}

/// <summary>What another system said of an item.</summary>
internal sealed class CallbackRow
{
    public ItemId ItemId { get; init; }
    public DateTimeOffset At { get; init; }
    public string Actor { get; init; } = "";
    public bool IssuedSuccessfully { get; init; }
    public string Message { get; init; } = "";
    public string? IgnoredBecause { get; init; }
}
