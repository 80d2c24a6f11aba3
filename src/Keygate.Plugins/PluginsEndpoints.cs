using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Plugins;

internal static class PluginsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/plugin-kinds", Kinds).WithName("ListPluginKinds").WithTags("Plug-ins").WithSummary("Kinds of plug-in that can be added, with their settings");
        routes.MapGet("/plugins", List).WithName("ListPlugins").WithTags("Plug-ins").WithSummary("Plug-ins");
        routes.MapPost("/plugins", Add).WithName("AddPlugin").WithTags("Plug-ins").WithSummary("Add a plug-in");
        routes.MapGet("/plugins/{id:int}", Show).WithName("ShowPlugin").WithTags("Plug-ins").WithSummary("A plug-in with what it has spent; secrets show as ***");
        routes.MapPatch("/plugins/{id:int}", Change).WithName("ChangePlugin").WithTags("Plug-ins").WithSummary("Change name, settings, limits or costs");
        routes.MapPost("/plugins/{id:int}/test", Test).WithName("TestPlugin").WithTags("Plug-ins").WithSummary("Try the connection");
        routes.MapPost("/plugins/{id:int}/pause", Pause).WithName("PausePlugin").WithTags("Plug-ins").WithSummary("Pause: what needs it waits");
        routes.MapPost("/plugins/{id:int}/resume", Resume).WithName("ResumePlugin").WithTags("Plug-ins").WithSummary("Resume");
        routes.MapGet("/plugins/{id:int}/offer", Offer).WithName("ShowPluginOffer").WithTags("Plug-ins").WithSummary("What an issuer's account offers, what changed, and its answer as it came");
        routes.MapPost("/plugins/{id:int}/offer/synchronize", Synchronize).WithName("SynchronizePluginOffer").WithTags("Plug-ins").WithSummary("Synchronize List of License Classes: asks the issuer what its account offers");
        routes.MapPut("/plugins/{id:int}/offer", Select).WithName("SelectPluginOffer").WithTags("Plug-ins").WithSummary("Tick what is sold through an issuer without a connection");
    }

    private static Task<Result<PluginOffer>> Offer(int id, Database database, OfferReader reader, CancellationToken cancellation) =>
        database.ReadAsync(s => reader.ShowAsync(s, PluginId.Of(id), cancellation), cancellation);

    // Not through the door that writes: it calls outside, where no transaction may be open.
    private static Task<Result<PluginOffer>> Synchronize(int id, FetchOffer fetch, CancellationToken cancellation) => fetch.HandleAsync(PluginId.Of(id), cancellation);

    private static Task<Result<PluginOffer>> Select(int id, SelectOfferRequest request, HttpContext http, WriteDoor door, SelectOffer handler) =>
        door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), request, actor, http.RequestAborted));

    private static Result<Page<PluginManifest>> Kinds(PluginKinds kinds) => new Page<PluginManifest>(kinds.All, null);

    private static Task<Result<Page<Plugin>>> List(string? kind, int? limit, string? cursor, Database database, PluginReader reader, CancellationToken cancellation) =>
        database.ReadAsync(s => reader.ListAsync(s, kind, PageRequest.Of(limit, cursor), cancellation), cancellation);

    private static Task<Result<Plugin>> Add(AddPluginRequest request, HttpContext http, WriteDoor door, AddPlugin handler) =>
        door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted));

    private static Task<Result<Plugin>> Show(int id, Database database, PluginReader reader, CancellationToken cancellation) =>
        database.ReadAsync<Result<Plugin>>(
            async s => await reader.ShowAsync(s, PluginId.Of(id), cancellation) is { } plugin ? plugin : PluginHost.NotFound(PluginId.Of(id)), cancellation);

    private static Task<Result<Plugin>> Change(int id, ChangePluginRequest request, HttpContext http, WriteDoor door, ChangePlugin handler) =>
        door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), request, actor, http.RequestAborted));

    // Not through the door that writes: it calls outside, where no transaction may be open.
    private static Task<Result<PluginCheck>> Test(int id, PluginHost host, CancellationToken cancellation) => host.TestAsync(PluginId.Of(id), cancellation);

    private static Task<Result<Plugin>> Pause(int id, PausePluginRequest? request, HttpContext http, WriteDoor door, PausePlugin handler) =>
        door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), request ?? new PausePluginRequest(), actor, http.RequestAborted));

    private static Task<Result<Plugin>> Resume(int id, bool? compared, HttpContext http, WriteDoor door, ResumePlugin handler) =>
        door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(id), actor, http.RequestAborted, compared == true));
}
