using Keygate.Kernel;
using Keygate.Orders;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing.Bm;

/// <summary>Orders: looking at them, and bringing them on (reference 5.9).</summary>
internal sealed class OrderMethods(OrderReader reader, ListOrders list, ChangeOrderStatus change, ShowSubscription subscription) : IBillingMethods
{
    private const string Fields =
        "OrderID, OrderNumber, VendorAccountID, CustomerID, OrderStatusID, OrderTypeID, CreationTime, OrderDate, Total, TaxTotal, DiscountTotal, MerchTotal, Comments, ExpirationDate, PromoCode, SalesBranchID, "
        + "SalesPersonID, CurrencyID, CompletedDate";

    private static readonly BillingParameter OrderId = BillingParameter.Int("OrderID", "the order");

    public IEnumerable<BillingMethod> All =>
    [
        new(Bm.Server, "GetOrder_API", "Shows an order.", [OrderId], $"ItemResult: {Fields}", ShowAsync),
        new(Bm.Server, "OrderByStatusListGet_API", "Lists the orders of a type in a status, placed since a time.",
            [
                BillingParameter.Vendor, BillingParameter.Text("OrderTypeID", "the type's code, such as SO; empty for any", 2), BillingParameter.Text("OrderStatusID", "the status' code, such as WP; empty for any", 2),
                BillingParameter.Int("StartTime", "placed at or after this time"), BillingParameter.SortNo,
            ],
            $"ListResult: {Fields}", ListAsync),
        new(Bm.Server, "GetOrderLogList", "Lists what happened to an order.", [OrderId, BillingParameter.SortNo], "ListResult: LogID (its place in this log), StatusID, StatusName, Descr, Login, Date", LogAsync),
        new(Bm.Server, "GetSubscriptionsListByOrder_API", "Lists the subscriptions of an order.", [OrderId, BillingParameter.SortNo], "ListResult: SubscriptionID, Name, PlanID, Status, ServStatus", SubscriptionsAsync),
        new(Bm.Server, "SalesOrderGetSalesOrderBySubscList", "Lists the orders of a subscription.", [BillingParameter.Int("SubscriptionID", "the subscription"), BillingParameter.SortNo], $"ListResult: {Fields}", OfSubscriptionAsync),
        new(Bm.Server, "OrderStatusChange_API", "Brings an order into another status.",
            [OrderId, BillingParameter.Text("OrderStatusID", "the status' code", 2), BillingParameter.Text("Signature", "the checksum of the order as it was read", 40)], $"ItemResult: {Fields}", ChangeAsync)
        {
            Changes = true,
            Notes = "`OP` opens, `HL` holds, `PD` says that the order waiting for payment is paid in full, or approves one that waits for approval, `PR` submits what failed again, `CL` cancels, `FR` marks fraud. "
                + "The signature is the MD5, in lower-case hex, of OrderID, OrderNumber, CreationTime, CurrencyID with a blank and Total with the currency's decimals, and Comments, each trimmed at the right, joined without "
                + "anything between. Where it does not fit the fault shows the text that was hashed here.",
        },
    ];

    private async Task<Result<BillingAnswer>> ShowAsync(BillingCall call, CancellationToken cancellation) =>
        (await reader.ShowAsync(call.Session, Keygate.Orders.OrderId.Of(call.Int("OrderID")), cancellation)).Map(o => new BillingAnswer(Row(o, o.Comment)));

    private async Task<Result<BillingAnswer>> ListAsync(BillingCall call, CancellationToken cancellation)
    {
        if (Wire.Foreign(call) is { } foreign)
        {
            return foreign;
        }

        var (type, status) = (call.Text("OrderTypeID"), call.Text("OrderStatusID"));
        OrderState? state = null;
        if (status.Length > 0)
        {
            if (!OrderStates.Names.ContainsKey(status))
            {
                return OrdersErrors.StateUnknown.Because($"'{status}' is no order state.");
            }

            // A code that the reference knows and no order enters is a good question with an empty answer.
            if (!Enum.TryParse<OrderState>(status, out var known))
            {
                return BillingAnswer.List([], -1);
            }

            state = known;
        }

        if (!(await Wire.AllAsync(page => list.HandleAsync(call.Session, state, null, null, page, cancellation))).TryGet(out var orders, out var refusal))
        {
            return refusal;
        }

        return await RowsAsync(call, orders.Where(o => (type.Length == 0 || o.Type == type) && Wire.Time(o.CreatedAt) >= call.Int("StartTime")), cancellation);
    }

    private async Task<Result<BillingAnswer>> LogAsync(BillingCall call, CancellationToken cancellation) =>
        (await reader.ShowAsync(call.Session, Keygate.Orders.OrderId.Of(call.Int("OrderID")), cancellation)).Map(o => BillingAnswer.List(
            o.Log.Select((l, i) => XmlRpcArray.Create(i + 1, l.To, l.ToName, l.Why, l.Actor, Wire.Time(l.At))), call.Int("SortNo")));

    private async Task<Result<BillingAnswer>> SubscriptionsAsync(BillingCall call, CancellationToken cancellation)
    {
        if (!(await reader.ShowAsync(call.Session, Keygate.Orders.OrderId.Of(call.Int("OrderID")), cancellation)).TryGet(out var order, out var refusal))
        {
            return refusal;
        }

        return (await subscription.HandleAsync(call.Session, order.SubscriptionId, cancellation)).Map(s =>
            BillingAnswer.List([XmlRpcArray.Create(s.Id.Value, s.Name, s.PlanId.Value, s.StatusCode, s.ServStatusCode)], call.Int("SortNo")));
    }

    private async Task<Result<BillingAnswer>> OfSubscriptionAsync(BillingCall call, CancellationToken cancellation) =>
        (await subscription.HandleAsync(call.Session, SubscriptionId.Of(call.Int("SubscriptionID")), cancellation)).TryGet(out var s, out var refusal)
            ? await RowsAsync(call, s.Orders, cancellation)
            : refusal;

    private async Task<Result<BillingAnswer>> ChangeAsync(BillingCall call, CancellationToken cancellation)
    {
        var request = new ChangeOrderStatusRequest(call.Text("OrderStatusID"), call.Text("Signature"), "Billing API");
        return (await change.HandleAsync(call.Tx, Keygate.Orders.OrderId.Of(call.Int("OrderID")), request, call.Actor, cancellation)).Map(o => new BillingAnswer(Row(o, o.Comment)));
    }

    private async Task<Result<BillingAnswer>> RowsAsync(BillingCall call, IEnumerable<OrderRow> orders, CancellationToken cancellation)
    {
        var rows = new List<XmlRpcArray>();
        foreach (var order in orders)
        {
            if (!(await reader.ShowAsync(call.Session, order.Id, cancellation)).TryGet(out var whole, out var refusal))
            {
                return refusal;
            }

            rows.Add(Row(whole, whole.Comment));
        }

        return BillingAnswer.List(rows, call.Int("SortNo"));
    }

    private static XmlRpcArray Row(OrderRow o, string? comment) => XmlRpcArray.Create(
        o.Id.Value, ChangeOrderStatus.Number(o), Wire.Vendor, o.CustomerId.Value, o.State, o.Type, Wire.Time(o.CreatedAt), Wire.Time(o.CreatedAt), Wire.Money(o.Total, o.Currency), Wire.Money(0, o.Currency),
        Wire.Money(0, o.Currency), Wire.Money(o.Total, o.Currency), comment ?? "", 0, "", BillingCall.Null, BillingCall.Null, o.Currency, Wire.Time(o.CompletedAt));
}
