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
        routes.MapGet("/clients", async Task<Result<Page<ClientView>>> (
            int? limit, string? cursor, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync(
                s => PageRequest.Of(limit, cursor).OldestFirstAsync(
                    "clients", (after, rows) => store.ListAsync(s, after, rows, http.RequestAborted), c => c.Id.Value, ClientView.Of),
                http.RequestAborted))
            .WithSummary("List clients");

        routes.MapGet("/clients/{id}", async Task<Result<ClientView>> (
            ClientId id, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync(s => store.FindAsync(s, id, http.RequestAborted), http.RequestAborted) is { } row
                ? ClientView.Of(row)
                : KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}."))
            .WithSummary("Show a client");
    }
}
