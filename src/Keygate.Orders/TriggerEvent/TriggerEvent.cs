using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>An event that somebody triggers by hand or by script.</summary>
public sealed record EventRequest
{
    /// <summary>Its type: <c>Creation Completed</c> or <c>Server Assigned</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its parameters: <c>Name=Value; Name=Value</c>.</summary>
    public string Parameters { get; init; } = "";
}

/// <summary>Takes an event as another system words it, and does what a call of ours would do.</summary>
public sealed class TriggerEvent
{
    private readonly CompleteItem _complete;
    private readonly AssignServer _assign;
    private readonly OrderStore _orders;
    private readonly SubscriptionStore _subscriptions;

    internal TriggerEvent(CompleteItem complete, AssignServer assign, OrderStore orders, SubscriptionStore subscriptions) =>
        (_complete, _assign, _orders, _subscriptions) = (complete, assign, orders, subscriptions);

    /// <summary>May be repeated; refused where the type is not known or the parameters cannot be read.</summary>
    public Task<Result<CallbackAnswer>> HandleAsync(Tx tx, EventRequest request, Actor actor, CancellationToken cancellation) => request.Type.Trim() switch
    {
        var type when Is(type, CreationCompleted.TypeName) => CompleteAsync(tx, request, actor, cancellation),
        var type when Is(type, ServerAssigned.TypeName) => AssignAsync(tx, request, actor, cancellation),
        _ => Task.FromResult<Result<CallbackAnswer>>(OrdersErrors.EventUnknown.Because($"'{request.Type}' is no event type that can be triggered.").At("type")),
    };

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/events",
        (EventRequest request, HttpContext http, WriteDoor door, TriggerEvent handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
        .WithName("TriggerEvent").WithTags("Orders").WithSummary("Trigger Event: 'Creation Completed' or 'Server Assigned' with a parameter string.");

    private static bool Is(string type, string name) => string.Equals(type, name, StringComparison.OrdinalIgnoreCase);

    private async Task<Result<CallbackAnswer>> CompleteAsync(Tx tx, EventRequest request, Actor actor, CancellationToken cancellation) =>
        CreationCompleted.Read(request).TryGet(out var said, out var error)
            ? await _complete.HandleAsync(tx, said.Item, said.Subscription, said.Answer, actor, cancellation)
            : error;

    private async Task<Result<CallbackAnswer>> AssignAsync(Tx tx, EventRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!ServerAssigned.Read(request).TryGet(out var said, out var error))
        {
            return error;
        }

        var before = await _subscriptions.FindAsync(tx, said.Subscription, cancellation);
        if (!(await _assign.HandleAsync(tx, said.Subscription, said.Request, actor, cancellation)).TryGet(out _, out error))
        {
            return error;
        }

        var ignored = before?.Server is null ? null : $"Server '{before.Server}' was assigned at {before.ServerAssignedAt:yyyy-MM-dd HH:mm:ss} UTC.";
        var item = (await _orders.FindHostingItemAsync(tx, said.Subscription, cancellation))!;
        await _orders.AddCallbackAsync(tx, item.Id, true, $"Dedicated server {said.Request.Server}", ignored, actor, cancellation);
        return new CallbackAnswer
        {
            ItemId = item.Id,
            OrderId = item.OrderId,
            Accepted = ignored is null,
            IgnoredBecause = ignored,
            ItemStatus = item.Status,
            OrderState = (await _orders.FindAsync(tx, item.OrderId, cancellation))!.State.ToString(),
        };
    }
}
