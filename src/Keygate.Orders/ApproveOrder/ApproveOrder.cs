using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Gives the word that the order's plan wants; provisioning starts in the same transaction.</summary>
public sealed class ApproveOrder
{
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal ApproveOrder(OrderFlow flow, OrderReader reader, Audit audit) => (_flow, _reader, _audit) = (flow, reader, audit);

    /// <summary>Refused where its state does not allow it.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, OrderReason? request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        await _audit.AddAsync(tx, actor, "order.approved", $"order/{id}", request?.Reason, cancellation);
        var why = (request ?? new OrderReason()).Or("Approved.");
        var moved = await _flow.MoveAsync(tx, order, OrderOperation.Approve, OrderOutcome.Done, why, actor, cancellation);
        if (moved.IsDone)
        {
            moved = await _flow.ProvisionAsync(tx, moved.Value, cancellation);
        }

        return moved.TryGet(out _, out var refusal) ? await _reader.ShowAsync(tx, id, cancellation) : refusal;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/approve",
        (OrderId id, OrderReason? request, HttpContext http, WriteDoor door, ApproveOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("ApproveOrder").WithTags("Orders").WithSummary("Approve an order whose plan wants it.");
}
