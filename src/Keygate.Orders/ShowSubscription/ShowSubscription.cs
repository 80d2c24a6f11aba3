using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>One subscription, whole.</summary>
public sealed class ShowSubscription
{
    private readonly SubscriptionStore _subscriptions;
    private readonly OrderStore _orders;
    private readonly LicenseReader _licenses;

    internal ShowSubscription(SubscriptionStore subscriptions, OrderStore orders, LicenseReader licenses) =>
        (_subscriptions, _orders, _licenses) = (subscriptions, orders, licenses);

    /// <summary>The subscription; refused where there is none.</summary>
    public async Task<Result<SubscriptionView>> HandleAsync(Session session, SubscriptionId id, CancellationToken cancellation)
    {
        if (await _subscriptions.FindAsync(session, id, cancellation) is not { } s)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        return new SubscriptionView
        {
            Id = s.Id, Name = s.Name, CustomerId = s.CustomerId, PlanId = s.PlanId, PlanPeriodId = s.PlanPeriodId, Status = s.Status, StatusCode = (int)s.Status,
            ServStatus = s.ServStatus, ServStatusCode = (int)s.ServStatus, StartDate = s.StartDate, ExpirationDate = s.ExpirationDate, EndsWithPeriod = s.EndsWithPeriod,
            Server = s.Server, ServerAssignedAt = s.ServerAssignedAt,
            Target = s.Target.Length == 0 ? null : s.Target,
            IpAddresses = s.Addresses,
            Activation = s.HardwareId is null && s.Instance is null ? null : new ActivationInput(s.HardwareId, s.Instance),
            Resources = [.. (await _subscriptions.ResourcesAsync(session, id, cancellation)).Select(r => new SubscriptionResource(
                r.ResourceId, r.RateId, r.Gate, r.Command, r.Kind, r.Name, r.Category, r.Quantity, r.IncludedUnits, r.MinUnits, r.MaxUnits))],
            Licenses = [.. (await _licenses.OfSubscriptionAsync(session, id.Value, cancellation)).OrderBy(l => l.Id.Value)],
            Orders = [.. (await _orders.ListAsync(session, null, null, id, long.MaxValue, PageRequest.LimitMax, cancellation)).Select(OrderRow.Of)],
            Possible = s.ServStatus == ServiceStatus.Removing ? [] : SubscriptionMoves.For(s.Status),
            History = [.. (await _subscriptions.HistoryAsync(session, id, cancellation)).Select(h => new SubscriptionMoment(h.At, h.Actor, h.Status, h.ServStatus, h.Why))],
        };
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/subscriptions/{id}",
        (SubscriptionId id, HttpContext http, Database database, ShowSubscription handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted))
        .WithName("ShowSubscription").WithTags("Subscriptions").WithSummary("One subscription with its resources, licenses, orders and status history.");
}
