using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>The order list, newest first.</summary>
public sealed class ListOrders
{
    private readonly OrderStore _orders;

    internal ListOrders(OrderStore orders) => _orders = orders;

    /// <summary>One page; refuses a cursor of another filter.</summary>
    public Task<Result<Page<OrderRow>>> HandleAsync(
        Session session, OrderState? state, AccountId? customer, SubscriptionId? subscription, PageRequest page, CancellationToken cancellation) =>
        page.NewestFirstAsync(
            $"orders {state} {customer} {subscription}",
            (before, rows) => _orders.ListAsync(session, state, customer, subscription, before, rows, cancellation), o => o.Id.Value, OrderRow.Of);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/orders",
        async (string? state, AccountId? customerId, SubscriptionId? subscriptionId, int? limit, string? cursor, HttpContext http, Database database, ListOrders handler) =>
        {
            OrderState? of = null;
            if (state is not null)
            {
                if (!OrderStates.Names.ContainsKey(state.ToUpperInvariant()))
                {
                    return OrdersErrors.StateUnknown.Because($"'{state}' is no order state.").At("state");
                }

                // A code that the reference knows and no order enters is a good question with an empty answer.
                if (!Enum.TryParse<OrderState>(state, ignoreCase: true, out var parsed))
                {
                    return new Page<OrderRow>([], null);
                }

                of = parsed;
            }

            return await database.ReadAsync(
                s => handler.HandleAsync(s, of, customerId, subscriptionId, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted);
        })
        .WithName("ListOrders").WithTags("Orders").WithSummary("Orders, newest first.");
}
