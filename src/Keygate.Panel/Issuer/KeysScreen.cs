using System.Globalization;
using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What a key is issued from: the clients, and once one is chosen, what its price list offers.</summary>
/// <param name="Clients">Clients that own keys.</param>
/// <param name="Client">The one that was chosen.</param>
/// <param name="List">Its price list.</param>
/// <param name="KeyType">The key type that was chosen.</param>
public sealed record NewKeyModel(IReadOnlyList<ClientView> Clients, ClientView? Client, PriceListView? List, PriceListView.KeyType? KeyType);

/// <summary>Key Server &gt; Keys: search, details, issue, and what can be done to a key; and the lists of renewals and of keys that several servers use.</summary>
internal static class KeysScreen
{
    private const int DaysAhead = 30, DaysMax = 366;

    public static void Map(IEndpointRouteBuilder issuer)
    {
        issuer.MapGet("/keys", ListAsync);
        issuer.MapGet("/keys/new", (string? client, string? keyType, HttpContext http) => NewAsync(http, client, keyType, null));
        issuer.MapPost("/keys/new", IssueAsync).DisableAntiforgery();
        issuer.MapGet("/keys/{number}", (string number, HttpContext http) => ShowAsync(http, number, null, null));
        issuer.MapGet("/keys/{number}/file", DownloadAsync);
        issuer.MapPost("/keys/{number}/{act}", ActAsync).DisableAntiforgery();
        issuer.MapGet("/multi-use", MultiUseAsync);
        issuer.MapGet("/renewals", (int? days, bool? failed, string? cursor, HttpContext http) => RenewalsAsync(http, days, failed == true, cursor));
        issuer.MapPost("/renewals", (HttpContext http, KeyDesk desk) => Issuer.ActAsync(
            http, (tx, actor) => desk.BeginRenewalsAsync(tx, actor, http.RequestAborted),
            begun => ("/issuer/renewals", Issuer.Said(http, begun.Sweep is null ? "said.nothing-due" : "said.renewals-begun")), () => RenewalsAsync(http, null, false, null)));
    }

    private static Task<IResult> ListAsync(string? q, string? client, string? cursor, HttpContext http, KeyDesk desk, ClientDesk clients) => Issuer.ReadAsync(http, async s =>
    {
        var (text, owner, page) = (Trimmed(q), Trimmed(client), PageRequest.Of(null, cursor));
        var found = text is null ? await desk.ListAsync(s, owner, null, page, http.RequestAborted) : await desk.FindAsync(s, text, owner, page, http.RequestAborted);
        return Screens.Show<KeysPage, Page<KeyView>>(
            http, found, ("Text", text), ("Client", owner), ("Further", cursor is not null), ("Clients", text is null ? null : await clients.ListAsync(s, text, PageRequest.Of(5, null), http.RequestAborted) is { IsDone: true } known ? known.Value.Items : null));
    });

    private static async Task<IResult> IssueAsync(IFormCollection form, HttpContext http, KeyDesk desk)
    {
        var (features, additional) = Capacity.Of(form);
        var request = new IssueKeyRequest
        {
            Client = Issuer.Typed(form, "client") ?? "", KeyType = Issuer.Typed(form, "keyType") ?? "", Features = features, Additional = additional,
            Billing = Enum.TryParse<BillingType>(form["billing"], out var billing) ? billing : null, Addresses = Issuer.Several(form, "addresses"), ActivatedFor = Issuer.Typed(form, "activatedFor"),
            Parent = Issuer.Typed(form, "parent"),
        };
        return await Issuer.ActAsync(
            http, (tx, actor) => desk.IssueAsync(tx, request, actor, http.RequestAborted), made => (Url(made.Number), Issuer.Said(http, "said.key-issued")), () => NewAsync(http, request.Client, request.KeyType, form));
    }

