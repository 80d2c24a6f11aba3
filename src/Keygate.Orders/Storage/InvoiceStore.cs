using Keygate.Accounts;
using Keygate.Storage;

namespace Keygate.Orders.Storage;

/// <summary>Invoices and credit notes. Nothing of them is ever changed.</summary>
internal sealed class InvoiceStore(TimeProvider time)
{
    private const string Columns =
        """
        number, kind, order_id, credits, customer_id, subscription_id, currency, total, tax, tax_basis_points, seller, tax_id, buyer, reason, by_order, issued_at
        """;

    /// <summary>Who issues and the tax that prices contain.</summary>
    public async Task<Invoicing> SettingsAsync(Session session, CancellationToken cancellation) =>
        await session.FindAsync<SettingsRow>("select seller, tax_id, tax_basis_points from invoicing where id = 1", null, cancellation) is { } row
            ? new Invoicing { Seller = row.Seller, TaxId = row.TaxId, TaxBasisPoints = row.TaxBasisPoints }
            : new Invoicing();

    public async Task SetAsync(Tx tx, Invoicing settings, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("delete from invoicing where id = 1", null, cancellation);
        await tx.ExecuteAsync(
            "insert into invoicing(id, seller, tax_id, tax_basis_points, changed_at) values (1, @Seller, @TaxId, @TaxBasisPoints, @now)",
            new { settings.Seller, settings.TaxId, settings.TaxBasisPoints, now = time.GetUtcNow() }, cancellation);
    }

    /// <summary>Completed orders without an invoice, in the order of their completion.</summary>
    public Task<List<OrderId>> UninvoicedAsync(Session session, int limit, CancellationToken cancellation) =>
        session.QueryAsync<OrderId>("select id from orders where state = 'CP' and not invoiced order by completed_at, id limit @limit", new { limit }, cancellation);

    public Task MarkAsync(Tx tx, OrderId order, CancellationToken cancellation) => tx.LaterAsync("update orders set invoiced = @yes where id = @order", new { order, yes = true }, cancellation);

    /// <summary>Issues a document under the next number, which is given with the commit: so numbers have no gaps. Returns the number.</summary>
    public async Task<int> AddAsync(Tx tx, Invoice invoice, CancellationToken cancellation)
    {
        var number = await tx.GetAsync<int>($"select last_number from invoice_numbers where id = 1{tx.Dialect.ForUpdate}", null, cancellation) + 1;
        await tx.LaterAsync("update invoice_numbers set last_number = @number where id = 1", new { number }, cancellation);
        await tx.LaterAsync(
            """
            insert into invoices(number, kind, order_id, credits, customer_id, subscription_id, currency, total, tax, tax_basis_points, seller, tax_id, buyer, reason, by_order, issued_at)
            values (@number, @Kind, @OrderId, @Credits, @CustomerId, @SubscriptionId, @Currency, @Total, @Tax, @TaxBasisPoints, @Seller, @TaxId, @Buyer, @Reason, @ByOrder, @now)
            """,
            new
            {
                number, Kind = invoice.Kind.ToString(), invoice.OrderId, invoice.Credits, invoice.CustomerId, invoice.SubscriptionId, invoice.Currency, invoice.Total, invoice.Tax,
                invoice.TaxBasisPoints, invoice.Seller, invoice.TaxId, invoice.Buyer, Reason = invoice.Reason ?? "", invoice.ByOrder, now = time.GetUtcNow(),
            }, cancellation);
        foreach (var line in invoice.Lines)
        {
            await tx.LaterAsync(
                "insert into invoice_lines(invoice, description, quantity, unit_amount, amount) values (@number, @Description, @Quantity, @UnitAmount, @Amount)",
                new { number, line.Description, line.Quantity, line.UnitAmount, line.Amount }, cancellation);
        }

        return number;
    }

    /// <summary>The invoice, kept until the transaction ends, so that two credits see each other; null where there is none.</summary>
    public async Task<Invoice?> LockAsync(Tx tx, int number, CancellationToken cancellation)
    {
        await tx.QueryAsync<int>($"select number from invoices where number = @number{tx.Dialect.ForUpdate}", new { number }, cancellation);
        return await FindAsync(tx, number, cancellation);
    }

