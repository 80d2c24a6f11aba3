using Keygate.Accounts;
using Keygate.Api;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What the endpoints of screens share: show a page, do an act and say what came of it.</summary>
internal static class Screens
{
    /// <summary>A service.</summary>
    public static T Get<T>(HttpContext http)
        where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>A page.</summary>
    public static IResult Show<TPage>(HttpContext http, params (string Name, object? Value)[] parameters)
        where TPage : Page =>
        new RazorComponentResult<TPage>(parameters.Append((nameof(Page.Frame), Frame.Of(http))).ToDictionary(p => p.Item1, p => p.Item2))
        {
            StatusCode = Frame.Of(http).Refusal is { } refusal ? Problems.StatusOf(refusal.Kind) : StatusCodes.Status200OK,
        };

    /// <summary>A page made of something that may be refused, such as because it does not exist.</summary>
    public static IResult Show<TPage, T>(HttpContext http, Result<T> model, params (string Name, object? Value)[] more)
        where TPage : Page =>
        model.TryGet(out var value, out var error) ? Show<TPage>(http, [("Model", value), .. more]) : Fault(http, error);

    /// <summary>
    /// Does an act in one transaction through the handler that REST uses too, and goes to the page that shows what came of it; where it is refused the
    /// page <paramref name="again"/> is shown with the refusal, and what was typed stays.
    /// </summary>
    public static async Task<IResult> ActAsync<T>(
        HttpContext http, Func<Tx, Actor, Task<Result<T>>> act, Func<T, (string To, string Said)> done, Func<Task<IResult>> again)
    {
        // Through the door that REST writes by: a form carries a key of its own, so that sent twice it acts once.
        var result = await Get<WriteDoor>(http).WriteAsync(http, null, act);
        return await GoOnAsync(http, result, done, again);
    }

    /// <summary>The same in another database, such as the key server's.</summary>
    public static async Task<IResult> ActAsync<T>(
        HttpContext http, Database into, Func<Tx, Actor, Task<Result<T>>> act, Func<T, (string To, string Said)> done, Func<Task<IResult>> again) =>
        await GoOnAsync(http, await Get<WriteDoor>(http).WriteAsync(into, http, null, act), done, again);

    /// <summary>The same for an act that opens its transaction itself.</summary>
    public static async Task<IResult> GoOnAsync<T>(HttpContext http, Result<T> result, Func<T, (string To, string Said)> done, Func<Task<IResult>> again)
    {
        if (result.TryGet(out var value, out var error))
        {
            var (to, said) = done(value);
            http.Response.Cookies.Append(PanelDoor.SaidCookie, said, CookieOf(http));
            return Results.LocalRedirect(Frame.Of(http).Url(to));
        }

        return await RefuseAsync(http, error, again);
    }

    /// <summary>Shows the page again with the refusal on top.</summary>
    public static Task<IResult> RefuseAsync(HttpContext http, Error error, Func<Task<IResult>> again)
    {
        (Frame.Of(http) with { Refusal = error }).Set(http);
        return again();
    }

    /// <summary>A refusal as a page of its own.</summary>
    public static IResult Fault(HttpContext http, Error error)
    {
        (Frame.Of(http) with { Refusal = error }).Set(http);
        return Show<FaultPage>(http);
    }

    /// <summary>The same, where there is no endpoint that could return it.</summary>
    public static Task FaultAsync(HttpContext http, Error error) => Fault(http, error).ExecuteAsync(http);

    /// <summary>True for a way within our pages: a link to a form that leads on may come from anywhere.</summary>
    public static bool IsBelow(string? to, params IEnumerable<string> roots) =>
        to is not null && roots.Any(r => to.StartsWith(r, StringComparison.Ordinal)) && !to.Contains('\\', StringComparison.Ordinal) && !to.Contains("//", StringComparison.Ordinal);

    /// <summary>How our cookies are set: for this site alone, out of reach for scripts, over TLS wherever the page came by it.</summary>
    public static CookieOptions CookieOf(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = http.Request.PathBase.HasValue ? http.Request.PathBase.Value : "/",
    };
}
