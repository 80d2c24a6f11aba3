using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>The plans by number.</summary>
public sealed class ListPlans
{
    private readonly PlanStore _plans;

    internal ListPlans(PlanStore plans) => _plans = plans;

    /// <summary>One page; refuses a cursor of another list.</summary>
    public Task<Result<Page<PlanRow>>> HandleAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync("plans", (after, rows) => _plans.ListAsync(session, after, rows, cancellation), p => p.Id.Value, PlanRow.Of);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/plans",
        (int? limit, string? cursor, HttpContext http, Database database, ListPlans handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithName("ListPlans").WithTags("Plans").WithSummary("Plans by number.");
}
