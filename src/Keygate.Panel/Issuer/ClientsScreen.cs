using System.Globalization;
using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Key Server &gt; Clients: accounts and those below them, how each stands, and the logins of the Partner APIs.</summary>
internal static class ClientsScreen
{
    public static void Map(IEndpointRouteBuilder issuer)
    {
        issuer.MapGet("/clients", (string? text, string? cursor, HttpContext http) => ListAsync(http, text, cursor, null));
        issuer.MapPost("/clients", AddAsync).DisableAntiforgery();
        issuer.MapGet("/clients/{id:int}", (ClientId id, HttpContext http) => ShowAsync(http, id, null, null));
        issuer.MapPost("/clients/{id:int}/standing", StandingAsync).DisableAntiforgery();
        issuer.MapPost("/clients/{id:int}/logins", AddLoginAsync).DisableAntiforgery();
        issuer.MapPost("/clients/{id:int}/logins/{login:int}", ChangeLoginAsync).DisableAntiforgery();
        issuer.MapPost("/clients/{id:int}/logins/{login:int}/password", RenewPasswordAsync);
        foreach (var (verb, enabled) in new[] { ("enable", true), ("disable", false) })
        {
            issuer.MapPost($"/clients/{{id:int}}/logins/{{login:int}}/{verb}", (ClientId id, LoginId login, HttpContext http, ClientDesk desk) => Issuer.ActAsync(
                http, (tx, _) => desk.EnableLoginAsync(tx, id, login, enabled, http.RequestAborted), _ => (Url(id), Issuer.Said(http, "said.saved")), () => ShowAsync(http, id, null, null)));
            issuer.MapPost($"/clients/{{id:int}}/product-configurations/{{configuration:int}}/{verb}", (ClientId id, ProductConfigurationId configuration, HttpContext http, ClientDesk desk) => Issuer.ActAsync(
                http, (tx, _) => desk.EnableConfigurationAsync(tx, id, configuration, enabled, http.RequestAborted), _ => (Url(id), Issuer.Said(http, "said.saved")), () => ShowAsync(http, id, null, null)));
        }
    }

    private static Task<IResult> AddAsync(IFormCollection form, HttpContext http, ClientDesk desk)
    {
        var request = new AddClientRequest
        {
            Login = Issuer.Typed(form, "login") ?? "", Name = Issuer.Typed(form, "name") ?? "", PriceList = Issuer.Typed(form, "priceList") ?? "", Parent = Issuer.Typed(form, "parent"),
            Email = Issuer.Typed(form, "email") ?? "", DefaultBilling = Of(form, "defaultBilling", BillingType.Lease), Account = Of(form, "account", AccountKind.Client),
        };
        return Issuer.ActAsync(
            http, (tx, actor) => desk.AddAsync(tx, request, actor, http.RequestAborted), added => (Url(added.Id), Issuer.Said(http, "said.client-added")), () => ListAsync(http, null, null, form));
    }

    private static Task<IResult> StandingAsync(ClientId id, IFormCollection form, HttpContext http, ClientDesk desk)
    {
        bool? Ticked(string field) => form[field].ToString() switch { "yes" => true, "no" => false, _ => null };
        var request = new ChangeStandingRequest { Problem = Ticked("problem"), Confirmed = Ticked("confirmed"), Unpriced = Ticked("unpriced") };
        return Issuer.ActAsync(
            http, (tx, _) => desk.ChangeStandingAsync(tx, id, request, http.RequestAborted), _ => (Url(id), Issuer.Said(http, "said.saved")), () => ShowAsync(http, id, null, null));
    }

    private static Task<IResult> AddLoginAsync(ClientId id, IFormCollection form, HttpContext http, ClientDesk desk)
    {
        if (!Rights(form, new AddLoginRequest { Login = Issuer.Typed(form, "login") ?? "" }).TryGet(out var rights, out var error))
        {
            return Screens.RefuseAsync(http, error, () => ShowAsync(http, id, null, form));
        }

        return Issuer.ShowOnceAsync(
            http, (tx, actor) => desk.AddLoginAsync(tx, id, (AddLoginRequest)rights, actor, http.RequestAborted), added => ShowAsync(http, id, added, null), () => ShowAsync(http, id, null, form));
    }

    private static Task<IResult> ChangeLoginAsync(ClientId id, LoginId login, IFormCollection form, HttpContext http, ClientDesk desk)
    {
        if (!Rights(form, new LoginRights()).TryGet(out var rights, out var error))
        {
            return Screens.RefuseAsync(http, error, () => ShowAsync(http, id, null, null));
        }

        return Issuer.ActAsync(
            http, (tx, _) => desk.ChangeLoginAsync(tx, id, login, rights, http.RequestAborted), _ => (Url(id), Issuer.Said(http, "said.saved")), () => ShowAsync(http, id, null, null));
    }

    private static Task<IResult> RenewPasswordAsync(ClientId id, LoginId login, HttpContext http, ClientDesk desk) => Issuer.ShowOnceAsync(
        http, (tx, _) => desk.RenewPasswordAsync(tx, id, login, http.RequestAborted), made => ShowAsync(http, id, made, null), () => ShowAsync(http, id, null, null));

    private static Task<IResult> ListAsync(HttpContext http, string? text, string? cursor, IFormCollection? typed) => Issuer.ReadAsync(http, async s =>
    {
        var searched = string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        return Screens.Show<ClientsPage, Page<ClientView>>(
            http, await Screens.Get<ClientDesk>(http).ListAsync(s, searched, PageRequest.Of(null, cursor), http.RequestAborted),
            ("PriceLists", await Screens.Get<PriceListDesk>(http).ListAsync(s, http.RequestAborted)), ("Text", searched), ("Further", cursor is not null), ("Typed", typed));
    });

    private static Task<IResult> ShowAsync(HttpContext http, ClientId id, AddedLogin? made, IFormCollection? typed) => Issuer.ReadAsync(http, async s =>
        Screens.Show<ClientPage, ClientSheet>(http, await Screens.Get<ClientDesk>(http).ShowAsync(s, id, http.RequestAborted), ("Made", made), ("Typed", typed)));

    private static Result<LoginRights> Rights(IFormCollection form, LoginRights rights)
    {
        int? calls = null;
        if (Issuer.Typed(form, "callsPerMinute") is { } typed)
        {
            if (!int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return KernelErrors.RequestInvalid.Because($"'{typed}' is no number of calls.").At("callsPerMinute");
            }

            calls = number;
        }

        return rights with
        {
            Role = Of(form, "role", LoginRole.All), FeatureKeys = form.ContainsKey("featureKeys"), DeniedMethods = Issuer.Several(form, "deniedMethods"), Addresses = Issuer.Several(form, "addresses"),
            CallsPerMinute = calls,
        };
    }

    private static T Of<T>(IFormCollection form, string field, T otherwise)
        where T : struct, Enum => Enum.TryParse<T>(form[field], out var chosen) && Enum.IsDefined(chosen) ? chosen : otherwise;

    private static string Url(ClientId id) => FormattableString.Invariant($"/issuer/clients/{id.Value}");
}
