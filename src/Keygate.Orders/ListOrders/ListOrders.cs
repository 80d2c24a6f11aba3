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
    public async Task<Result<Page<OrderRow>>> HandleAsync(
        Session session, OrderState? state, AccountId? customer, SubscriptionId? subscription, PageRequest page, CancellationToken cancellation)
    {
        var mark = $"orders {state} {customer} {subscription}";
        var before = long.MaxValue;
        if (page.Cursor is { } cursor && !Cursor.TryRead(cursor, mark, out _, out before))
        {
            return KernelErrors.CursorForeign.At("cursor");
        }

        var rows = await _orders.ListAsync(session, state, customer, subscription, before, page.Limit + 1, cancellation);
        var next = rows.Count > page.Limit ? Cursor.After(mark, "", rows[page.Limit - 1].Id.Value) : null;
        return new Page<OrderRow>([.. rows.Take(page.Limit).Select(OrderRow.Of)], next);
    }

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
