using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>One plan, whole.</summary>
public sealed class ShowPlan
{
    private readonly PlanStore _plans;

    internal ShowPlan(PlanStore plans) => _plans = plans;

    /// <summary>The plan; refused where there is none.</summary>
    public async Task<Result<PlanView>> HandleAsync(Session session, PlanId id, CancellationToken cancellation) =>
        await _plans.FindAsync(session, id, cancellation) is { } plan ? PlanView.Of(plan) : OrdersErrors.PlanNotFound.Because($"There is no plan {id}.");

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/plans/{id}",
        (PlanId id, HttpContext http, Database database, ShowPlan handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted))
        .WithName("ShowPlan").WithTags("Plans").WithSummary("One plan with its periods and resource rates.");
}
