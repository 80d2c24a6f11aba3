using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>How REST acts on one key: the staff reaches all, and the answer is the key as it is afterwards.</summary>
internal static class KeyActs
{
    public static async Task<Result<KeyView>> RunAsync(
        string number, HttpContext http, WriteDoor door, KeyReader reader, Database database, Func<Tx, KeyName, KeyCaller, Task<Result<KeyRow>>> act, object? request = null) =>
        KeyName.TryParse(number, out var name)
            ? await door.WriteAsync<KeyView>(database, http, request, async (tx, actor) =>
                (await act(tx, name, new KeyCaller(actor.Name, null))).TryGet(out var key, out var refusal) ? await reader.ViewAsync(tx, key, http.RequestAborted) : refusal)
            : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.");
}

/// <summary>What a key is activated for, or transferred to.</summary>
/// <param name="ActivatedFor">The hardware id or instance; null for an instance without a name.</param>
public sealed record KeyActivation(string? ActivatedFor);

/// <summary>What a key is bound to.</summary>
/// <param name="Address">The IP address.</param>
public sealed record KeyBinding(string? Address);

/// <summary>REST for what partners do to their keys, in the staff's name.</summary>
internal static class KeyActEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, KeyAct.Renew, "renew", "Renew a lease by one term").WithDescription("Not repeatable: each call adds a term, but for one that key server or product has just begun.").RequireIdempotencyKey();
        Map(routes, KeyAct.Reset, "reset", "Take a key's activation back").WithDescription("It can be activated elsewhere then, under the next revision.");
        Map(routes, KeyAct.Unbind, "unbind", "Take a key's bound address away");
        MapActivation(routes, KeyAct.Activate, "activate", "Activate a key").WithDescription("For a hardware id, or for an instance whose name may be left out.");
        MapActivation(routes, KeyAct.Transfer, "transfer", "Move an active key to another hardware id").WithDescription("Under the next revision.");
        routes.MapPost("/keys/{number}/bind", (
            string number, KeyBinding request, HttpContext http, WriteDoor door, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => desk.ActAsync(tx, number, KeyAct.Bind, new KeyActInput { Address = request.Address }, actor, http.RequestAborted)))
            .WithSummary("Bind a key to an address")
            .WithDescription("A server with the address fetches it; another key of the same client loses the address to it.");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, KeyAct act, string verb, string summary) =>
        routes.MapPost($"/keys/{{number}}/{verb}", (string number, HttpContext http, WriteDoor door, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, null, (tx, actor) => desk.ActAsync(tx, number, act, new KeyActInput(), actor, http.RequestAborted)))
            .WithSummary(summary);

    private static RouteHandlerBuilder MapActivation(IEndpointRouteBuilder routes, KeyAct act, string verb, string summary) =>
        routes.MapPost($"/keys/{{number}}/{verb}", (
            string number, KeyActivation request, HttpContext http, WriteDoor door, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => desk.ActAsync(tx, number, act, new KeyActInput { ActivatedFor = request.ActivatedFor }, actor, http.RequestAborted)))
            .WithSummary(summary);
}
