using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A payment that somebody saw come in.</summary>
public sealed record PayOrderRequest
{
    /// <summary>In minor units; exactly what is owed.</summary>
    public long Amount { get; init; }

    /// <summary>The order's currency.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The payer's or bank's reference.</summary>
    public string Reference { get; init; } = "";

    /// <summary>A note.</summary>
    public string Note { get; init; } = "";

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => [.. new[] { Texts.Text(Reference, "reference"), Texts.Text(Note, "note") }.OfType<Error>()];
}

/// <summary>
/// Records a payment by hand and starts what it pays for: in the same transaction the license requests are written and their processes stand
/// ready, so that no paid order can be forgotten.
/// </summary>
public sealed class PayOrder
{
    private readonly OrderStore _orders;
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal PayOrder(OrderStore orders, OrderFlow flow, OrderReader reader, Audit audit) => (_orders, _flow, _reader, _audit) = (orders, flow, reader, audit);

    /// <summary>Refused where nothing is owed, the amount is another, or the order's state takes no payment.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, PayOrderRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        if (order.Owed == 0)
        {
            return OrdersErrors.NothingOwed.Because(order.Total == 0 ? $"Order {id} costs nothing." : $"Order {id} is paid.");
        }

        var outcome = order.ApprovalNeeded ? OrderOutcome.ApprovalNeeded : OrderOutcome.Done;
        if (!OrderMoves.May(order.State, OrderOperation.Pay))
        {
            return OrderMoves.Refusal(id, order.State, OrderOperation.Pay);
        }

        if (request.Amount != order.Owed || request.Currency != order.Currency)
        {
            return OrdersErrors.AmountWrong
                .Because($"{Currency.Shown(request.Amount, request.Currency)} were given, {Currency.Shown(order.Owed, order.Currency)} are owed.")
                .At(request.Currency != order.Currency ? "currency" : "amount");
        }

        order = await _orders.AddPaymentAsync(tx, order, request.Amount, request.Reference.Trim(), request.Note.Trim(), actor, cancellation);
        await _audit.AddAsync(tx, actor, "order.paid", $"order/{id}", Currency.Shown(request.Amount, order.Currency), cancellation);
        var moved = await _flow.MoveAsync(
            tx, order, OrderOperation.Pay, outcome, $"{Currency.Shown(request.Amount, order.Currency)} received{(request.Reference.Length > 0 ? $", reference {request.Reference}" : "")}.", actor, cancellation);
        if (moved.IsDone && moved.Value.State == OrderState.PD)
        {
            moved = await _flow.ProvisionAsync(tx, moved.Value, cancellation);
        }

        return moved.TryGet(out _, out var refusal) ? await _reader.ShowAsync(tx, id, cancellation) : refusal;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/pay",
        (OrderId id, PayOrderRequest request, HttpContext http, WriteDoor door, PayOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("PayOrder").WithTags("Orders").WithSummary("Record a payment; provisioning starts in the same transaction.");
}
