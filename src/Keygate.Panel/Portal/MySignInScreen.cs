using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>How customers open an account, sign in and out.</summary>
internal static class MySignInScreen
{
    public static void Map(IEndpointRouteBuilder store)
    {
        store.MapGet("/my/sign-in", (string? to, HttpContext http) => Screens.Show<MySignInPage>(http, ("To", to)));
        store.MapPost("/my/sign-in", SignInAsync).DisableAntiforgery();
        store.MapGet("/my/register", (string? to, HttpContext http) => Screens.Show<MyRegisterPage>(http, ("To", to)));
        store.MapPost("/my/register", RegisterAsync).DisableAntiforgery();
    }

    /// <summary>Ends the session.</summary>
    public static async Task<IResult> SignOutAsync(HttpContext http, CustomerSessions sessions)
    {
        await sessions.EndAsync(http.Request.Cookies[PanelDoor.CustomerCookie]!, http.RequestAborted);
        http.Response.Cookies.Delete(PanelDoor.CustomerCookie, Screens.CookieOf(http));
        return Results.LocalRedirect(Frame.Of(http).Url("/"));
    }

    private static async Task<IResult> SignInAsync([FromForm] string? email, [FromForm] string? password, [FromForm] string? to, HttpContext http, CustomerSessions sessions) =>
        (await sessions.BeginAsync(email ?? "", password ?? "", http.RequestAborted)).TryGet(out var secret, out var error)
            ? In(http, secret.Reveal, to)
            : await Screens.RefuseAsync(http, error, () => Task.FromResult(Screens.Show<MySignInPage>(http, ("To", to), ("Email", email))));

    private static async Task<IResult> RegisterAsync(
        [FromForm] string? name, [FromForm] string? email, [FromForm] string? password, [FromForm] string? to, HttpContext http, Database database, RegisterCustomer register, CustomerSessions sessions)
    {
        Task<IResult> AgainAsync() => Task.FromResult(Screens.Show<MyRegisterPage>(http, ("To", to), ("Name", name), ("Email", email)));
        var request = new RegisterCustomerRequest(name ?? "", email ?? "", password ?? "");
        if (!(await database.WriteAsync(tx => register.HandleAsync(tx, request, http.RequestAborted), http.RequestAborted)).TryGet(out _, out var error))
        {
            return await Screens.RefuseAsync(http, error, AgainAsync);
        }

        return (await sessions.BeginAsync(request.Email, request.Password, http.RequestAborted)).TryGet(out var secret, out error)
            ? In(http, secret.Reveal, to)
            : await Screens.RefuseAsync(http, error, AgainAsync);
    }

    private static IResult In(HttpContext http, string secret, string? to)
    {
        http.Response.Cookies.Append(PanelDoor.CustomerCookie, secret, Screens.CookieOf(http));
        return Results.LocalRedirect(Frame.Of(http).Url(Screens.IsBelow(to, "/my", "/plans/") ? to! : "/my"));
    }
}
