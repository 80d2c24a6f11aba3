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
public sealed record PriceListView(
    string Name, int Version, IReadOnlyList<PriceListView.KeyType> KeyTypes, IReadOnlyList<PriceListView.Feature> Features, IReadOnlyList<PriceListView.Group> Groups)
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
    public sealed record KeyType(
        string Id, string Name, KeyKind Kind, IReadOnlyList<BillingType> Billing, string Period, string Prefix, ActivationRule Activation, IReadOnlyList<string> Additional,
        bool Offered);

    /// <summary>A feature.</summary>
    /// <param name="Id">The identifier that orders use.</param>
    /// <param name="Name">Full readable name.</param>
    /// <param name="Group">Its group; null where it stands alone.</param>
    /// <param name="KeyTypes">Key types that may carry it.</param>
    /// <param name="Billing">Billing types it is offered in; empty for all.</param>
    /// <param name="Offered">False when it cannot be ordered today: the last import no longer had it, or its dates are over.</param>
    public sealed record Feature(string Id, string Name, string? Group, IReadOnlyList<string> KeyTypes, IReadOnlyList<BillingType> Billing, bool Offered);

    /// <summary>A group.</summary>
    /// <param name="Id">The identifier.</param>
    /// <param name="Description">For people.</param>
    /// <param name="Mandatory">True when a key type with features of this group needs one of them.</param>
    public sealed record Group(string Id, string Description, bool Mandatory);

    internal static PriceListView Of(PriceList list, DateOnly today) => new(
        list.Name, list.Version,
        [.. list.Items.KeyTypes.Select(k => new KeyType(k.Id, k.Name, k.Type, k.Billing, k.Period.ToString(), k.Prefix, k.Activation, k.Additional, list.Offers(k, today)))],
        [.. list.Items.Features.Select(f => new Feature(f.Id, f.Name, f.Group, f.KeyTypes, f.Billing, list.Offers(f, today)))],
        [.. list.Items.Groups.Select(g => new Group(g.Id, g.Description, g.Mandatory))]);
}

internal static class ShowPriceListEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/price-lists", async Task<Result<Page<PriceListHead>>> (
            HttpContext http, PriceListStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            new Page<PriceListHead>(await database.ReadAsync(s => store.ListAsync(s, http.RequestAborted), http.RequestAborted), null))
            .WithSummary("List the price lists");

        routes.MapGet("/price-lists/{name}", async Task<Result<PriceListView>> (
            string name, HttpContext http, PriceListStore store, TimeProvider time, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync<Result<PriceListView>>(async s =>
                await store.FindAsync(s, name, http.RequestAborted) is { } row
                    ? PriceListView.Of(await store.GetAsync(s, row.Id, row.Version, http.RequestAborted), time.Utc())
                    : KeyServerErrors.PriceListUnknown.Because($"There is no price list \"{name}\"."), http.RequestAborted))
            .WithSummary("Show a price list");
    }
}
