using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>Sales Manager &gt; Customers Orders, and the paid orders that do not come to an end.</summary>
internal static class OrdersScreen
{
    private const int StalledMinutes = 15;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/orders", (string? state, int? customer, string? cursor, HttpContext http, Database database, ListOrders list) =>
            database.ReadAsync(async s =>
            {
                var of = Enum.TryParse<OrderState>(state, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : (OrderState?)null;
                var page = await list.HandleAsync(s, of, customer is { } c ? AccountId.Of(c) : null, null, PageRequest.Of(null, cursor), http.RequestAborted);
                return Screens.Show<OrdersPage, Page<OrderRow>>(http, page, ("State", of), ("Customer", customer), ("Further", cursor is not null));
            }, http.RequestAborted));
        admin.MapGet("/orders/stalled", (string? cursor, HttpContext http, Database database, ListStalled list) =>
            database.ReadAsync(async s => Screens.Show<StalledPage, Page<StalledOrder>>(
                http, await list.HandleAsync(s, StalledMinutes, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null), ("Minutes", StalledMinutes)),
                http.RequestAborted));
    }
}
