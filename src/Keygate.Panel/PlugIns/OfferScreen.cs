using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What an issuer's account offers, beside the catalog.</summary>
/// <param name="Plugin">The plug-in.</param>
/// <param name="Offer">The offer with its latest changes and the answer as it came.</param>
/// <param name="Classes">License classes here and there.</param>
/// <param name="Features">Features and upgrade plans here and there.</param>
public sealed record OfferModel(Plugin Plugin, PluginOffer Offer, ComparedOffer Classes, ComparedOffer Features);

/// <summary>License Manager &gt; Plug-Ins &gt; License Classes and Features: what can be sold through an issuer, and what was added and withdrawn.</summary>
internal static class OfferScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/plug-ins/{id:int}/offer", (int id, HttpContext http) => ShowAsync(http, PluginId.Of(id)));

        // No transaction: it calls the other side.
        admin.MapPost("/plug-ins/{id:int}/offer/synchronize", async (int id, HttpContext http, FetchOffer handler) => await Screens.GoOnAsync(
            http, await handler.HandleAsync(PluginId.Of(id), http.RequestAborted), _ => Said(http, id, "said.synchronized"), () => ShowAsync(http, PluginId.Of(id))));
        admin.MapPost("/plug-ins/{id:int}/offer", (int id, IFormCollection form, HttpContext http, SelectOffer handler) =>
        {
            var request = new SelectOfferRequest { KeyTypes = Ticked(form, "keyTypes"), Features = Ticked(form, "features") };
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), request, actor, http.RequestAborted), _ => Said(http, id, "said.offer-ticked"), () => ShowAsync(http, PluginId.Of(id)));
        }).DisableAntiforgery();
    }

    private static IReadOnlyList<string> Ticked(IFormCollection form, string name) => [.. form[name].OfType<string>()];

    private static (string To, string Said) Said(HttpContext http, int id, string said) => (FormattableString.Invariant($"/admin/plug-ins/{id}/offer"), Frame.Of(http).Words[said]);

    private static Task<IResult> ShowAsync(HttpContext http, PluginId id)
    {
        var (cancellation, compare) = (http.RequestAborted, Screens.Get<CompareOffer>(http));
        return Screens.Get<Database>(http).ReadAsync(
            async s => (await Screens.Get<OfferReader>(http).ShowAsync(s, id, cancellation)).TryGet(out var offer, out var error)
                ? Screens.Show<OfferPage>(http, ("Model", new OfferModel(
                    (await Screens.Get<PluginReader>(http).ShowAsync(s, id, cancellation))!, offer,
                    (await compare.ClassesAsync(s, id, cancellation)).Value, (await compare.FeaturesAsync(s, id, cancellation)).Value)))
                : Screens.Fault(http, error), cancellation);
    }
}
