using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ListClientsEndpoint
{
    private const string Filter = "clients";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/clients", async Task<Result<Page<ClientView>>> (
            int? limit, string? cursor, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
        {
            var page = PageRequest.Of(limit, cursor);
            long after = 0;
            if (page.Cursor is not null && !Cursor.TryRead(page.Cursor, Filter, out _, out after))
            {
                return KernelErrors.CursorForeign;
            }

            var rows = await database.ReadAsync(s => store.ListAsync(s, after, page.Limit + 1, http.RequestAborted), http.RequestAborted);
            return new Page<ClientView>(
                [.. rows.Take(page.Limit).Select(ClientView.Of)], rows.Count > page.Limit ? Cursor.After(Filter, "", rows[page.Limit - 1].Id.Value) : null);
        })
        .WithSummary("List clients");

        routes.MapGet("/clients/{id}", async Task<Result<ClientView>> (
            ClientId id, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync(s => store.FindAsync(s, id, http.RequestAborted), http.RequestAborted) is { } row
                ? ClientView.Of(row)
                : KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}."))
            .WithSummary("Show a client");
    }
}