    private static async Task<IResult> ActAsync(string number, string act, IFormCollection form, HttpContext http, KeyDesk desk)
    {
        if (!Enum.TryParse<KeyAct>(act, out var chosen) || chosen == KeyAct.Download)
        {
            return Screens.Fault(http, PanelErrors.PageUnknown.Because($"'{act}' is nothing that is done to a key."));
        }

        var input = new KeyActInput
        {
            Reason = Issuer.Typed(form, "reason"), ActivatedFor = Issuer.Typed(form, "activatedFor"), Address = Issuer.Typed(form, "address"), Note = Issuer.Typed(form, "note"),
        };
        return await Issuer.ActAsync(
            http, (tx, actor) => desk.ActAsync(tx, number, chosen, input, actor, http.RequestAborted), key => (Url(key.Number), Frame.Of(http).Words.Of("said.key-act", Frame.Of(http).Words.Of(chosen))),
            () => ShowAsync(http, number, chosen, input));
    }

    private static async Task<IResult> DownloadAsync(string number, HttpContext http, KeyDesk desk)
    {
        if (!Frame.Of(http).MayWrite)
        {
            return Screens.Fault(http, Accounts.AccountsErrors.RoleInsufficient.Because("A license file is a secret, which auditors do not see."));
        }

        return (await desk.DownloadAsync(number, Frame.Of(http).Who!.Actor, http.RequestAborted)).TryGet(out var file, out var error)
            ? Results.File(file.Content!, "application/octet-stream", $"{file.Number}.{file.Extension}")
            : Screens.Fault(http, error);
    }

    private static Task<IResult> ShowAsync(HttpContext http, string number, KeyAct? refused, KeyActInput? typed) => Issuer.ReadAsync(http, async s =>
        Screens.Show<KeyPage, KeySheet>(http, await Screens.Get<KeyDesk>(http).ShowAsync(s, number, http.RequestAborted), ("Refused", refused), ("Typed", typed)));

    private static Task<IResult> NewAsync(HttpContext http, string? client, string? keyType, IFormCollection? typed) => Issuer.ReadAsync(http, async s =>
    {
        var (clients, lists) = (Screens.Get<ClientDesk>(http), Screens.Get<PriceListDesk>(http));
        var all = (await clients.ListAsync(s, null, PageRequest.Of(PageRequest.LimitMax, null), http.RequestAborted)).Value.Items.Where(c => c.Account == AccountKind.Client).ToList();
        var chosen = all.Find(c => c.Login == client) ?? (string.IsNullOrEmpty(client) ? null : (await clients.ListAsync(s, client, PageRequest.Of(null, null), http.RequestAborted)).Value.Items.FirstOrDefault(c => c.Login == client));
        var list = chosen is null ? null : (await lists.ShowAsync(s, chosen.PriceList, http.RequestAborted)).Value;
        return Screens.Show<NewKeyPage>(http, ("Model", new NewKeyModel(all, chosen, list, list?.KeyTypes.FirstOrDefault(k => k.Id == keyType))), ("Typed", typed));
    });

    private static Task<IResult> MultiUseAsync(string? cursor, HttpContext http, KeyDesk desk) => Issuer.ReadAsync(http, async s =>
        Screens.Show<MultiUsePage, Page<MultiUseView>>(http, await desk.MultiUseAsync(s, KeyDesk.MultiUseDays, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null)));

    private static Task<IResult> RenewalsAsync(HttpContext http, int? days, bool failed, string? cursor) => Issuer.ReadAsync(http, async s =>
    {
        var (desk, ahead) = (Screens.Get<KeyDesk>(http), Math.Clamp(days ?? DaysAhead, 0, DaysMax));
        return Screens.Show<RenewalsPage, Page<DueKeyView>>(
            http, await desk.DueAsync(s, ahead, failed, PageRequest.Of(null, cursor), http.RequestAborted), ("Sweeps", await desk.SweepsAsync(s, http.RequestAborted)), ("Days", ahead), ("Failed", failed),
            ("Further", cursor is not null));
    });

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Url(string number) => string.Create(CultureInfo.InvariantCulture, $"/issuer/keys/{number}");
}
