using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Ends a subscription for good, by a cancellation order: it is Canceled at once, its licenses are terminated each with a result of its own, purchased ones go to
/// stock, and when nothing is left it is Terminated and its service Removed, the order is complete, and what is given back gets its credit notes.
/// </summary>
public sealed class CancelSubscription
{
    private readonly MoveSubscription _move;
    private readonly Cancellations _cancellations;
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderFlow _flow;
    private readonly ShowSubscription _show;
    private readonly Audit _audit;

    internal CancelSubscription(MoveSubscription move, Cancellations cancellations, SubscriptionStore subscriptions, OrderFlow flow, ShowSubscription show, Audit audit) =>
        (_move, _cancellations, _subscriptions, _flow, _show, _audit) = (move, cancellations, subscriptions, flow, show, audit);

    /// <summary>What a cancellation would do and give back.</summary>
    public async Task<Result<CancellationPreview>> PreviewAsync(Session session, SubscriptionId id, CancelSubscriptionRequest request, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        return await _subscriptions.FindAsync(session, id, cancellation) is not { } subscription ? OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.")
            : !SubscriptionMoves.Next(id, subscription.Status, SubscriptionOperation.Cancel).TryGet(out _, out var refusal) ? refusal
            : (await _cancellations.PreviewAsync(session, subscription, request, cancellation)).Preview;
    }

    /// <summary>Refused where its status does not allow it, while an order is open, without a reason, and where it would not do what was previewed. May be repeated: it goes on where it stands.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, CancelSubscriptionRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (!(await _move.LockAsync(tx, id, SubscriptionOperation.Cancel, new OrderReason { Reason = request.Reason }, actor, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        if (found.Subscription.ServStatus == ServiceStatus.Removing)
        {
            return await _show.HandleAsync(tx, id, cancellation);
        }

        var (preview, details) = await _cancellations.PreviewAsync(tx, found.Subscription, request, cancellation);
        if (request.Token is { Length: > 0 } token && !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(preview.Token), Encoding.UTF8.GetBytes(token.Trim())))
        {
            return OrdersErrors.CancellationStale
                .Because($"The token is not that of this cancellation as it would be now: {Currency.Shown(preview.Total, preview.Currency)}; {string.Join("; ", preview.Licenses.Select(l => l.Call))}.").At("token");
        }

        await _audit.AddAsync(tx, actor, "subscription.cancelled", id.Subject, request.Reason, cancellation);
        var order = await _cancellations.PlaceAsync(tx, found.Subscription, request, preview, details, actor, cancellation);
        return (await _flow.OpenAsync(tx, order, "Opened with its placement.", actor, check: false, cancellation)).TryGet(out _, out var late)
            ? await _show.HandleAsync(tx, id, cancellation)
            : late;
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/subscriptions/{id}/cancel/preview",
            (SubscriptionId id, CancelSubscriptionRequest request, HttpContext http, Database database, CancelSubscription handler) =>
                database.ReadAsync(s => handler.PreviewAsync(s, id, request, http.RequestAborted), http.RequestAborted))
            .WithName("PreviewCancellation").WithTags("Subscriptions").WithSummary("What cancelling a subscription would do to its licenses and give back, with the token to execute it.");
        routes.MapPost(
            "/subscriptions/{id}/cancel",
            (SubscriptionId id, CancelSubscriptionRequest request, HttpContext http, WriteDoor door, CancelSubscription handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("CancelSubscription").WithTags("Subscriptions").WithSummary("End a subscription for good by a cancellation order, with a reason: its licenses are terminated, purchased ones go to stock, the rest of the period is given back where that is asked for.");
    }
}
