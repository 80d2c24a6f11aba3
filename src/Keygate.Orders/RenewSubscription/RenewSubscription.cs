using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Places the renewal order of a subscription now, whatever its plan's terms say.</summary>
public sealed class RenewSubscription
{
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderStore _orders;
    private readonly Renewals _renewals;
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal RenewSubscription(SubscriptionStore subscriptions, OrderStore orders, Renewals renewals, OrderFlow flow, OrderReader reader, Audit audit) =>
        (_subscriptions, _orders, _renewals, _flow, _reader, _audit) = (subscriptions, orders, renewals, flow, reader, audit);

    /// <summary>Refused where there is no such subscription, while an order is open, and where its status or its dates allow no renewal.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, SubscriptionId id, Actor actor, CancellationToken cancellation)
    {
        if (await _subscriptions.LockAsync(tx, id, cancellation) is not { } subscription)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        if (!SubscriptionMoves.Next(id, subscription.Status, SubscriptionOperation.Renew).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        if (subscription.ExpirationDate is null)
        {
            return OrdersErrors.PeriodEndUnknown.Because($"Subscription {id} has no period that ends.");
        }

        if (await _orders.OpenOfAsync(tx, id, cancellation) is { } open)
        {
            return OrdersErrors.SubscriptionBusy.Because($"Subscription {id} has the open order {open}.");
        }

        var order = await _renewals.PlaceAsync(tx, subscription, "Placed by hand.", actor, cancellation);
        await _audit.AddAsync(tx, actor, "order.placed", $"order/{order.Id}", $"Renewal of {id.Subject}", cancellation);
        return (await _flow.OpenAsync(tx, order, "Opened with its placement.", actor, check: false, cancellation)).TryGet(out _, out var fault)
            ? await _reader.ShowAsync(tx, order.Id, cancellation)
            : fault;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/renew",
        (SubscriptionId id, HttpContext http, WriteDoor door, RenewSubscription handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RenewSubscription").WithTags("Subscriptions").WithSummary("Place the renewal order of a subscription now.");
}
