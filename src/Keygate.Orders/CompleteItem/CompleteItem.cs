using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>What the hosting side says of its item: the callback of OI_CREATE.</summary>
public sealed record CompleteItemRequest
{
    /// <summary>True when the service was created.</summary>
    public required bool IssuedSuccessfully { get; init; }

    /// <summary>In its words; the reason where it failed.</summary>
    public string Message { get; init; } = "";

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => Texts.Text(Message, "message") is { } fault ? [fault] : [];
}

/// <summary>What became of a callback.</summary>
public sealed record CallbackAnswer
{
    /// <summary>The item.</summary>
    public required ItemId ItemId { get; init; }

    /// <summary>Its order.</summary>
    public required OrderId OrderId { get; init; }

    /// <summary>True when it counted.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Why it was passed over; null where it counted.</summary>
    public string? IgnoredBecause { get; init; }

    /// <summary>How far the item is now.</summary>
    public required ItemStatus ItemStatus { get; init; }

    /// <summary>The order's state now.</summary>
    public required string OrderState { get; init; }
}

/// <summary>
/// Takes the hosting side's word for its item and lets the order go on. A success counts also after a failure, since it is the way out of a
/// lost answer; what comes late or twice is listed as ignored, with the reason, and is no error.
/// </summary>
public sealed class CompleteItem
{
    private readonly OrderStore _orders;
    private readonly PlanStore _plans;
    private readonly OrderSettling _settling;
    private readonly WorkQueue _work;

    internal CompleteItem(OrderStore orders, PlanStore plans, OrderSettling settling, WorkQueue work) =>
        (_orders, _plans, _settling, _work) = (orders, plans, settling, work);

    /// <summary>May be repeated.</summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="id">The item.</param>
    /// <param name="subscription">The subscription that the caller takes it for; null where it did not say.</param>
    /// <param name="request">What was said.</param>
    /// <param name="actor">Who said it.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async Task<Result<CallbackAnswer>> HandleAsync(
        Tx tx, ItemId id, SubscriptionId? subscription, CompleteItemRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await _orders.FindItemAsync(tx, id, cancellation) is not { } found)
        {
            return OrdersErrors.ItemNotFound.Because($"There is no provisioning item {id}.");
        }

        if (subscription is { } named && named != found.SubscriptionId)
        {
            return OrdersErrors.SubscriptionForeign.Because($"Item {id} belongs to subscription {found.SubscriptionId}, not to {named}.");
        }

        var order = (await _orders.LockAsync(tx, found.OrderId, cancellation))!;
        var item = (await _orders.FindItemAsync(tx, id, cancellation))!;
        var ignored = Ignored(order, item, (await _plans.FindHeadAsync(tx, order.PlanId, cancellation))!, request.IssuedSuccessfully);
        var message = request.Message.Trim();
        await _orders.AddCallbackAsync(tx, id, request.IssuedSuccessfully, message, ignored, actor, cancellation);
        if (ignored is null)
        {
            await _orders.AnswerItemAsync(tx, id, request.IssuedSuccessfully, message.Length > 0 || request.IssuedSuccessfully ? message : "The hosting side gave no reason.", cancellation);
            if (!(await GoOnAsync(tx, item, cancellation)).TryGet(out _, out var refusal))
            {
                return refusal;
            }
        }

        return new CallbackAnswer
        {
            ItemId = id,
            OrderId = order.Id,
            Accepted = ignored is null,
            IgnoredBecause = ignored,
            ItemStatus = (await _orders.FindItemAsync(tx, id, cancellation))!.Status,
            OrderState = (await _orders.FindAsync(tx, order.Id, cancellation))!.State.ToString(),
        };
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/provisioning-items/{id}/callback",
        (ItemId id, CompleteItemRequest request, HttpContext http, WriteDoor door, CompleteItem handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, null, request, actor, http.RequestAborted)))
        .WithName("CompleteItem").WithTags("Orders").WithSummary("Say that the hosting service of an item was created, or was not.");

    private static string? Ignored(Order order, Item item, Plan plan, bool successfully) => item switch
    {
        { Kind: ItemKind.Renewal } => "The item is a renewal; its payment completes it.",
        { Kind: ItemKind.Upgrade } => "The item is a change; the change of the license completes it.",
        { Kind: ItemKind.Cancellation } => "The item is a cancellation; the end of the licenses completes it.",
        { Kind: not ItemKind.Hosting } => "The item is a license; its own process completes it.",
        { Status: ItemStatus.Completed } => $"The item was completed at {item.CompletedAt:yyyy-MM-dd HH:mm:ss}Z.",
        { Status: ItemStatus.Cancelled } => $"Order {order.Id} is {order.State.Name()}.",
        { Status: ItemStatus.NotSubmitted } => $"The item was not submitted: order {order.Id} is {order.State.Name()}.",
        _ when plan.HostingGate != HostingGate.Callback => "The plan's hosting gate takes no callbacks.",
        { Status: ItemStatus.Failed } when !successfully => "The item has failed already.",
        _ => null,
    };

    private async Task<Result<Done>> GoOnAsync(Tx tx, Item item, CancellationToken cancellation)
    {
        if (item.Status != ItemStatus.Failed)
        {
            await _work.WakeAsync(tx, HostSubscription.KindName, item.Id.Subject, cancellation);
            return Done.It;
        }

        await _settling.ContinueAsync(tx, item.OrderId, item.Id, ItemStatus.InProgress, "", cancellation);
        return await _work.ResubmitAsync(tx, item.WorkId!.Value, cancellation);
    }
}
