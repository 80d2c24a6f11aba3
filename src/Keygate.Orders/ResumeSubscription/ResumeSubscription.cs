using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Lets a suspended subscription go on: its licenses are in good standing again, their keys resumed and their copies installed again.</summary>
public sealed class ResumeSubscription
{
    private readonly MoveSubscription _move;
    private readonly LicenseStandings _standings;
    private readonly ShowSubscription _show;

    internal ResumeSubscription(MoveSubscription move, LicenseStandings standings, ShowSubscription show) => (_move, _standings, _show) = (move, standings, show);

    /// <summary>Refused where it is not suspended, and without a reason.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, OrderReason request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _move.LockAsync(tx, id, SubscriptionOperation.Resume, request, actor, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        await _move.MoveAsync(tx, found.Subscription, found.To, ServiceStatus.Running, "subscription.resumed", request, actor, cancellation);
        await _standings.RegainAsync(tx, id.Value, $"Subscription {id} goes on: {request.Or("")}", actor, cancellation);
        return await _show.HandleAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/resume",
        (SubscriptionId id, OrderReason request, HttpContext http, WriteDoor door, ResumeSubscription handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("ResumeSubscription").WithTags("Subscriptions").WithSummary("Let a suspended subscription go on, with a reason: its keys are resumed and its copies installed again.");
}
