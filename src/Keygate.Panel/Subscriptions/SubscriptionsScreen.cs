using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>The subscriptions, with the history of their service status.</summary>
internal static class SubscriptionsScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/subscriptions", (string? awaiting, string? cursor, HttpContext http, Database database, ListSubscriptions list) =>
            database.ReadAsync(async s => Screens.Show<SubscriptionsPage, Page<SubscriptionRow>>(
                http, await list.HandleAsync(s, null, awaiting is "server", PageRequest.Of(null, cursor), http.RequestAborted),
                ("Further", cursor is not null), ("AwaitsServer", awaiting is "server")), http.RequestAborted));
        admin.MapGet("/subscriptions/{id:int}", (SubscriptionId id, HttpContext http) => ShowAsync(http, id));
        admin.MapPost("/subscriptions/{id:int}/assign-server", (SubscriptionId id, [FromForm] string? server, [FromForm] string? ipAddresses, HttpContext http, AssignServer handler) =>
        {
            var addresses = (ipAddresses ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, id, new AssignServerRequest { Server = server?.Trim() ?? "", IpAddresses = addresses }, actor, http.RequestAborted),
                _ => ($"/admin/subscriptions/{id}", Frame.Of(http).Words["said.server-assigned"]), () => ShowAsync(http, id));
        }).DisableAntiforgery();
    }

    private static Task<IResult> ShowAsync(HttpContext http, SubscriptionId id) => Screens.Get<Database>(http).ReadAsync(
        async s => Screens.Show<SubscriptionPage, SubscriptionView>(http, await Screens.Get<ShowSubscription>(http).HandleAsync(s, id, http.RequestAborted)), http.RequestAborted);
}
