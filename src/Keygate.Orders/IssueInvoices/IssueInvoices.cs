using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>
/// Issues the invoices of completed orders, in the order of their completion. A job of its own, so that no order waits for the counter of another; what costs
/// nothing gets none.
/// </summary>
internal sealed class IssueInvoices(InvoiceStore invoices, OrderStore orders, CustomerStore customers, CreditNotes credits, Outbox outbox) : RecurringJob
{
    private const int Batch = 50;

    public override string Name => "orders.issue-invoices";

    public override TimeSpan Every => TimeSpan.FromMinutes(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var due = await invoices.UninvoicedAsync(tx, Batch, cancellation);
        if (due.Count == 0)
        {
            return false;
        }

        var settings = await invoices.SettingsAsync(tx, cancellation);
        foreach (var id in due)
        {
            var whole = (await orders.WholeAsync(tx, id, cancellation))!;
            var order = whole.Order;
            if (order.Total > 0)
            {
                var number = await invoices.AddAsync(tx, new Invoice
                {
                    Number = 0, Kind = InvoiceKind.Invoice, OrderId = id, CustomerId = order.CustomerId, SubscriptionId = order.SubscriptionId, Currency = order.Currency, Total = order.Total,
                    Tax = Tax.In(order.Total, settings.TaxBasisPoints), TaxBasisPoints = settings.TaxBasisPoints, IssuedAt = default, Seller = settings.Seller, TaxId = settings.TaxId,
                    Buyer = BuyerOf(await customers.FindAsync(tx, order.CustomerId, cancellation)),
                    Lines = [.. whole.Details.Select(d => new InvoiceLine(d.Description, d.Quantity, d.UnitAmount, d.Amount))],
                }, cancellation);
                await outbox.AddAsync(
                    tx, "invoice.issued", FormattableString.Invariant($"invoice/{number}"),
                    Json.Write(new { Id = number, Kind = InvoiceKind.Invoice, OrderId = id, order.CustomerId, order.SubscriptionId, order.Total, order.Currency }), cancellation);
            }

            if (order.Total < 0)
            {
                await credits.OfOrderAsync(tx, order, cancellation);
            }

            await invoices.MarkAsync(tx, id, cancellation);
        }

        return due.Count == Batch;
    }

    private static string BuyerOf(Customer? customer) => customer is null ? "" : string.Join('\n', new[]
    {
        customer.Contact?.Company is { Length: > 0 } company && company != customer.Name ? company : "", customer.Name, customer.Contact?.Address1 ?? "", customer.Contact?.Address2 ?? "",
        $"{customer.Contact?.Zip} {customer.Contact?.City}".Trim(), customer.Contact?.State ?? "", customer.Contact?.Country ?? "",
    }.Where(line => line.Length > 0));
}
