using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Server;

/// <summary>Health for load balancers and scripts, and a plain page for people.</summary>
internal static class HealthDoor
{
    /// <summary>
    /// Answers before routing: a probe must neither wait for the table of all endpoints, which is built with the first request that needs it,
    /// nor fail with it.
    /// </summary>
    public static void UseHealth(this WebApplication app, Readiness readiness) => app.Use(next => http => http switch
    {
        _ when ListenerPolicy.Of(http) != Listener.Http || !HttpMethods.IsGet(http.Request.Method) => next(http),
        { Request.Path.Value: "/health/live" } => WriteAsync(http, StatusCodes.Status200OK, "live", []),
        { Request.Path.Value: "/health/ready" } => ReadyAsync(http, readiness),
        _ => next(http),
    });

    /// <summary>Maps the plain page: at the root, or beside the store where the process has one.</summary>
    public static void Map(IEndpointRouteBuilder root, KeygateSettings of)
    {
        root.MapGet(of.Roles.Contains(Role.Provider) ? "/about" : "/", async (HttpContext http, Readiness readiness, KeygateSettings settings) =>
        {
            var checks = await readiness.ChecksAsync(http.RequestAborted);
            var health = string.Concat(checks.Select(c => $"<dd>{PlainPage.Safe(c.Name)}: {(c.Ok ? "well" : PlainPage.Safe(c.Detail ?? "not well"))}</dd>\n"));
            var screens = (settings.Roles.Contains(Role.Provider) ? $"<dt>For people</dt><dd><a href=\"{http.Request.PathBase}/admin\">The provider panel</a></dd>\n" : "")
                + (settings.ServesKeyServer ? $"<dt>For the issuer's people</dt><dd><a href=\"{http.Request.PathBase}/issuer\">The issuer panel</a></dd>\n" : "");
            var clock = settings.TestClock is null ? "" : "<p class=\"refusal\">This process runs on a test clock: dates here are not real.</p>\n";
            await PlainPage.WriteAsync(http, StatusCodes.Status200OK, "Keygate",
                $"""
                {clock}<p>Sells, issues, installs, renews and reconciles software licenses.</p>
                <dl>
                <dt>Version</dt><dd>{Schema.Program.ToString(3)}</dd>
                <dt>Roles</dt><dd>{string.Join(", ", settings.Roles.Order().Select(r => r.ToString().ToLowerInvariant()))}</dd>
                <dt>Health</dt>
                {health}{screens}<dt>For programs</dt><dd>REST under <a href="{http.Request.PathBase}/openapi/v1.json">/api/v1</a>, health at <a href="{http.Request.PathBase}/health/ready">/health/ready</a></dd>
                <dt>Documentation</dt><dd>README.md and the folder docs of the distribution; <kbd>keygate --help</kbd> on the command line</dd>
                </dl>
                """);
        }).ExcludeFromDescription();
    }

    private static async Task ReadyAsync(HttpContext http, Readiness readiness)
    {
        var checks = await readiness.ChecksAsync(http.RequestAborted);
        var ready = checks.All(c => c.Ok);
        await WriteAsync(http, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, ready ? "ready" : "not ready", checks);
    }

    private static Task WriteAsync(HttpContext http, int status, string word, IReadOnlyList<Check> checks)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(Json.Write<object>(checks.Count == 0 ? new { status = word } : new { status = word, checks }), http.RequestAborted);
    }
}
