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

/// <summary>An order with the time line of its licenses.</summary>
/// <param name="Order">The order, whole.</param>
/// <param name="Timeline">The states of the order and its licenses as they happened.</param>
public sealed record OrderModel(OrderView Order, IReadOnlyList<Moment> Timeline);

/// <summary>Order details: Provisioning Items, Order Details, Order Log, and the acts that its state allows.</summary>
internal static class OrderScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        var order = admin.MapGroup("/orders/{id:int}");
        order.MapGet("", (OrderId id, HttpContext http) => ShowAsync<OrderPage>(http, id));
        order.MapGet("/live", (OrderId id, HttpContext http) => ShowAsync<OrderLive>(http, id));
        order.MapPost("/pay", (OrderId id, [FromForm] string? reference, [FromForm] string? note, HttpContext http, OrderReader reader, PayOrder handler) =>
            OnAsync(http, id, async (tx, actor) =>
            {
                // What is owed is read with the payment: the button says the amount, and another one would be refused.
                if (!(await reader.ShowAsync(tx, id, http.RequestAborted)).TryGet(out var shown, out var error))
                {
                    return error;
                }

                var request = new PayOrderRequest { Amount = shown.Total - shown.Paid, Currency = shown.Currency, Reference = reference?.Trim() ?? "", Note = note?.Trim() ?? "" };
                return await handler.HandleAsync(tx, id, request, actor, http.RequestAborted);
            }, "said.paid")).DisableAntiforgery();
        order.MapPost("/resubmit", (OrderId id, HttpContext http, ResubmitOrder handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.resubmitted"));
        order.MapPost("/open", (OrderId id, HttpContext http, OpenOrder handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, null, actor, http.RequestAborted), "said.opened"));
        order.MapPost("/approve", (OrderId id, HttpContext http, ApproveOrder handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, null, actor, http.RequestAborted), "said.order-approved"));
        order.MapPost("/hold", (OrderId id, [FromForm] string? reason, HttpContext http, HoldOrder handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, AttentionScreen.ReasonOf(reason), actor, http.RequestAborted), "said.held")).DisableAntiforgery();
        order.MapPost("/cancel", (OrderId id, [FromForm] string? reason, HttpContext http, CancelOrder handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, AttentionScreen.ReasonOf(reason), actor, http.RequestAborted), "said.cancelled")).DisableAntiforgery();
    }

    private static Task<IResult> OnAsync(HttpContext http, OrderId id, Func<Tx, Actor, Task<Result<OrderView>>> act, string said) =>
        Screens.ActAsync(http, act, _ => ($"/admin/orders/{id}", Frame.Of(http).Words[said]), () => ShowAsync<OrderPage>(http, id));

    private static Task<IResult> ShowAsync<TPage>(HttpContext http, OrderId id)
        where TPage : Page
    {
        var (database, reader, timeline) = (Screens.Get<Database>(http), Screens.Get<OrderReader>(http), Screens.Get<ShowTimeline>(http));
        return database.ReadAsync(
            async s => (await reader.ShowAsync(s, id, http.RequestAborted)).TryGet(out var order, out var error)
                ? Screens.Show<TPage>(http, ("Model", new OrderModel(order, (await timeline.HandleAsync(s, id, http.RequestAborted)).Value.Items)))
                : Screens.Fault(http, error), http.RequestAborted);
    }
}
