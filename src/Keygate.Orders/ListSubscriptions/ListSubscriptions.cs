using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>The subscription list, newest first.</summary>
public sealed class ListSubscriptions
{
    private readonly SubscriptionStore _subscriptions;

    internal ListSubscriptions(SubscriptionStore subscriptions) => _subscriptions = subscriptions;

    /// <summary>One page; refuses a cursor of another filter.</summary>
    public Task<Result<Page<SubscriptionRow>>> HandleAsync(Session session, AccountId? customer, bool awaitsServer, PageRequest page, CancellationToken cancellation) =>
        page.NewestFirstAsync(
            $"subscriptions {customer} {awaitsServer}", (before, rows) => _subscriptions.ListAsync(session, customer, awaitsServer, before, rows, cancellation), s => s.Id.Value, SubscriptionRow.Of);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/subscriptions",
        (AccountId? customerId, bool? awaitsServer, int? limit, string? cursor, HttpContext http, Database database, ListSubscriptions handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, customerId, awaitsServer ?? false, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithName("ListSubscriptions").WithTags("Subscriptions").WithSummary("Subscriptions, newest first.");
}
