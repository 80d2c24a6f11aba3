using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>Writes credit notes: for a person, and for orders that give something back. All in the caller's transaction.</summary>
internal sealed class CreditNotes(InvoiceStore invoices, Outbox outbox)
{
    /// <summary>What of an invoice can still be given back.</summary>
    public async Task<long> LeftAsync(Tx tx, Invoice invoice, CancellationToken cancellation) => invoice.Total + (await invoices.CreditedAsync(tx, invoice.Number, cancellation)).Total;

    /// <summary>Gives back a part of a locked invoice, at most what is left of it. Returns the number of the note.</summary>
    public async Task<int> AddAsync(Tx tx, Invoice invoice, long amount, string reason, OrderId? byOrder, CancellationToken cancellation)
    {
        var (credited, creditedTax) = await invoices.CreditedAsync(tx, invoice.Number, cancellation);

        // With the last part all of the tax is back, however it was rounded before.
        var tax = amount == invoice.Total + credited ? invoice.Tax + creditedTax : Math.Min(Tax.In(amount, invoice.TaxBasisPoints), invoice.Tax + creditedTax);
        var note = await invoices.AddAsync(tx, invoice with
        {
            Kind = InvoiceKind.CreditNote, Credits = invoice.Number, Total = -amount, Tax = -tax, Reason = reason, ByOrder = byOrder,
            Lines = [new InvoiceLine($"Credit for invoice {invoice.Number}: {reason}", 1, -amount, -amount)],
        }, cancellation);
        await outbox.AddAsync(
            tx, "invoice.credited", FormattableString.Invariant($"invoice/{note}"),
            Json.Write(new
            {
                Id = note, Kind = InvoiceKind.CreditNote, Credits = invoice.Number, invoice.OrderId, invoice.CustomerId, invoice.SubscriptionId, Total = -amount, invoice.Currency, Why = reason,
            }), cancellation);
        return note;
    }

    /// <summary>What an order gives back, taken from the invoices of its subscription, the newest first.</summary>
    public async Task OfOrderAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var open = -order.Total;
        foreach (var number in await invoices.OfSubscriptionAsync(tx, order.SubscriptionId, cancellation))
        {
            var invoice = (await invoices.LockAsync(tx, number, cancellation))!;
            var amount = Math.Min(open, await LeftAsync(tx, invoice, cancellation));
            if (amount > 0)
            {
                await AddAsync(tx, invoice, amount, order.Comment, order.Id, cancellation);
                open -= amount;
            }
        }

        if (open > 0)
        {
            throw new InvalidOperationException($"Order {order.Id} gives back {-order.Total}, of which {open} were never invoiced.");
        }
    }
}
