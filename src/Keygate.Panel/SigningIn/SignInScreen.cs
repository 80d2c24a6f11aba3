using Keygate.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Signing in and out.</summary>
internal static class SignInScreen
{
    public static void Map(IEndpointRouteBuilder open)
    {
        open.MapGet("/sign-in", (string? to, HttpContext http) => Screens.Show<SignInPage>(http, ("To", to)));
        open.MapPost("/sign-in", async ([FromForm] string? login, [FromForm] string? password, [FromForm] string? to, HttpContext http, StaffSessions sessions) =>
        {
            var begun = await sessions.BeginAsync(login?.Trim() ?? "", password ?? "", http.RequestAborted);
            if (begun.TryGet(out var secret, out var error))
            {
                http.Response.Cookies.Append(PanelDoor.SessionCookie, secret.Reveal, Screens.CookieOf(http));
                return Results.LocalRedirect(Frame.Of(http).Url(Screens.IsBelow(to, "/admin", "/issuer") ? to! : "/admin"));
            }

            (Frame.Of(http) with { Refusal = error }).Set(http);
            return Screens.Show<SignInPage>(http, ("To", to), ("Login", login));
        }).DisableAntiforgery();
    }

    public static async Task<IResult> SignOutAsync(HttpContext http, StaffSessions sessions)
    {
        await sessions.EndAsync(http.Request.Cookies[PanelDoor.SessionCookie]!, http.RequestAborted);
        http.Response.Cookies.Delete(PanelDoor.SessionCookie, Screens.CookieOf(http));
        return Results.LocalRedirect(Frame.Of(http).Url("/admin/sign-in"));
    }
}
