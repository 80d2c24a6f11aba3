using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Gives a login another password of our making; the old one ends at once. <b>Not repeatable</b>: each call makes one.</summary>
internal sealed class RenewPasswordHandler(ClientStore clients, ApiPasswords passwords, TimeProvider time)
{
    public async Task<Result<AddedLogin>> HandleAsync(Tx tx, ClientId client, LoginId login, CancellationToken cancellation)
    {
        if (await clients.FindLoginAsync(tx, client, login, cancellation) is not { } row)
        {
            return KeyServerErrors.LoginUnknown.Because($"Client {client.Value} has no login {login.Value}.");
        }

        var password = ApiPasswords.New();
        await clients.SetPasswordAsync(tx, login, passwords.Fingerprint(password.Reveal), time.GetUtcNow(), cancellation);
        return new AddedLogin(row.Id, row.Login, row.Role, password.Reveal);
    }
}

internal static class RenewPasswordEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/clients/{id}/logins/{login}/password", (
            ClientId id, LoginId login, HttpContext http, WriteDoor door, RenewPasswordHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, null, (tx, _) => handler.HandleAsync(tx, id, login, http.RequestAborted)))
            .WithSummary("Make a new password for a Partner API login")
            .WithDescription("The old password ends at once; the answer holds the new one, which is shown this once.");
}
