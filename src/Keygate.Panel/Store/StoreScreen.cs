using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>A plan with what was chosen of it, and what that costs.</summary>
public sealed record StorePlanModel
{
    /// <summary>The plan.</summary>
    public required PlanView Plan { get; init; }

    /// <summary>The commands that are chosen.</summary>
    public required IReadOnlyList<string> Chosen { get; init; }

    /// <summary>What it costs; null where it cannot be ordered so.</summary>
    public OrderQuote? Quote { get; init; }

    /// <summary>Why it cannot be ordered so; null where it can.</summary>
    public Error? Refusal { get; init; }

    /// <summary>What the customer chooses among, by category: of a group one at most.</summary>
    public required IReadOnlyList<StoreChoice> Choices { get; init; }
}

/// <summary>A plan on sale.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="From">What the cheapest choice of it costs for a period, once it runs.</param>
public sealed record StoreOffer(PlanView Plan, long From);

/// <summary>Resources that are chosen together.</summary>
/// <param name="Category">Their category; null for the license classes.</param>
/// <param name="OneOf">True where one at most can be chosen.</param>
/// <param name="Needed">True where one must be.</param>
/// <param name="Rates">The resources with their prices.</param>
public sealed record StoreChoice(string? Category, bool OneOf, bool Needed, IReadOnlyList<RateView> Rates);

/// <summary>The store: plans with their prices, license choices with the price of what is chosen, and the order itself. Nothing needs a script.</summary>
internal static class StoreScreen
{
    private const string ChoicePrefix = "choice";

    public static void Map(IEndpointRouteBuilder store)
    {
        store.MapGet("/", (HttpContext http, Database database, ListPlans list, ShowPlan show) => database.ReadAsync(
            async s =>
            {
                var catalog = await Screens.Get<Catalog.CatalogReader>(http).GetAsync(s, http.RequestAborted);
                var plans = new List<StoreOffer>();
                foreach (var row in (await list.HandleAsync(s, PageRequest.Of(PageRequest.LimitMax, null), http.RequestAborted)).Value.Items.Where(p => p.Published))
                {
                    var plan = (await show.HandleAsync(s, row.Id, http.RequestAborted)).Value;
                    plans.Add(new StoreOffer(plan, plan.Periods[0].RenewalFee + plan.Rates.Where(r => r.MinUnits > 0).Sum(Fee) + ChoicesOf(plan, catalog).Where(c => c.Needed).Sum(c => c.Rates.Min(Fee))));
                }

                return Screens.Show<StorePage>(http, ("Model", plans));
            }, http.RequestAborted));
        store.MapGet("/plans/{id:int}", (PlanId id, HttpContext http) => ShowAsync<StorePlanPage>(http, id, http.Request.Query));
        store.MapGet("/plans/{id:int}/price", (PlanId id, HttpContext http) => ShowAsync<StorePrice>(http, id, http.Request.Query));
    }

    /// <summary>The order itself; only who is signed in comes here.</summary>
    public static void MapOrder(IEndpointRouteBuilder customers) => customers.MapPost("/plans/{id:int}/order", (PlanId id, IFormCollection form, HttpContext http, PlaceOrder handler) =>
    {
        var request = new PlaceOrderRequest { CustomerId = new AccountId(http.Actor().Id!.Value), PlanId = id, Resources = [.. Chosen(form).Select(c => new ResourceInput(c))] };
        return Screens.ActAsync(
            http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
            placed => ($"/my/orders/{placed.Id}", Frame.Of(http).Words["said.ordered"]), () => ShowAsync<StorePlanPage>(http, id, form));
    }).DisableAntiforgery();

    // Of the units that are in each order, those that cost something.
    private static long Fee(RateView rate) => rate.IncludedUnits < 0 ? 0 : rate.RecurringFee * Math.Max(0, Math.Max(1, rate.MinUnits) - rate.IncludedUnits);

    private static List<string> Chosen(IEnumerable<KeyValuePair<string, StringValues>> fields) =>
        [.. fields.Where(f => f.Key.StartsWith(ChoicePrefix, StringComparison.Ordinal)).SelectMany(f => f.Value).OfType<string>().Where(c => c.Length > 0).Distinct(StringComparer.Ordinal)];

    private static Task<IResult> ShowAsync<TPage>(HttpContext http, PlanId id, IEnumerable<KeyValuePair<string, StringValues>> fields)
        where TPage : Page => Screens.Get<Database>(http).ReadAsync(
        async s =>
        {
            if (!(await Screens.Get<ShowPlan>(http).HandleAsync(s, id, http.RequestAborted)).TryGet(out var plan, out var error) || !plan.Published)
            {
                return Screens.Fault(http, error ?? OrdersErrors.PlanUnknown.Because(string.Create(CultureInfo.InvariantCulture, $"There is no plan {id} on sale.")));
            }

            var catalog = await Screens.Get<Catalog.CatalogReader>(http).GetAsync(s, http.RequestAborted);
            var choices = ChoicesOf(plan, catalog);
            var given = fields.ToList();
            List<string> chosen = given.Any(f => f.Key.StartsWith(ChoicePrefix, StringComparison.Ordinal)) ? Chosen(given) : [.. choices.Where(c => c.Needed).Select(c => c.Rates[0].Command)];
            var quote = await Screens.Get<QuoteOrder>(http).HandleAsync(s, id, new QuoteOrderRequest { Resources = [.. chosen.Select(c => new ResourceInput(c))] }, http.RequestAborted);
            return Screens.Show<TPage>(http, ("Model", new StorePlanModel
            {
                Plan = plan, Chosen = chosen, Choices = choices, Quote = quote.TryGet(out var price, out var refusal) ? price : null, Refusal = refusal,
            }));
        }, http.RequestAborted);

    // A mandatory group, and the license class where the plan has several, need one; other groups may be left out.
    private static IReadOnlyList<StoreChoice> ChoicesOf(PlanView plan, Catalog.CatalogView catalog)
    {
        var free = plan.Rates.Where(r => r.MinUnits == 0).ToList();
        var classes = free.Where(r => r.Kind == ResourceKind.Class).ToList();
        var groups = free.Where(r => r.Kind == ResourceKind.Feature && catalog.Feature(r.Command)?.Group is not null).GroupBy(r => catalog.Feature(r.Command)!.Group!, StringComparer.Ordinal)
            .Select(g => new StoreChoice(catalog.Group(g.Key)!.Description, true, catalog.Group(g.Key)!.Mandatory, [.. g]));
        var rest = free.Except(classes).Where(r => r.Kind != ResourceKind.Feature || catalog.Feature(r.Command)?.Group is null).GroupBy(r => r.Category, StringComparer.Ordinal)
            .Select(g => new StoreChoice(g.Key, false, false, [.. g]));
        return [.. classes.Count > 0 ? new[] { new StoreChoice(null, true, true, classes) } : [], .. groups, .. rest];
    }
}
