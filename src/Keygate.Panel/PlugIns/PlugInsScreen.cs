using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>License Manager &gt; Plug-Ins: what is configured, whether it can be used, test and pause.</summary>
internal static class PlugInsScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/plug-ins", (string? cursor, HttpContext http, Database database, PluginReader reader) =>
            database.ReadAsync(async s => Screens.Show<PlugInsPage, Page<Plugin>>(
                http, await reader.ListAsync(s, null, PageRequest.Of(null, cursor), http.RequestAborted), ("Further", cursor is not null)), http.RequestAborted));
        admin.MapGet("/plug-ins/{id:int}", (int id, HttpContext http) => ShowAsync(http, PluginId.Of(id)));
        admin.MapPost("/plug-ins/{id:int}/pause", (int id, [FromForm] string? reason, HttpContext http, PausePlugin handler) => Screens.ActAsync(
            http, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), new PausePluginRequest { Reason = reason }, actor, http.RequestAborted),
            _ => Said(http, id, "said.paused"), () => ShowAsync(http, PluginId.Of(id)))).DisableAntiforgery();
        admin.MapPost("/plug-ins/{id:int}/resume", (int id, HttpContext http, ResumePlugin handler) => Screens.ActAsync(
            http, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), actor, http.RequestAborted),
            _ => Said(http, id, "said.resumed"), () => ShowAsync(http, PluginId.Of(id))));

        // No transaction: it calls the other side.
        admin.MapPost("/plug-ins/{id:int}/test", async (int id, HttpContext http, PluginHost host) => await Screens.GoOnAsync(
            http, await host.TestAsync(PluginId.Of(id), http.RequestAborted),
            check => Said(http, id, check.Passed ? "said.test-passed" : "said.test-failed"), () => ShowAsync(http, PluginId.Of(id))));
    }

    /// <summary>The plug-ins.</summary>
    public static async Task<IReadOnlyList<Plugin>> AllAsync(HttpContext http, Session session) =>
        (await Screens.Get<PluginReader>(http).ListAsync(session, null, PageRequest.Of(PageRequest.LimitMax, null), http.RequestAborted)).Value.Items;

    /// <summary>The plug-ins that issue keys.</summary>
    public static async Task<IReadOnlyList<Plugin>> IssuersAsync(HttpContext http, Session session) => [.. (await AllAsync(http, session)).Where(p => p.IsIssuer)];

    private static (string To, string Said) Said(HttpContext http, int id, string said) => (FormattableString.Invariant($"/admin/plug-ins/{id}"), Frame.Of(http).Words[said]);

    private static Task<IResult> ShowAsync(HttpContext http, PluginId id)
    {
        var (database, reader) = (Screens.Get<Database>(http), Screens.Get<PluginReader>(http));
        return database.ReadAsync(
            async s => await reader.ShowAsync(s, id, http.RequestAborted) is { } plugin
                ? Screens.Show<PlugInPage>(http, ("Model", plugin))
                : Screens.Fault(http, PluginsErrors.NotFound.Because($"There is no plug-in {id}.")), http.RequestAborted);
    }
}
