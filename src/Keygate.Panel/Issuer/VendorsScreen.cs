using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Key Server &gt; Vendors: their endpoints and what they are asked; and what foreign Key Administrators have bought of us as their vendor.</summary>
internal static class VendorsScreen
{
    private const long BodyBytesMax = 256 * 1024;

    public static void Map(IEndpointRouteBuilder issuer)
    {
        issuer.MapGet("/vendors", (bool? open, string? cursor, HttpContext http) => ShowAsync(http, open != false, cursor, null));
        issuer.MapPost("/vendors", AddAsync).DisableAntiforgery();
        issuer.MapPost("/vendors/{name}", ChangeAsync).DisableAntiforgery();
        issuer.MapPost("/vendor-acts/{id:int}/{word}", SayAsync).DisableAntiforgery();
        issuer.MapGet("/purchases", (string? cursor, HttpContext http, VendorDesk desk) => Issuer.ReadAsync(http, async s =>
            Screens.Show<PurchasesPage, Page<PurchaseView>>(http, await desk.PurchasesAsync(s, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null))));
    }

    private static Task<IResult> AddAsync(IFormCollection form, HttpContext http, VendorDesk desk)
    {
        var request = Of(form, null) with { Name = Issuer.Typed(form, "name"), Enabled = true };
        return Issuer.ActAsync(
            http, (tx, actor) => desk.AddAsync(tx, request, actor, http.RequestAborted), _ => ("/issuer/vendors", Issuer.Said(http, "said.vendor-added")), () => ShowAsync(http, true, null, form));
    }

    private static Task<IResult> ChangeAsync(string name, IFormCollection form, HttpContext http, VendorDesk desk) => Issuer.ActAsync(
        http, (tx, _) => desk.ChangeAsync(tx, name, Of(form, form.ContainsKey("enabled")), http.RequestAborted), _ => ("/issuer/vendors", Issuer.Said(http, "said.saved")),
        () => ShowAsync(http, true, null, null));

    private static async Task<IResult> SayAsync(VendorActId id, string word, IFormFile? file, HttpContext http, VendorDesk desk)
    {
        if (!Enum.TryParse<VendorWord>(word, out var said))
        {
            return Screens.Fault(http, PanelErrors.PageUnknown.Because($"'{word}' is nothing that is said of a question."));
        }

        byte[]? body = null;
        if (file is not null && !(await Uploads.ReadAsync(file, BodyBytesMax, "file", http.RequestAborted)).TryGet(out body, out var error))
        {
            return await Screens.RefuseAsync(http, error, () => ShowAsync(http, true, null, null));
        }

        return await Issuer.ActAsync(
            http, (tx, _) => desk.SayAsync(tx, id, new VendorWordRequest(said, body), http.RequestAborted), _ => ("/issuer/vendors", Issuer.Said(http, "said.vendor-word")), () => ShowAsync(http, true, null, null));
    }

    // Credentials that are left empty stay as they are.
    private static VendorRequest Of(IFormCollection form, bool? enabled) => new()
    {
        Url = Issuer.Typed(form, "url"), Credentials = Issuer.Typed(form, "credentials"), Repeats = form.ContainsKey("repeats"), ReportsUsage = form.ContainsKey("reportsUsage"),
        TestMode = form.ContainsKey("testMode"), Enabled = enabled,
    };

    private static Task<IResult> ShowAsync(HttpContext http, bool open, string? cursor, IFormCollection? typed) => Issuer.ReadAsync(http, async s =>
    {
        var desk = Screens.Get<VendorDesk>(http);
        return Screens.Show<VendorsPage, Page<VendorActView>>(
            http, await desk.ActsAsync(s, open, PageRequest.Of(null, cursor), http.RequestAborted),
            ("Vendors", (await desk.ListAsync(s, PageRequest.Of(PageRequest.LimitMax, null), http.RequestAborted)).Value.Items), ("OpenOnly", open), ("Further", cursor is not null), ("Typed", typed));
    });
}
