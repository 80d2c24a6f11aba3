using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ListClientsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/clients", (string? text, int? limit, string? cursor, HttpContext http, ClientDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.ListAsync(s, string.IsNullOrEmpty(text) ? null : text, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithSummary("List clients")
            .WithDescription("text: what login or name contains, whatever the case.");

        routes.MapGet("/clients/{id}", async Task<Result<ClientView>> (
            ClientId id, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync(s => store.FindAsync(s, id, http.RequestAborted), http.RequestAborted) is { } row
                ? ClientView.Of(row)
                : KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}."))
            .WithSummary("Show a client");
    }
}
