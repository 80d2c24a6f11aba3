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
        admin.MapPost("/plug-ins/{id:int}/pause", (int id, [FromForm] string? reason, HttpContext http, PausePlugin handler) =>
            OnAsync(http, id, Screens.Get<Database>(http).WriteAsync(
                tx => handler.HandleAsync(tx, PluginId.Of(id), new PausePluginRequest { Reason = reason }, Accounts.HttpActor.Actor(http), http.RequestAborted), http.RequestAborted), _ => "said.paused"))
            .DisableAntiforgery();
        admin.MapPost("/plug-ins/{id:int}/resume", (int id, HttpContext http, ResumePlugin handler) =>
            OnAsync(http, id, Screens.Get<Database>(http).WriteAsync(
                tx => handler.HandleAsync(tx, PluginId.Of(id), Accounts.HttpActor.Actor(http), http.RequestAborted), http.RequestAborted), _ => "said.resumed"));

        // No transaction: it calls the other side.
        admin.MapPost("/plug-ins/{id:int}/test", (int id, HttpContext http, PluginHost host) =>
            OnAsync(http, id, host.TestAsync(PluginId.Of(id), http.RequestAborted), check => check.Passed ? "said.test-passed" : "said.test-failed"));
    }

    private static async Task<IResult> OnAsync<T>(HttpContext http, int id, Task<Result<T>> act, Func<T, string> said) =>
        await Screens.GoOnAsync(http, await act, done => (FormattableString.Invariant($"/admin/plug-ins/{id}"), Frame.Of(http).Words[said(done)]), () => ShowAsync(http, PluginId.Of(id)));

    private static Task<IResult> ShowAsync(HttpContext http, PluginId id)
    {
        var (database, reader) = (Screens.Get<Database>(http), Screens.Get<PluginReader>(http));
        return database.ReadAsync(
            async s => await reader.ShowAsync(s, id, http.RequestAborted) is { } plugin
                ? Screens.Show<PlugInPage>(http, ("Model", plugin))
                : Screens.Fault(http, PluginsErrors.NotFound.Because($"There is no plug-in {id}.")), http.RequestAborted);
    }
}
