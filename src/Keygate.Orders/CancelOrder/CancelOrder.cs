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
/// Ends an order unfulfilled: before provisioning began, or after it failed. Refused while it is unknown whether a key was made, and where one
/// was: a key that nobody uses would be paid for each month.
/// </summary>
public sealed class CancelOrder
{
    private readonly OrderStore _orders;
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly WorkQueue _work;
    private readonly WithdrawLicense _withdraw;
    private readonly LicenseChanges _changes;
    private readonly Audit _audit;

    internal CancelOrder(OrderStore orders, OrderFlow flow, OrderReader reader, WorkQueue work, WithdrawLicense withdraw, LicenseChanges changes, Audit audit) =>
        (_orders, _flow, _reader, _work, _withdraw, _changes, _audit) = (orders, flow, reader, work, withdraw, changes, audit);

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

        if (!OrderMoves.Next(id, order.State, OrderOperation.Cancel, OrderOutcome.Done).TryGet(out var to, out var refusal)
            || (refusal = await StopWorkAsync(tx, order, request.Or(""), actor, cancellation)) is not null)
        {
            return refusal;
        }

        await _audit.AddAsync(tx, actor, "order.cancelled", $"order/{id}", request.Reason, cancellation);
        var why = order.Paid > 0 ? $"{request.Or("")} ({Currency.Shown(order.Paid, order.Currency)} were paid and are to be refunded by hand.)" : request.Or("");
        await _flow.EndAsync(tx, order, OrderOperation.Cancel, to, why, actor, cancellation);
        return await _reader.ShowAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders/{id}/cancel",
        (OrderId id, OrderReason request, HttpContext http, WriteDoor door, CancelOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("CancelOrder").WithTags("Orders").WithSummary("Cancel an order, with a reason.");

    private async Task<Error?> StopWorkAsync(Tx tx, Order order, string why, Actor actor, CancellationToken cancellation)
    {
        var items = await _orders.ItemsAsync(tx, order.Id, cancellation);
        if (order.IsChange)
        {
            // A change that has begun is finished, or the key would be neither the one nor the other.
            return items is [{ WorkId: not null, ChangesLicense: { } changed }] && !(await _changes.UndoAsync(tx, changed, actor, cancellation)).TryGet(out _, out var begun) ? begun : null;
        }

        if (await _reader.KeyedAsync(tx, order, items, cancellation) is { } keyed)
        {
            return OrdersErrors.KeyAlive.Because($"License {keyed.Id} has the key {keyed.KeyNumber} and is {keyed.Status}.")
                .Mend($"Mend what stopped it and resubmit the order; or terminate the license with 'keygate license terminate {keyed.Id} --reason WHY', then cancel the order.");
        }

        // What waits ends before what it waits for, or its end would be taken for the awaited news.
        var subjects = items.Where(i => i.WorkId is not null).Select(i => i.Id.Subject).Concat(items.Select(i => i.LicenseId).OfType<LicenseId>().Select(l => l.Subject)).ToList();

        // What looks for keys that were made late for a license, and ends them, must outlive the order.
        var open = subjects.Count == 0 ? [] : (await _work.ViewAsync(tx, subjects, cancellation))
            .Where(v => v.IsOpen && (AttentionReader.LicenseOf(v) is null || AttentionReader.IsProvisioning(v))).ToList();
        foreach (var view in open.OrderBy(v => subjects.IndexOf(v.Subject)))
        {
            if (!(await _work.CancelAsync(tx, view.Id, $"Order {order.Id} is cancelled: {why}", cancellation)).TryGet(out _, out var refusal))
            {
                return refusal;
            }
        }

        // A request that is left without an order must not be issued by hand.
        foreach (var license in items.Select(i => i.LicenseId).OfType<LicenseId>())
        {
            if (!(await _withdraw.HandleAsync(tx, license, $"order {order.Id} is cancelled", actor, cancellation)).TryGet(out _, out var refusal)
                && refusal.Code != LicensingErrors.MoveNotAllowed.Code)
            {
                return refusal;
            }
        }

        return null;
    }
}
