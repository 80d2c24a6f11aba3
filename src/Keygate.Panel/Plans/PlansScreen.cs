using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>The plans with their periods and resource rates.</summary>
internal static class PlansScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/plans", (string? cursor, HttpContext http, Database database, ListPlans list) =>
            database.ReadAsync(async s => Screens.Show<PlansPage, Page<PlanRow>>(
                http, await list.HandleAsync(s, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null)), http.RequestAborted));
        admin.MapGet("/plans/{id:int}", (PlanId id, HttpContext http, Database database, ShowPlan handler) =>
            database.ReadAsync(async s => Screens.Show<PlanPage, PlanView>(http, await handler.HandleAsync(s, id, http.RequestAborted)), http.RequestAborted));
    }
}
