using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ListLoginsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/clients/{id}/logins", async Task<Result<Page<LoginView>>> (
            ClientId id, HttpContext http, ClientStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync<Result<Page<LoginView>>>(async s =>
                await store.FindAsync(s, id, http.RequestAborted) is null
                    ? KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}.")
                    : new Page<LoginView>([.. (await store.LoginsAsync(s, id, http.RequestAborted)).Select(LoginView.Of)], null), http.RequestAborted))
            .WithSummary("List the Partner API logins of a client");
}
