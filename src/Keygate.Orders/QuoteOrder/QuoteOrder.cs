using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>What is to be ordered.</summary>
public sealed record QuoteOrderRequest
{
    /// <summary>One of the plan's periods; null for its first.</summary>
    public PlanPeriodId? PlanPeriodId { get; init; }

    /// <summary>What is ordered; what the plan puts into each order need not be named.</summary>
    public IReadOnlyList<ResourceInput> Resources { get; init; } = [];
}

/// <summary>What an order would cost, line by line as it would be placed.</summary>
/// <param name="Currency">The plan's currency.</param>
/// <param name="Total">What is paid with the order, in minor units.</param>
/// <param name="Renewal">What each further period costs.</param>
/// <param name="Lines">The lines; what costs nothing has none.</param>
public sealed record OrderQuote(string Currency, long Total, long Renewal, IReadOnlyList<DetailView> Lines);

/// <summary>
/// The price of an order before it is placed. Writes nothing; refused where the plan does not allow it, with all faults at once. Whether the plan is on sale, and what its
/// issuer has withdrawn meanwhile, is judged when the order is placed.
/// </summary>
public sealed class QuoteOrder
{
    private readonly PlanStore _plans;
    private readonly CatalogReader _catalog;

    internal QuoteOrder(PlanStore plans, CatalogReader catalog) => (_plans, _catalog) = (plans, catalog);

    /// <summary>Checks it by the plan as a placement does, and counts.</summary>
    public async Task<Result<OrderQuote>> HandleAsync(Session session, PlanId id, QuoteOrderRequest request, CancellationToken cancellation)
    {
        if (await _plans.FindAsync(session, id, cancellation) is not { } plan)
        {
            return OrdersErrors.PlanUnknown.Because($"There is no plan {id}.");
        }

        var faults = new List<Error>(new PlaceOrderRequest { Resources = request.Resources }.Faults());
        var period = PlaceOrderRules.Period(request.PlanPeriodId, plan, faults);
        var contents = PlaceOrderRules.Contents(request.Resources, plan, await _catalog.GetAsync(session, cancellation), faults);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        var lines = PlaceOrderRules.Details(plan, period!, contents);
        return new OrderQuote(
            plan.Currency, lines.Sum(l => l.Amount), period!.RenewalFee + lines.Where(l => l.Kind == DetailKind.ResourceRecurring).Sum(l => l.Amount),
            [.. lines.Select(DetailView.Of)]);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/plans/{id:int}/quote",
        (PlanId id, QuoteOrderRequest request, HttpContext http, Database database, QuoteOrder handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, id, request, http.RequestAborted), http.RequestAborted))
        .WithName("QuoteOrder").WithTags("Plans").WithSummary("What an order of a plan would cost, before it is placed.");
}
