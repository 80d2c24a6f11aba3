using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Opens a new or held order and lets it go on. It is checked again; what no longer fits leaves it on hold and says why.</summary>
public sealed class OpenOrder
{
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal OpenOrder(OrderFlow flow, OrderReader reader, Audit audit) => (_flow, _reader, _audit) = (flow, reader, audit);

    /// <summary>Refused where its state does not allow it.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, OrderReason? request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        await _audit.AddAsync(tx, actor, "order.opened", $"order/{id}", request?.Reason, cancellation);
        var why = (request ?? new OrderReason()).Or("Opened by hand.");
        return (await _flow.OpenAsync(tx, order, why, actor, check: true, cancellation)).TryGet(out _, out var refusal)
            ? await _reader.ShowAsync(tx, id, cancellation)
            : refusal;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/open",
        (OrderId id, OrderReason? request, HttpContext http, WriteDoor door, OpenOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("OpenOrder").WithTags("Orders").WithSummary("Open a new or held order.");
}
