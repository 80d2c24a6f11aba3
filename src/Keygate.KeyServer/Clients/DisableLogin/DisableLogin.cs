using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Disables a login, or enables it again. May be repeated.</summary>
internal sealed class DisableLoginHandler(ClientStore clients, TimeProvider time)
{
    public async Task<Result<LoginView>> HandleAsync(Tx tx, ClientId client, LoginId login, bool enabled, CancellationToken cancellation)
    {
        if (await clients.FindLoginAsync(tx, client, login, cancellation) is null)
        {
            return KeyServerErrors.LoginUnknown.Because($"Client {client.Value} has no login {login.Value}.");
        }

        await clients.SetEnabledAsync(tx, login, enabled, time.GetUtcNow(), cancellation);
        return LoginView.Of((await clients.FindLoginAsync(tx, client, login, cancellation))!);
    }
}

internal static class DisableLoginEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/clients/{id}/logins/{login}/disable", (
            ClientId id, LoginId login, HttpContext http, WriteDoor door, DisableLoginHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, null, (tx, _) => handler.HandleAsync(tx, id, login, enabled: false, http.RequestAborted)))
            .WithSummary("Disable a Partner API login");

        routes.MapPost("/clients/{id}/logins/{login}/enable", (
            ClientId id, LoginId login, HttpContext http, WriteDoor door, DisableLoginHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, null, (tx, _) => handler.HandleAsync(tx, id, login, enabled: true, http.RequestAborted)))
            .WithSummary("Enable a Partner API login again");
    }
}
