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
    private readonly CreditNotes _notes;
    private readonly Audit _audit;

    internal CreditInvoice(InvoiceStore invoices, CreditNotes notes, Audit audit) => (_invoices, _notes, _audit) = (invoices, notes, audit);

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

        var left = await _notes.LeftAsync(tx, invoice, cancellation);
        var amount = request.Amount ?? left;
        if (amount < 1 || amount > left)
        {
            return OrdersErrors.CreditInvalid.Because($"{Currency.Shown(amount, invoice.Currency)} cannot be given back: {Currency.Shown(left, invoice.Currency)} are left of invoice {number}.").At("amount");
        }

        var note = await _notes.AddAsync(tx, invoice, amount, request.Reason!.Trim(), null, cancellation);
        await _audit.AddAsync(tx, actor, "invoice.credited", FormattableString.Invariant($"invoice/{number}"), $"{Currency.Shown(amount, invoice.Currency)}: {request.Reason!.Trim()}", cancellation);
        return (await _invoices.FindAsync(tx, note, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/invoices/{number}/credit",
        (int number, CreditInvoiceRequest request, HttpContext http, WriteDoor door, CreditInvoice handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, number, request, actor, http.RequestAborted)))
        .WithName("CreditInvoice").WithTags("Invoices").WithSummary("Give back an invoice in part or whole, by a credit note with a reason.");
}
