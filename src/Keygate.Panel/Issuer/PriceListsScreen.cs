using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Key Server &gt; Price lists: what clients may order, imported as a file, entry by entry withdrawn.</summary>
internal static class PriceListsScreen
{
    public static void Map(IEndpointRouteBuilder issuer)
    {
        issuer.MapGet("/price-lists", (Delegate)((HttpContext http) => ListAsync(http)));
        issuer.MapPost("/price-lists", ImportAsync).DisableAntiforgery();
        issuer.MapGet("/price-lists/{name}", (string name, HttpContext http) => ShowAsync(http, name));
        issuer.MapPost("/price-lists/{name}/{kind}/{id}/withdraw", (string name, string kind, string id, HttpContext http, PriceListDesk desk) => Issuer.ActAsync(
            http, (tx, actor) => desk.WithdrawAsync(tx, name, kind, id, actor, http.RequestAborted), _ => (Url(name), Frame.Of(http).Words.Of("said.entry-withdrawn", id)), () => ShowAsync(http, name)));
    }

    private static async Task<IResult> ImportAsync(IFormFile? file, HttpContext http, PriceListDesk desk)
    {
        if (file is null)
        {
            return await Screens.RefuseAsync(http, KernelErrors.RequestInvalid.Because("No file was chosen.").At("file"), () => ListAsync(http));
        }

        return (await Uploads.ReadAsync(file, PriceListDesk.FileBytesMax, "file", http.RequestAborted)).TryGet(out var content, out var error)
            ? await Issuer.ActAsync(
                http, (tx, actor) => desk.ImportAsync(tx, content, actor, http.RequestAborted),
                done => (Url(done.Name), Frame.Of(http).Words.Of("said.price-list-imported", done.Version, done.Added.Count, done.Changed.Count, done.Withdrawn.Count)), () => ListAsync(http))
            : await Screens.RefuseAsync(http, error, () => ListAsync(http));
    }

    private static Task<IResult> ListAsync(HttpContext http) => Issuer.ReadAsync(http, async s =>
        Screens.Show<PriceListsPage>(http, ("Model", await Screens.Get<PriceListDesk>(http).ListAsync(s, http.RequestAborted))));

    private static Task<IResult> ShowAsync(HttpContext http, string name) => Issuer.ReadAsync(http, async s =>
        Screens.Show<PriceListPage, PriceListView>(http, await Screens.Get<PriceListDesk>(http).ShowAsync(s, name, http.RequestAborted)));

    private static string Url(string name) => $"/issuer/price-lists/{Uri.EscapeDataString(name)}";
}
