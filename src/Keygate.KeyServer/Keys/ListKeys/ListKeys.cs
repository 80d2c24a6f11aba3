using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ListKeysEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/keys", (
            string? client, string? number, int? limit, string? cursor, HttpContext http, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.ListAsync(s, client, number, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithSummary("List keys, the newest first")
        .WithDescription("client: login or number of a client. number: a key number or activation code.");
}
