using Keygate.Accounts;

namespace Keygate.Orders;

/// <summary>What a document says.</summary>
public enum InvoiceKind
{
    /// <summary>What was charged.</summary>
    Invoice,

    /// <summary>What is given back of an invoice.</summary>
    CreditNote,
}

/// <summary>A line of an invoice.</summary>
/// <param name="Description">In words.</param>
/// <param name="Quantity">Units.</param>
/// <param name="UnitAmount">For each unit, in minor units of the currency.</param>
/// <param name="Amount">In all.</param>
public sealed record InvoiceLine(string Description, int Quantity, long UnitAmount, long Amount);

/// <summary>A row of the list of invoices.</summary>
public record InvoiceRow
{
    /// <summary>Its number; numbers have no gaps, and credit notes count along.</summary>
    public required int Number { get; init; }

    /// <summary>What it says.</summary>
    public required InvoiceKind Kind { get; init; }

    /// <summary>The order that it charges.</summary>
    public required OrderId OrderId { get; init; }

    /// <summary>The invoice that a credit note takes back, in part or whole.</summary>
    public int? Credits { get; init; }

    /// <summary>Whom it is for.</summary>
    public required AccountId CustomerId { get; init; }

    /// <summary>The subscription.</summary>
    public required SubscriptionId SubscriptionId { get; init; }

    /// <summary>Currency of all amounts.</summary>
    public required string Currency { get; init; }

    /// <summary>The sum in minor units, with the tax that is contained; negative for a credit note.</summary>
    public required long Total { get; init; }

    /// <summary>The tax that is contained in the sum.</summary>
    public required long Tax { get; init; }

    /// <summary>The rate of the tax in hundredths of a percent.</summary>
    public required int TaxBasisPoints { get; init; }

    /// <summary>The order that asked for a credit note; null where a person issued it, and for an invoice.</summary>
    public OrderId? ByOrder { get; init; }

    /// <summary>When it was issued.</summary>
    public required DateTimeOffset IssuedAt { get; init; }
}

/// <summary>An invoice or credit note, whole, as it was issued: later changes of addresses and rates change nothing of it.</summary>
public sealed record Invoice : InvoiceRow
{
    /// <summary>Name and address of the seller.</summary>
    public required string Seller { get; init; }

    /// <summary>The seller's tax number.</summary>
    public required string TaxId { get; init; }

    /// <summary>Name and address of the buyer.</summary>
    public required string Buyer { get; init; }

    /// <summary>Why, for a credit note.</summary>
    public string? Reason { get; init; }

    /// <summary>Its lines.</summary>
    public required IReadOnlyList<InvoiceLine> Lines { get; init; }
}

/// <summary>The tax that is contained in a sum.</summary>
internal static class Tax
{
    /// <summary>Rounded half away from zero, so that a sum and its credit have the same.</summary>
    public static long In(long total, int basisPoints) => (long)Math.Round((decimal)total * basisPoints / (10_000 + basisPoints), MidpointRounding.AwayFromZero);
}
