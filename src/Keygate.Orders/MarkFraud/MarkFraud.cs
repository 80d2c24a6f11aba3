using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Ends an order as fraud, before anything was provisioned.</summary>
public sealed class MarkFraud
{
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal MarkFraud(OrderFlow flow, OrderReader reader, Audit audit) => (_flow, _reader, _audit) = (flow, reader, audit);

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

        if (!OrderMoves.Next(id, order.State, OrderOperation.MarkFraud, OrderOutcome.Done).TryGet(out var to, out var refusal))
        {
            return refusal;
        }

        await _audit.AddAsync(tx, actor, "order.marked-fraud", $"order/{id}", request.Reason, cancellation);
        await _flow.EndAsync(tx, order, OrderOperation.MarkFraud, to, request.Or(""), actor, cancellation);
        return await _reader.ShowAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/mark-fraud",
        (OrderId id, OrderReason request, HttpContext http, WriteDoor door, MarkFraud handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("MarkFraud").WithTags("Orders").WithSummary("End an order as fraud, with a reason.");
}
