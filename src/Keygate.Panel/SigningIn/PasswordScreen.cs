using Keygate.Accounts;
using Keygate.Notices;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>A password by a link that came by mail: for staff below <c>/admin</c>, for customers below <c>/my</c>. Asking for a link tells nobody who has an account here.</summary>
internal static class PasswordScreen
{
    /// <param name="open">A group that needs no sign-in.</param>
    /// <param name="person">Whose screens they are.</param>
    public static void Map(IEndpointRouteBuilder open, LinkPerson person)
    {
        open.MapGet("/forgotten", (Delegate)((HttpContext http) => Forgotten(http, person, null, false)));
        open.MapPost("/forgotten", ([FromForm] string? login, HttpContext http, Database database, MailLink handler) => AskAsync(http, person, login, database, handler)).DisableAntiforgery();
        open.MapGet("/password", (string? key, HttpContext http, PasswordLinks links) => ShowAsync(http, person, key, links));
        open.MapPost("/password", ([FromForm] string? key, [FromForm] string? password, HttpContext http, Database database, PasswordLinks links) => ChooseAsync(http, person, key, password, database, links))
            .DisableAntiforgery();
    }

    private static IResult Forgotten(HttpContext http, LinkPerson person, string? login, bool sent) =>
        Screens.Show<ForgottenPage>(http, ("Person", person), ("Login", login), ("Sent", sent));

    private static async Task<IResult> AskAsync(HttpContext http, LinkPerson person, string? login, Database database, MailLink handler)
    {
        var asked = await database.WriteAsync(tx => handler.ForgottenAsync(tx, person, login ?? "", http.RequestAborted), http.RequestAborted);
        return asked.Error is { } error ? await Screens.RefuseAsync(http, error, () => Task.FromResult(Forgotten(http, person, login, false))) : Forgotten(http, person, login, true);
    }

    private static async Task<IResult> ShowAsync(HttpContext http, LinkPerson person, string? key, PasswordLinks links) =>
        (await links.FindAsync(key ?? "", person, http.RequestAborted)).TryGet(out var owner, out var error)
            ? Screens.Show<PasswordPage>(http, ("Person", person), ("Key", key), ("Owner", owner))
            : Screens.Fault(http, error);

    private static async Task<IResult> ChooseAsync(HttpContext http, LinkPerson person, string? key, string? password, Database database, PasswordLinks links)
    {
        var used = await database.WriteAsync(tx => links.UseAsync(tx, key ?? "", person, password ?? "", http.RequestAborted), http.RequestAborted);
        return await Screens.GoOnAsync(http, used, _ => (person == LinkPerson.Staff ? "/admin/sign-in" : "/my/sign-in", Frame.Of(http).Words["said.password-chosen"]), () => ShowAsync(http, person, key, links));
    }
}
