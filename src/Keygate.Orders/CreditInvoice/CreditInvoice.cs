using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>What is given back of an invoice.</summary>
public sealed record CreditInvoiceRequest
{
    /// <summary>In minor units, with the tax that is contained; all that is left of the invoice where nothing is named.</summary>
    public long? Amount { get; init; }

    /// <summary>Why; it stands on the credit note.</summary>
    public string? Reason { get; init; }

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => Texts.Reason(Reason) is { } fault ? [fault] : [];
}

/// <summary>Issues a credit note: an invoice is never changed, it is taken back in part or whole by another document.</summary>
public sealed class CreditInvoice
{
    private readonly InvoiceStore _invoices;
    private readonly Outbox _outbox;
    private readonly Audit _audit;

    internal CreditInvoice(InvoiceStore invoices, Outbox outbox, Audit audit) => (_invoices, _outbox, _audit) = (invoices, outbox, audit);

    /// <summary>Refused without a reason, for a credit note, and for more than is left of the invoice.</summary>
    public async Task<Result<Invoice>> HandleAsync(Tx tx, int number, CreditInvoiceRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await _invoices.LockAsync(tx, number, cancellation) is not { } invoice)
        {
            return OrdersErrors.InvoiceNotFound.Because($"There is no invoice {number}.");
        }

        if (invoice.Kind == InvoiceKind.CreditNote)
        {
            return OrdersErrors.CreditInvalid.Because($"{number} is a credit note.");
        }

        var (credited, creditedTax) = await _invoices.CreditedAsync(tx, number, cancellation);
        var left = invoice.Total + credited;
        var amount = request.Amount ?? left;
        if (amount < 1 || amount > left)
        {
            return OrdersErrors.CreditInvalid.Because($"{Currency.Shown(amount, invoice.Currency)} cannot be given back: {Currency.Shown(left, invoice.Currency)} are left of invoice {number}.").At("amount");
        }

        // With the last part all of the tax is back, however it was rounded before.
        var tax = amount == left ? invoice.Tax + creditedTax : Math.Min(Tax.In(amount, invoice.TaxBasisPoints), invoice.Tax + creditedTax);
        var reason = request.Reason!.Trim();
        var note = await _invoices.AddAsync(tx, invoice with
        {
            Kind = InvoiceKind.CreditNote, Credits = number, Total = -amount, Tax = -tax, Reason = reason, Lines = [new InvoiceLine($"Credit for invoice {number}: {reason}", 1, -amount, -amount)],
        }, cancellation);
        await _outbox.AddAsync(
            tx, "invoice.credited", FormattableString.Invariant($"invoice/{note}"),
            Json.Write(new { Id = note, Kind = InvoiceKind.CreditNote, Credits = number, invoice.OrderId, invoice.CustomerId, invoice.SubscriptionId, Total = -amount, invoice.Currency, Why = reason }), cancellation);
        await _audit.AddAsync(tx, actor, "invoice.credited", FormattableString.Invariant($"invoice/{number}"), $"{Currency.Shown(amount, invoice.Currency)}: {reason}", cancellation);
        return (await _invoices.FindAsync(tx, note, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/invoices/{number}/credit",
        (int number, CreditInvoiceRequest request, HttpContext http, WriteDoor door, CreditInvoice handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, number, request, actor, http.RequestAborted)))
        .WithName("CreditInvoice").WithTags("Invoices").WithSummary("Give back an invoice in part or whole, by a credit note with a reason.");
}
