using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>A status that a script wants an order to have.</summary>
/// <param name="Status">Its code, such as PD.</param>
/// <param name="Signature">The checksum of the order as the script saw it.</param>
/// <param name="By">Through which door it comes; stands in the order's log.</param>
public sealed record ChangeOrderStatusRequest(string Status, string Signature, string By);

/// <summary>
/// Brings an order into a status by the act that leads there: OP opens, HL holds, PD pays what is owed or approves, PR resubmits, CL cancels, FR marks fraud. Whoever asks shows by
/// a checksum that the order is still as they saw it.
/// </summary>
public sealed class ChangeOrderStatus
{
    private readonly OrderFlow _flow;
    private readonly OpenOrder _open;
    private readonly HoldOrder _hold;
    private readonly PayOrder _pay;
    private readonly ApproveOrder _approve;
    private readonly ResubmitOrder _resubmit;
    private readonly CancelOrder _cancel;
    private readonly MarkFraud _fraud;

    internal ChangeOrderStatus(OrderFlow flow, OpenOrder open, HoldOrder hold, PayOrder pay, ApproveOrder approve, ResubmitOrder resubmit, CancelOrder cancel, MarkFraud fraud) =>
        (_flow, _open, _hold, _pay, _approve, _resubmit, _cancel, _fraud) = (flow, open, hold, pay, approve, resubmit, cancel, fraud);

    /// <summary>Refused where the checksum is another, and where no act leads from the present state to that status.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, ChangeOrderStatusRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        var signed = Signed(OrderRow.Of(order), order.Comment);
        if (!string.Equals(Checksum(signed), request.Signature, StringComparison.Ordinal))
        {
            return OrdersErrors.SignatureStale.Because($"The signature '{request.Signature}' is not the checksum of '{signed}'");
        }

        var why = new OrderReason { Reason = request.By };
        return (order.State, request.Status) switch
        {
            (OrderState.NW or OrderState.HL, nameof(OrderState.OP)) => await _open.HandleAsync(tx, id, why, actor, cancellation),
            (_, nameof(OrderState.HL)) => await _hold.HandleAsync(tx, id, why, actor, cancellation),
            (OrderState.WP, nameof(OrderState.PD)) => await _pay.HandleAsync(
                tx, id, new PayOrderRequest { Amount = order.Owed, Currency = order.Currency, Reference = request.By, Note = "Reported as paid." }, actor, cancellation),
            (OrderState.WA, nameof(OrderState.PD)) => await _approve.HandleAsync(tx, id, why, actor, cancellation),
            (OrderState.PF, nameof(OrderState.PR)) => await _resubmit.HandleAsync(tx, id, actor, cancellation),
            (_, nameof(OrderState.CL)) => await _cancel.HandleAsync(tx, id, why, actor, cancellation),
            (_, nameof(OrderState.FR)) => await _fraud.HandleAsync(tx, id, why, actor, cancellation),
            _ when !OrderStates.Names.ContainsKey(request.Status) => OrdersErrors.StateUnknown.Because($"'{request.Status}' is no order state."),
            _ => OrdersErrors.StatusUnreachable.Because($"Order {id} is {order.State} ({order.State.Name()}), and no act leads from there to {request.Status}."),
        };
    }

    /// <summary>The order's number, as the Billing API words it.</summary>
    public static string Number(OrderRow order) => string.Create(CultureInfo.InvariantCulture, $"{order.Type}{order.Id.Value:D6}");

    /// <summary>What the checksum is made of: id, number, creation time, currency with total, description, each without blanks at its end.</summary>
    public static string Signed(OrderRow order, string description) => string.Concat(
        new[]
        {
            order.Id.ToString(), Number(order), order.CreatedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Total(order), description,
        }.Select(part => part.TrimEnd()));

    /// <summary>The checksum: MD5 in lower-case hex. It tells a stale view, it proves nothing.</summary>
    public static string Checksum(string signed)
    {
#pragma warning disable CA5351 // The foreign interface fixes it, and nothing is protected by it.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5351
    }

    private static string Total(OrderRow order)
    {
        var shown = Currency.Shown(order.Total, order.Currency);
        return $"{order.Currency} {shown[..^(order.Currency.Length + 1)]}";
    }
}
