using Keygate.Accounts;
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
        admin.MapPost("/subscriptions/{id:int}/suspend", (SubscriptionId id, [FromForm] string? reason, HttpContext http, SuspendSubscription handler) =>
            ActAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new OrderReason { Reason = reason }, actor, http.RequestAborted), "said.suspended")).DisableAntiforgery();
        admin.MapPost("/subscriptions/{id:int}/resume", (SubscriptionId id, [FromForm] string? reason, HttpContext http, ResumeSubscription handler) =>
            ActAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new OrderReason { Reason = reason }, actor, http.RequestAborted), "said.resumed-subscription")).DisableAntiforgery();
        admin.MapPost("/subscriptions/{id:int}/cancel", (SubscriptionId id, [FromForm] string? reason, HttpContext http, CancelSubscription handler) =>
            ActAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new CancelSubscriptionRequest { Reason = reason }, actor, http.RequestAborted), "said.cancelled-subscription")).DisableAntiforgery();
    }

    private static Task<IResult> ActAsync(HttpContext http, SubscriptionId id, Func<Tx, Actor, Task<Result<SubscriptionView>>> act, string said) =>
        Screens.ActAsync(http, act, _ => ($"/admin/subscriptions/{id}", Frame.Of(http).Words[said]), () => ShowAsync(http, id));

    private static Task<IResult> ShowAsync(HttpContext http, SubscriptionId id) => Screens.Get<Database>(http).ReadAsync(
        async s => Screens.Show<SubscriptionPage, SubscriptionView>(http, await Screens.Get<ShowSubscription>(http).HandleAsync(s, id, http.RequestAborted)), http.RequestAborted);
}
