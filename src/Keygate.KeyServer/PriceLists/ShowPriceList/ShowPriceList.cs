using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A price list as it is shown.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="KeyTypes">What can be ordered as a key.</param>
/// <param name="Features">What keys can carry.</param>
/// <param name="Groups">Groups of features that exclude each other.</param>
/// <param name="UpgradePlans">What changes keys later.</param>
/// <param name="Currency">The currency of its prices; null for a list without prices, in which everything that is offered may be ordered.</param>
public sealed record PriceListView(
    string Name, int Version, IReadOnlyList<PriceListView.KeyType> KeyTypes, IReadOnlyList<PriceListView.Feature> Features, IReadOnlyList<PriceListView.Group> Groups,
    IReadOnlyList<PriceListView.UpgradePlan> UpgradePlans, string? Currency)
{
    /// <summary>A key type.</summary>
    /// <param name="Id">The identifier that orders use.</param>
    /// <param name="Name">Full readable name.</param>
    /// <param name="Kind">Main or additional.</param>
    /// <param name="Billing">Billing types it is offered in.</param>
    /// <param name="Period">One term.</param>
    /// <param name="Prefix">What key numbers begin with.</param>
    /// <param name="Activation">What keys are activated for.</param>
    /// <param name="Additional">Additional key types that can be attached.</param>
    /// <param name="Offered">False when it cannot be ordered today: the last import no longer had it, or its dates are over.</param>
    /// <param name="Prices">Price of one term, or of a purchase, in the smallest unit of the list's currency.</param>
    public sealed record KeyType(
        string Id, string Name, KeyKind Kind, IReadOnlyList<BillingType> Billing, string Period, string Prefix, ActivationRule Activation, IReadOnlyList<string> Additional,
        bool Offered, IReadOnlyDictionary<BillingType, int> Prices);

    /// <summary>A feature.</summary>
    /// <param name="Id">The identifier that orders use.</param>
    /// <param name="Name">Full readable name.</param>
    /// <param name="Group">Its group; null where it stands alone.</param>
    /// <param name="KeyTypes">Key types that may carry it.</param>
    /// <param name="Billing">Billing types it is offered in; empty for all.</param>
    /// <param name="Offered">False when it cannot be ordered today: the last import no longer had it, or its dates are over.</param>
    /// <param name="Prices">Price of one term, or of a purchase, in the smallest unit of the list's currency.</param>
    public sealed record Feature(
        string Id, string Name, string? Group, IReadOnlyList<string> KeyTypes, IReadOnlyList<BillingType> Billing, bool Offered, IReadOnlyDictionary<BillingType, int> Prices);

    /// <summary>A group.</summary>
    /// <param name="Id">The identifier.</param>
    /// <param name="Description">For people.</param>
    /// <param name="Mandatory">True when a key type with features of this group needs one of them.</param>
    public sealed record Group(string Id, string Description, bool Mandatory);

    /// <summary>An upgrade plan.</summary>
    /// <param name="Id">The identifier that orders use.</param>
    /// <param name="Description">For people.</param>
    /// <param name="From">What the key must have; null for a plan about updates.</param>
    /// <param name="To">What it has afterwards; null for a plan that switches a feature off, or about updates.</param>
    /// <param name="Offered">False when it cannot be ordered today.</param>
    /// <param name="Prices">Its price in the smallest unit of the list's currency.</param>
    public sealed record UpgradePlan(string Id, string Description, string? From, string? To, bool Offered, IReadOnlyDictionary<BillingType, int> Prices);

    internal static PriceListView Of(PriceList list, DateOnly today) => new(
        list.Name, list.Version,
        [.. list.Items.KeyTypes.Select(k => new KeyType(k.Id, k.Name, k.Type, k.Billing, k.Period.ToString(), k.Prefix, k.Activation, k.Additional, list.Offers(k, today), k.Prices))],
        [.. list.Items.Features.Select(f => new Feature(f.Id, f.Name, f.Group, f.KeyTypes, f.Billing, list.Offers(f, today), f.Prices))],
        [.. list.Items.Groups.Select(g => new Group(g.Id, g.Description, g.Mandatory))],
        [.. list.Items.UpgradePlans.Select(p => new UpgradePlan(p.Id, p.Description, p.From, p.To, list.Offers(p, today), p.Prices))],
        list.Currency);
}

internal static class ShowPriceListEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/price-lists", async Task<Result<Page<PriceListHead>>> (HttpContext http, PriceListDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            new Page<PriceListHead>(await database.ReadAsync(s => desk.ListAsync(s, http.RequestAborted), http.RequestAborted), null))
            .WithSummary("List the price lists");

        routes.MapGet("/price-lists/{name}", (string name, HttpContext http, PriceListDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.ShowAsync(s, name, http.RequestAborted), http.RequestAborted))
            .WithSummary("Show a price list");
    }
}
