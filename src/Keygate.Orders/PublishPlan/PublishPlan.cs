using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>
/// Puts a plan on sale, or takes it off. Subscriptions and placed orders are not touched. A plan of which orders would fail at the issuer is not put on sale.
/// </summary>
public sealed class PublishPlan
{
    private readonly PlanStore _plans;
    private readonly CheckPlan _check;
    private readonly Audit _audit;

    internal PublishPlan(PlanStore plans, CheckPlan check, Audit audit) => (_plans, _check, _audit) = (plans, check, audit);

    /// <summary>May be repeated.</summary>
    public async Task<Result<PlanView>> HandleAsync(Tx tx, PlanId id, bool published, Actor actor, CancellationToken cancellation)
    {
        if (await _plans.FindAsync(tx, id, cancellation) is not { } plan)
        {
            return OrdersErrors.PlanNotFound.Because($"There is no plan {id}.");
        }

        if (published && (await _check.CheckAsync(tx, plan, cancellation)).Refusal() is { } fails)
        {
            return fails;
        }

        await _plans.PublishAsync(tx, id, published, cancellation);

        await _audit.AddAsync(tx, actor, published ? "plan.published" : "plan.withdrawn", $"plan/{id}", null, cancellation);
        return PlanView.Of((await _plans.FindAsync(tx, id, cancellation))!);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/plans/{id}/publish", (PlanId id, HttpContext http, WriteDoor door, Database database, FetchOffer fetch, CheckPlan check, PublishPlan handler) =>
                CheckPlan.EnsuredAsync(
                    database, fetch, check, id, () => door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, true, actor, http.RequestAborted)), http.RequestAborted))
            .WithName("PublishPlan").WithTags("Plans").WithSummary("Put the plan on sale; refused where orders of it would fail at the issuer.");
        routes.MapPost("/plans/{id}/withdraw", (PlanId id, HttpContext http, WriteDoor door, PublishPlan handler) =>
                door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, false, actor, http.RequestAborted)))
            .WithName("WithdrawPlan").WithTags("Plans").WithSummary("Take the plan off sale.");
    }
}
