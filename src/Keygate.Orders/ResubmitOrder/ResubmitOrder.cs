using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Starts the failed items of an order again; the others are left alone. Each goes on where it stopped: nothing that happened is repeated, and
/// where it is unknown whether a key was made, that is looked into first.
/// </summary>
public sealed class ResubmitOrder
{
    private readonly OrderStore _orders;
    private readonly OrderFlow _flow;
    private readonly OrderSettling _settling;
    private readonly OrderReader _reader;
    private readonly WorkQueue _work;
    private readonly LicenseProvisioning _provisioning;
    private readonly Audit _audit;

    internal ResubmitOrder(
        OrderStore orders, OrderFlow flow, OrderSettling settling, OrderReader reader, WorkQueue work, LicenseProvisioning provisioning, Audit audit) =>
        (_orders, _flow, _settling, _reader, _work, _provisioning, _audit) = (orders, flow, settling, reader, work, provisioning, audit);

    /// <summary>Refused where no item has failed, and for an order that is not paid.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, OrderId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _flow.LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        if (order.Owed > 0 && !order.State.IsFinal())
        {
            return OrdersErrors.Unpaid.Because($"Order {id} is {order.State.Name()}: {Currency.Shown(order.Owed, order.Currency)} are owed.");
        }

        if (!(await _flow.MoveAsync(tx, order, OrderOperation.Resubmit, OrderOutcome.UnderWay, "Resubmitted: the failed items are started again.", actor, cancellation)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        await _audit.AddAsync(tx, actor, "order.resubmitted", $"order/{id}", null, cancellation);
        var about = await _flow.AboutAsync(tx, order, cancellation);

        // All are marked before the first goes on, or the order would fail again by those whose turn has not come.
        var again = new List<Item>();
        foreach (var item in (await _orders.ItemsAsync(tx, id, cancellation)).Where(i => i.Status == ItemStatus.Failed))
        {
            if (await _flow.SubmitAsync(tx, order, about, item, cancellation))
            {
                again.Add((await _orders.FindItemAsync(tx, item.Id, cancellation))!);
            }
        }

        foreach (var item in again)
        {
            if (!(await ContinueAsync(tx, about.Plan, item, cancellation)).TryGet(out _, out refusal))
            {
                return refusal;
            }
        }

        await _settling.SettleAsync(tx, id, "", cancellation);
        return await _reader.ShowAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/resubmit",
        (OrderId id, HttpContext http, WriteDoor door, ResubmitOrder handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("ResubmitOrder").WithTags("Orders").WithSummary("Start the failed items of an order again.");

    private async Task<Result<Done>> ContinueAsync(Tx tx, Plan plan, Item item, CancellationToken cancellation)
    {
        if (item is { Kind: ItemKind.Upgrade, WorkId: { } change })
        {
            return await _work.ResubmitAsync(tx, change, cancellation);
        }

        if (item.WorkId is null)
        {
            await _flow.StartAsync(tx, plan, item, cancellation);
            return Done.It;
        }

        if ((await _work.ViewAsync(tx, [item.Id.Subject], cancellation)).FirstOrDefault(v => v.IsOpen) is { } own && own.IsStopped)
        {
            return await _work.ResubmitAsync(tx, own.Id, cancellation);
        }

        // The item's own process waits; the license's is what stopped.
        return await _provisioning.StartAsync(tx, item.LicenseId!.Value, plan.InstallerId is null ? Until.Retrieved : Until.Installed, item.WorkId, cancellation);
    }
}
