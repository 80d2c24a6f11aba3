using System.Data.Common;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Which dedicated server a subscription gets.</summary>
public sealed record AssignServerRequest
{
    /// <summary>The server's name; one server is one subscription's.</summary>
    public string Server { get; init; } = "";

    /// <summary>Its addresses, which its licenses are bound to; none for those that were ordered.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>Where licenses are installed, in the words of the plan's installer; empty for what was ordered, else the server's name.</summary>
    public string Target { get; init; } = "";

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() =>
        [.. new[] { Texts.Name(Server, "server"), Texts.Text(Target, "target") }.OfType<Error>(), .. PlaceOrderRules.Addresses(IpAddresses)];
}

/// <summary>
/// Assigns a dedicated server to a subscription that waits for one: its hosting is done with that, and its licenses, Not Assigned until then, go on by
/// themselves. May be repeated with the same server.
/// </summary>
public sealed class AssignServer
{
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderStore _orders;
    private readonly PlanStore _plans;
    private readonly LicenseAssignment _assignment;
    private readonly ShowSubscription _show;
    private readonly WorkQueue _work;
    private readonly Audit _audit;

    internal AssignServer(
        SubscriptionStore subscriptions, OrderStore orders, PlanStore plans, LicenseAssignment assignment, ShowSubscription show, WorkQueue work, Audit audit) =>
        (_subscriptions, _orders, _plans, _assignment, _show, _work, _audit) = (subscriptions, orders, plans, assignment, show, work, audit);

    /// <summary>Refused where the subscription gets no server, has another one, or the server is somebody else's.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Tx tx, SubscriptionId id, AssignServerRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        // The order comes first, as for whoever else changes it.
        var item = await _orders.FindHostingItemAsync(tx, id, cancellation);
        if (item is not null)
        {
            await _orders.LockAsync(tx, item.OrderId, cancellation);
        }

        if (await _subscriptions.LockAsync(tx, id, cancellation) is not { } subscription)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        var server = request.Server.Trim();
        if (subscription.Server == server)
        {
            return await _show.HandleAsync(tx, id, cancellation);
        }

        if (await RefusalAsync(tx, subscription, server, cancellation) is { } refusal)
        {
            return refusal;
        }

        var target = new[] { request.Target.Trim(), subscription.Target, server }.First(t => t.Length > 0);
        try
        {
            await _subscriptions.AssignServerAsync(tx, id, server, target, request.IpAddresses.Count > 0 ? request.IpAddresses : subscription.Addresses, cancellation);
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            return OrdersErrors.ServerTaken.Because($"Server '{server}' was assigned to another subscription just now.").At("server");
        }

        await _assignment.AssignServerAsync(tx, id.Value, server, target, request.IpAddresses, actor, cancellation);
        await _audit.AddAsync(tx, actor, "subscription.server-assigned", $"subscription/{id}", server, cancellation);
        if (item is not null)
        {
            await _work.WakeAsync(tx, HostSubscription.KindName, item.Id.Subject, cancellation);
        }

        return await _show.HandleAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/subscriptions/{id}/assign-server",
        (SubscriptionId id, AssignServerRequest request, HttpContext http, WriteDoor door, AssignServer handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("AssignServer").WithTags("Subscriptions").WithSummary("Assign a dedicated server; the licenses that waited for it go on.");

    private async Task<Error?> RefusalAsync(Tx tx, Subscription subscription, string server, CancellationToken cancellation)
    {
        var plan = (await _plans.FindAsync(tx, subscription.PlanId, cancellation))!;
        if (plan.HostingGate != HostingGate.DedicatedServer)
        {
            return OrdersErrors.ServerNotAwaited.Because($"Subscription {subscription.Id} is of plan {plan.Id} ({plan.Name}), which has no dedicated server.");
        }

        if (subscription.Status is SubscriptionStatus.Canceled or SubscriptionStatus.Terminated)
        {
            return OrdersErrors.ServerNotAwaited.Because($"Subscription {subscription.Id} is {subscription.Status}.");
        }

        if (subscription.Server is { } present)
        {
            return OrdersErrors.ServerAssigned.Because($"Subscription {subscription.Id} has the server '{present}' since {subscription.ServerAssignedAt:yyyy-MM-dd HH:mm:ss} UTC.");
        }

        return await _subscriptions.FindByServerAsync(tx, server, cancellation) is { } other
            ? OrdersErrors.ServerTaken.Because($"Server '{server}' belongs to subscription {other.Id} ({other.Name}).").At("server")
            : null;
    }
}
