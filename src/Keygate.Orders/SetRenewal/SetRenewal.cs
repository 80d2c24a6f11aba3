using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Whether a subscription is renewed.</summary>
public sealed record SetRenewalRequest
{
    /// <summary>True to place renewal orders by its plan's terms; false to let it end with its period.</summary>
    public bool Automatic { get; init; }
}

/// <summary>Lets a subscription end with its period, or takes that back. An unpaid renewal order is cancelled with the first.</summary>
public sealed class SetRenewal
{
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderStore _orders;
    private readonly OrderFlow _flow;
    private readonly ShowSubscription _show;
    private readonly Audit _audit;

    internal SetRenewal(SubscriptionStore subscriptions, OrderStore orders, OrderFlow flow, ShowSubscription show, Audit audit) =>
        (_subscriptions, _orders, _flow, _show, _audit) = (subscriptions, orders, flow, show, audit);

    /// <summary>May be repeated. Refused where there is no such subscription.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, SetRenewalRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!request.Automatic && await _orders.OpenOfAsync(tx, id, cancellation) is { } open && (await _orders.FindAsync(tx, open, cancellation))!.IsRenewal)
        {
            await _flow.GiveUpAsync(tx, open, "The subscription is to end with its period.", actor, cancellation);
        }

        if (await _subscriptions.LockAsync(tx, id, cancellation) is not { } subscription)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        if (subscription.EndsWithPeriod == request.Automatic)
        {
            await _subscriptions.SetRenewalAsync(tx, id, !request.Automatic, cancellation);
            await _audit.AddAsync(tx, actor, request.Automatic ? "subscription.renews" : "subscription.ends-with-period", id.Subject, null, cancellation);
        }

        return await _show.HandleAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/renewal",
        (SubscriptionId id, SetRenewalRequest request, HttpContext http, WriteDoor door, SetRenewal handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("SetRenewal").WithTags("Subscriptions").WithSummary("Let a subscription be renewed by its plan's terms, or end with its period.");
}
