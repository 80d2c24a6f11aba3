using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Which subscription gets a license.</summary>
public sealed record AssignLicenseRequest
{
    /// <summary>The subscription's number.</summary>
    public required SubscriptionId SubscriptionId { get; init; }
}

/// <summary>
/// Assigns a license that is stock to a subscription, which must have a free resource for its class and one for each feature and each additional license;
/// and takes it back while nothing is installed. Installing is an act of its own, and the installer of the subscription's plan does it.
/// </summary>
public sealed class AssignLicense
{
    private readonly SubscriptionStore _subscriptions;
    private readonly PlanStore _plans;
    private readonly CustomerStore _customers;
    private readonly LicenseAssignment _assignment;
    private readonly LicenseReader _licenses;
    private readonly Audit _audit;

    internal AssignLicense(SubscriptionStore subscriptions, PlanStore plans, CustomerStore customers, LicenseAssignment assignment, LicenseReader licenses, Audit audit) =>
        (_subscriptions, _plans, _customers, _assignment, _licenses, _audit) = (subscriptions, plans, customers, assignment, licenses, audit);

    /// <summary>Refused where the license is not stock, and with all resources that the subscription lacks.</summary>
    public async Task<Result<LicenseDetails>> HandleAsync(Tx tx, LicenseId id, AssignLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _assignment.LockStockAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (await _subscriptions.LockAsync(tx, request.SubscriptionId, cancellation) is not { } subscription)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {request.SubscriptionId}.").At("subscriptionId");
        }

        if (!SubscriptionMoves.IsInGoodStanding(subscription.Status))
        {
            return OrdersErrors.NotInGoodStanding.Because($"Subscription {subscription.Id} is {subscription.Status}.").At("subscriptionId");
        }

        var resources = (await _subscriptions.ResourcesAsync(tx, subscription.Id, cancellation)).Where(r => r.Gate == Gates.Licenses).ToList();
        var held = await _licenses.OfSubscriptionAsync(tx, subscription.Id.Value, cancellation);
        var used = held.Count(l => l.KeyType == license.KeyType && l.Ordered && l.Status is not (LicenseState.Terminated or LicenseState.Expired));
        var faults = new List<Error>();
        foreach (var command in license.Features.Concat(license.AddOns).Prepend(license.KeyType).Distinct())
        {
            var units = resources.Where(r => r.Command == command).Sum(r => r.Quantity);
            if (units == 0 || (command == license.KeyType && units <= used))
            {
                faults.Add(OrdersErrors.ResourceLacking.Because(units == 0
                    ? $"Subscription {subscription.Id} has no resource for {command}."
                    : $"Subscription {subscription.Id} has {units} of {command}, and {used} licenses use them.").At("subscriptionId"));
            }
        }

        if (Error.Of(faults) is { } lacking)
        {
            return lacking;
        }

        var customer = await _customers.FindAsync(tx, subscription.CustomerId, cancellation);
        var plan = await _plans.FindHeadAsync(tx, subscription.PlanId, cancellation);
        var holder = new LicenseHolder(subscription.CustomerId.Value, customer?.Name, subscription.Id.Value, subscription.Name, plan?.InstallerId, subscription.Target);
        await _assignment.AssignAsync(tx, id, holder, actor, cancellation);
        await _audit.AddAsync(tx, actor, "license.assigned", id.Subject, $"subscription/{subscription.Id}", cancellation);
        return await _licenses.ShowAsync(tx, id, cancellation);
    }

    /// <summary>Takes a license back to stock.</summary>
    public async Task<Result<LicenseDetails>> UnassignAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _assignment.UnassignAsync(tx, id, actor, cancellation)).TryGet(out _, out var error))
        {
            return error;
        }

        await _audit.AddAsync(tx, actor, "license.unassigned", id.Subject, "", cancellation);
        return await _licenses.ShowAsync(tx, id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/licenses/{id}/assign",
            (LicenseId id, AssignLicenseRequest request, HttpContext http, WriteDoor door, AssignLicense handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("AssignLicense").WithTags("Licenses").WithSummary("Assign a license that is stock to a subscription.");
        routes.MapPost(
            "/licenses/{id}/unassign",
            (LicenseId id, HttpContext http, WriteDoor door, AssignLicense handler) =>
                door.WriteAsync(http, null, (tx, actor) => handler.UnassignAsync(tx, id, actor, http.RequestAborted)))
            .WithName("UnassignLicense").WithTags("Licenses").WithSummary("Take a license that is not installed back to stock.");
    }
}
