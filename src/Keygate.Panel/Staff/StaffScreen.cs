using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>System &gt; Staff and API Tokens. Only administrators come here; what is shown once is on the page that answers, and nowhere after.</summary>
internal static class StaffScreen
{
    /// <param name="admin">The group.</param>
    /// <param name="mails">True where this process sends mail: a key server alone does not.</param>
    public static void Map(IEndpointRouteBuilder admin, bool mails)
    {
        var administrators = admin.MapGroup("").WithMetadata(new PanelScreen { Administrators = true });
        administrators.MapGet("/staff", (string? cursor, HttpContext http) => ShowAsync(http, cursor, null, null));
        administrators.MapPost("/staff", AddAsync).DisableAntiforgery();
        administrators.MapPost("/staff/{id:int}", ChangeAsync).DisableAntiforgery();
        administrators.MapPost("/staff/{id:int}/remove", (StaffId id, HttpContext http, ChangeStaff handler) => Screens.ActAsync(
            http, (tx, actor) => handler.RemoveAsync(tx, id, actor, http.RequestAborted), member => ("/admin/staff", Frame.Of(http).Words.Of("said.staff-removed", member.Name)), () => ShowAsync(http, null, null, null)));
        if (mails)
        {
            administrators.MapPost("/staff/{id:int}/password-link", (StaffId id, HttpContext http, MailLink handler) => Screens.ActAsync(
                http, (tx, actor) => handler.InviteAsync(tx, LinkPerson.Staff, id.Value, actor, http.RequestAborted), sent => ("/admin/staff", Frame.Of(http).Words.Of("said.link-sent", sent.To)),
                () => ShowAsync(http, null, null, null)));
        }

        administrators.MapGet("/tokens", (string? cursor, HttpContext http) => ShowTokensAsync(http, cursor, null));
        administrators.MapPost("/tokens", CreateTokenAsync).DisableAntiforgery();
        administrators.MapPost("/tokens/{id}/revoke", (TokenId id, HttpContext http, RevokeToken handler) => Screens.ActAsync(
            http, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), _ => ("/admin/tokens", Frame.Of(http).Words["said.token-revoked"]), () => ShowTokensAsync(http, null, null)));
    }

    private static async Task<IResult> AddAsync([FromForm] string? name, [FromForm] string? login, [FromForm] string? password, [FromForm] string? email, [FromForm] StaffRole role, HttpContext http, AddStaff handler)
    {
        var request = new AddStaffRequest
        {
            Name = name ?? "", Login = login?.Trim() ?? "", Password = string.IsNullOrEmpty(password) ? null : password, Role = role, Email = string.IsNullOrWhiteSpace(email) ? null : email.Trim(),
        };
        var added = await Screens.Get<WriteDoor>(http).WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted));
        return added.TryGet(out var member, out var error)
            ? await ShowAsync(http, null, member, null)
            : await Screens.RefuseAsync(http, error, () => ShowAsync(http, null, null, request));
    }

    private static Task<IResult> ChangeAsync(StaffId id, [FromForm] StaffRole role, [FromForm] string? email, HttpContext http, ChangeStaff handler) => Screens.ActAsync(
        http, (tx, actor) => handler.HandleAsync(tx, id, new ChangeStaffRequest { Role = role, Email = email ?? "" }, actor, http.RequestAborted),
        _ => ("/admin/staff", Frame.Of(http).Words["said.saved"]), () => ShowAsync(http, null, null, null));

    private static async Task<IResult> CreateTokenAsync([FromForm] string? name, HttpContext http, CreateToken handler)
    {
        var made = await Screens.Get<WriteDoor>(http).WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, new CreateTokenRequest { Name = name ?? "" }, actor, http.RequestAborted));
        return made.TryGet(out var token, out var error) ? await ShowTokensAsync(http, null, token) : await Screens.RefuseAsync(http, error, () => ShowTokensAsync(http, null, null));
    }

    private static Task<IResult> ShowAsync(HttpContext http, string? cursor, NewStaffMember? added, AddStaffRequest? typed) => Screens.Get<Database>(http).ReadAsync(
        async s => Screens.Show<StaffPage, Page<StaffMember>>(
            http, await Screens.Get<StaffReader>(http).ListAsync(s, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null), ("Added", added), ("Typed", typed)),
        http.RequestAborted);

    private static Task<IResult> ShowTokensAsync(HttpContext http, string? cursor, NewToken? made) => Screens.Get<Database>(http).ReadAsync(
        async s => Screens.Show<TokensPage, Page<ApiToken>>(
            http, await Screens.Get<StaffReader>(http).TokensAsync(s, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null), ("Made", made)), http.RequestAborted);
}
