using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Stops an order that is not being provisioned yet, for the time being.</summary>
public sealed class HoldOrder
{
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal HoldOrder(OrderFlow flow, OrderReader reader, Audit audit) => (_flow, _reader, _audit) = (flow, reader, audit);

    /// <summary>Refused where its state does not allow it, and without a reason.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        await _audit.AddAsync(tx, actor, "order.held", $"order/{id}", request.Reason, cancellation);
        return (await _flow.MoveAsync(tx, order, OrderOperation.Hold, OrderOutcome.Done, request.Or(""), actor, cancellation)).TryGet(out _, out var refusal)
            ? await _reader.ShowAsync(tx, id, cancellation)
            : refusal;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/hold",
        (OrderId id, OrderReason request, HttpContext http, WriteDoor door, HoldOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("HoldOrder").WithTags("Orders").WithSummary("Put an order on hold, with a reason.");
}
