using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Lists and shows invoices and credit notes.</summary>
public sealed class InvoiceReader
{
    private readonly InvoiceStore _invoices;

    internal InvoiceReader(InvoiceStore invoices) => _invoices = invoices;

    /// <summary>One of them; refused where there is none.</summary>
    public async Task<Result<Invoice>> ShowAsync(Session session, int number, CancellationToken cancellation) =>
        await _invoices.FindAsync(session, number, cancellation) is { } invoice ? invoice : OrdersErrors.InvoiceNotFound.Because($"There is no invoice {number}.");

    /// <summary>Newest first, of a customer or an order where one is named.</summary>
    public Task<Result<Page<InvoiceRow>>> ListAsync(Session session, AccountId? customer, OrderId? order, PageRequest page, CancellationToken cancellation) => page.NewestFirstAsync(
        $"invoices {customer} {order}", (before, limit) => _invoices.ListAsync(session, customer, order, Math.Min(before, int.MaxValue), limit, cancellation), r => r.Number, r => r);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/invoices",
            (AccountId? customerId, OrderId? orderId, int? limit, string? cursor, HttpContext http, Database database, InvoiceReader reader) =>
                database.ReadAsync(s => reader.ListAsync(s, customerId, orderId, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListInvoices").WithTags("Invoices").WithSummary("Invoices and credit notes, newest first.");
        routes.MapGet(
            "/invoices/{number}",
            (int number, HttpContext http, Database database, InvoiceReader reader) => database.ReadAsync(s => reader.ShowAsync(s, number, http.RequestAborted), http.RequestAborted))
            .WithName("ShowInvoice").WithTags("Invoices").WithSummary("An invoice or credit note with its lines.");
    }
}
