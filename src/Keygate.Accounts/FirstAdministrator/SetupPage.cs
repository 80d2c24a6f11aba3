using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

/// <summary>The form of the first administrator. The key in the link is all the protection it has and needs: nobody can guess it.</summary>
internal static class SetupPage
{
    public static void Map(IEndpointRouteBuilder root)
    {
        root.MapGet("/setup", async (HttpContext http, FirstAdministrator first) =>
        {
            var key = http.Request.Query["key"].ToString();
            if (await first.IsOpenAsync(key, http.RequestAborted))
            {
                await FormAsync(http, StatusCodes.Status200OK, new FirstAdministratorRequest(key, "", "", ""), null);
            }
            else
            {
                await RefuseAsync(http);
            }
        }).ExcludeFromDescription();

        root.MapPost("/setup", async (HttpContext http, FirstAdministrator first) =>
        {
            if (!http.Request.HasFormContentType)
            {
                await RefuseAsync(http);
                return;
            }

            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            var request = new FirstAdministratorRequest(form["key"].ToString(), form["name"].ToString(), form["login"].ToString().Trim(), form["password"].ToString());
            if ((await first.CreateAsync(request, http.RequestAborted)).TryGet(out var token, out var error))
            {
                await PlainPage.WriteAsync(http, StatusCodes.Status200OK, "Keygate is yours",
                    $"""
                    <p>{PlainPage.Safe(request.Name)} is the first administrator and signs in as <strong>{PlainPage.Safe(request.Login.ToLowerInvariant())}</strong>.</p>
                    <p>Your API token, shown this once:</p>
                    <p><code id="token">{PlainPage.Safe(token.Token)}</code></p>
                    <p>Send it as <code>Authorization: Bearer ...</code>, or set <code>KEYGATE_TOKEN</code> for the command line.</p>
                    <p><a href="{http.Request.PathBase}/admin/first-run">Go on</a></p>
                    """);
            }
            else if (error.Code == AccountsErrors.SetupLinkInvalid.Code)
            {
                await RefuseAsync(http);
            }
            else
            {
                await FormAsync(http, StatusCodes.Status400BadRequest, request, error);
            }
        }).DisableAntiforgery().ExcludeFromDescription();
    }

    private static Task RefuseAsync(HttpContext http) =>
        PlainPage.WriteAsync(http, StatusCodes.Status403Forbidden, AccountsErrors.SetupLinkInvalid.Title, $"<p>{PlainPage.Safe(AccountsErrors.SetupLinkInvalid.Remedy)}</p>");

    private static Task FormAsync(HttpContext http, int status, FirstAdministratorRequest request, Error? error)
    {
        var refusals = error is null ? "" : string.Concat(new[] { error }.Concat(error.Others).Select(e =>
            $"<p class=\"refusal\" role=\"alert\">{PlainPage.Safe(e.Detail)} {PlainPage.Safe(e.Remedy)}</p>\n"));
        return PlainPage.WriteAsync(http, status, "The first administrator",
            $"""
            {refusals}<form method="post" action="{http.Request.PathBase}/setup">
            <input type="hidden" name="key" value="{PlainPage.Safe(request.Key)}">
            <label for="name">Name</label><input id="name" name="name" required autocomplete="name" value="{PlainPage.Safe(request.Name)}">
            <label for="login">Login</label><input id="login" name="login" required autocomplete="username" value="{PlainPage.Safe(request.Login)}">
            <label for="password">Password, 8 characters or more</label><input id="password" name="password" type="password" required minlength="8" autocomplete="new-password">
            <button type="submit">Become the administrator</button>
            </form>
            """);
    }
}
