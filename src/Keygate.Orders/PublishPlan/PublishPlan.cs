using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Puts a plan on sale, or takes it off. Subscriptions and placed orders are not touched.</summary>
public sealed class PublishPlan
{
    private readonly PlanStore _plans;
    private readonly Audit _audit;

    internal PublishPlan(PlanStore plans, Audit audit) => (_plans, _audit) = (plans, audit);

    /// <summary>May be repeated.</summary>
    public async Task<Result<PlanView>> HandleAsync(Tx tx, PlanId id, bool published, Actor actor, CancellationToken cancellation)
    {
        if (await _plans.PublishAsync(tx, id, published, cancellation) == 0)
        {
            return OrdersErrors.PlanNotFound.Because($"There is no plan {id}.");
        }

        await _audit.AddAsync(tx, actor, published ? "plan.published" : "plan.withdrawn", $"plan/{id}", null, cancellation);
        return PlanView.Of((await _plans.FindAsync(tx, id, cancellation))!);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (verb, published) in new[] { ("publish", true), ("withdraw", false) })
        {
            routes.MapPost(
                $"/plans/{{id}}/{verb}",
                (PlanId id, HttpContext http, WriteDoor door, PublishPlan handler) =>
                    door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, published, actor, http.RequestAborted)))
                .WithName(published ? "PublishPlan" : "WithdrawPlan").WithTags("Plans")
                .WithSummary(published ? "Put the plan on sale." : "Take the plan off sale.");
        }
    }
}
