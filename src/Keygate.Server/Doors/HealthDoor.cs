using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Server;

/// <summary>Health for load balancers and scripts, and a plain page for people.</summary>
internal static class HealthDoor
{
    public static void Map(IEndpointRouteBuilder root)
    {
        root.MapGet("/health/live", () => Results.Json(new { status = "live" }, Json.Options)).ExcludeFromDescription();

        root.MapGet("/health/ready", async (Readiness readiness, CancellationToken cancellation) =>
        {
            var checks = await readiness.ChecksAsync(cancellation);
            var ready = checks.All(c => c.Ok);
            return Results.Json(new { status = ready ? "ready" : "not ready", checks }, Json.Options, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).ExcludeFromDescription();

        root.MapGet("/", async (HttpContext http, Readiness readiness, KeygateSettings settings) =>
        {
            var checks = await readiness.ChecksAsync(http.RequestAborted);
            var health = string.Concat(checks.Select(c => $"<dd>{PlainPage.Safe(c.Name)}: {(c.Ok ? "well" : PlainPage.Safe(c.Detail ?? "not well"))}</dd>\n"));
            var clock = settings.TestClock is null ? "" : "<p class=\"refusal\">This process runs on a test clock: dates here are not real.</p>\n";
            await PlainPage.WriteAsync(http, StatusCodes.Status200OK, "Keygate",
                $"""
                {clock}<p>Sells, issues, installs, renews and reconciles software licenses.</p>
                <dl>
                <dt>Version</dt><dd>{Schema.Program.ToString(3)}</dd>
                <dt>Roles</dt><dd>{string.Join(", ", settings.Roles.Order().Select(r => r.ToString().ToLowerInvariant()))}</dd>
                <dt>Health</dt>
                {health}<dt>For programs</dt><dd>REST under <a href="{http.Request.PathBase}/openapi/v1.json">/api/v1</a>, health at <a href="{http.Request.PathBase}/health/ready">/health/ready</a></dd>
                <dt>Documentation</dt><dd>README.md and the folder docs of the distribution; <kbd>keygate --help</kbd> on the command line</dd>
                </dl>
                """);
        }).ExcludeFromDescription();
    }
}
