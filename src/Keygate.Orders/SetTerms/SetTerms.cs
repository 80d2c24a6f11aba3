using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Terms for a plan.</summary>
public sealed record SetTermsRequest
{
    /// <summary>The terms; null where subscriptions of the plan run on by themselves.</summary>
    public ServiceTerms? Terms { get; init; }
}

/// <summary>Sets when subscriptions of a plan are renewed and what becomes of those that are not paid. They hold at once, for subscriptions that run too.</summary>
public sealed class SetTerms
{
    private readonly PlanStore _plans;
    private readonly Audit _audit;

    internal SetTerms(PlanStore plans, Audit audit) => (_plans, _audit) = (plans, audit);

    /// <summary>Refused where there is no such plan, and with all faults at once.</summary>
    public async Task<Result<PlanView>> HandleAsync(Tx tx, PlanId id, SetTermsRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Terms?.Faults() ?? []) is { } fault)
        {
            return fault;
        }

        if (await _plans.FindHeadAsync(tx, id, cancellation) is null)
        {
            return OrdersErrors.PlanNotFound.Because($"There is no plan {id}.");
        }

        await _plans.SetTermsAsync(tx, id, request.Terms, cancellation);
        await _audit.AddAsync(tx, actor, "plan.terms", $"plan/{id}", Json.Write(request), cancellation);
        return PlanView.Of((await _plans.FindAsync(tx, id, cancellation))!);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPut(
        "/plans/{id}/terms",
        (PlanId id, SetTermsRequest request, HttpContext http, WriteDoor door, SetTerms handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("SetPlanTerms").WithTags("Plans").WithSummary("Set when subscriptions of the plan are renewed, and the days of grace and hold of those that are not paid.");
}