    public async Task<Invoice?> FindAsync(Session session, int number, CancellationToken cancellation)
    {
        if (await session.FindAsync<Row>($"select {Columns} from invoices where number = @number", new { number }, cancellation) is not { } row)
        {
            return null;
        }

        var lines = await session.QueryAsync<LineRow>("select description, quantity, unit_amount, amount from invoice_lines where invoice = @number order by id", new { number }, cancellation);
        return new Invoice
        {
            Number = row.Number, Kind = row.Kind, OrderId = row.OrderId, Credits = row.Credits, CustomerId = row.CustomerId, SubscriptionId = row.SubscriptionId, Currency = row.Currency,
            Total = row.Total, Tax = row.Tax, TaxBasisPoints = row.TaxBasisPoints, IssuedAt = row.IssuedAt, Seller = row.Seller, TaxId = row.TaxId, Buyer = row.Buyer,
            Reason = row.Reason.Length == 0 ? null : row.Reason, ByOrder = row.ByOrder, Lines = [.. lines.Select(l => new InvoiceLine(l.Description, l.Quantity, l.UnitAmount, l.Amount))],
        };
    }

    /// <summary>What credit notes have given back of an invoice: sum and tax, both negative or nought.</summary>
    public async Task<(long Total, long Tax)> CreditedAsync(Session session, int number, CancellationToken cancellation)
    {
        var rows = await session.QueryAsync<Row>($"select {Columns} from invoices where credits = @number", new { number }, cancellation);
        return (rows.Sum(r => r.Total), rows.Sum(r => r.Tax));
    }

    /// <summary>The invoices of a subscription, newest first.</summary>
    public Task<List<int>> OfSubscriptionAsync(Session session, SubscriptionId subscription, CancellationToken cancellation) => session.QueryAsync<int>(
        "select number from invoices where subscription_id = @subscription and kind = @kind order by number desc", new { subscription, kind = nameof(InvoiceKind.Invoice) }, cancellation);

    /// <summary>
    /// What of a subscription can still be given back: what its completed orders charged and gave back, with or without a document so far, and what persons gave back beside them. What was
    /// completed before there were invoices does not count.
    /// </summary>
    public Task<long> CreditableAsync(Session session, SubscriptionId subscription, CancellationToken cancellation) => session.GetAsync<long>(
        """
        select cast(coalesce((select sum(o.total) from orders o where o.subscription_id = @subscription and o.state = 'CP'
            and (o.total < 0 or o.invoiced = @no or exists (select 1 from invoices i where i.order_id = o.id and i.kind = 'Invoice'))), 0)
          + coalesce((select sum(total) from invoices where subscription_id = @subscription and kind = 'CreditNote' and by_order is null), 0) as bigint)
        """, new { subscription, no = false }, cancellation);

    public async Task<List<InvoiceRow>> ListAsync(Session session, AccountId? customer, OrderId? order, long before, int limit, CancellationToken cancellation)
    {
        var where = (customer is null ? "" : " and customer_id = @customer") + (order is null ? "" : " and order_id = @order");
        var rows = await session.QueryAsync<Row>(
            $"select {Columns} from invoices where number < @before{where} order by number desc limit @limit", new { customer, order, before, limit }, cancellation);
        return [.. rows.Select(row => new InvoiceRow
        {
            Number = row.Number, Kind = row.Kind, OrderId = row.OrderId, Credits = row.Credits, CustomerId = row.CustomerId, SubscriptionId = row.SubscriptionId, Currency = row.Currency,
            Total = row.Total, Tax = row.Tax, TaxBasisPoints = row.TaxBasisPoints, ByOrder = row.ByOrder, IssuedAt = row.IssuedAt,
        })];
    }

    private sealed class Row
    {
        public int Number { get; init; }
        public InvoiceKind Kind { get; init; }
        public OrderId OrderId { get; init; }
        public int? Credits { get; init; }
        public AccountId CustomerId { get; init; }
        public SubscriptionId SubscriptionId { get; init; }
        public string Currency { get; init; } = "";
        public long Total { get; init; }
        public long Tax { get; init; }
        public int TaxBasisPoints { get; init; }
        public string Seller { get; init; } = "";
        public string TaxId { get; init; } = "";
        public string Buyer { get; init; } = "";
        public string Reason { get; init; } = "";
        public OrderId? ByOrder { get; init; }
        public DateTimeOffset IssuedAt { get; init; }
    }

    private sealed class LineRow
    {
        public string Description { get; init; } = "";
        public int Quantity { get; init; }
        public long UnitAmount { get; init; }
        public long Amount { get; init; }
    }

    private sealed class SettingsRow
    {
        public string Seller { get; init; } = "";
        public string TaxId { get; init; } = "";
        public int TaxBasisPoints { get; init; }
    }
}
