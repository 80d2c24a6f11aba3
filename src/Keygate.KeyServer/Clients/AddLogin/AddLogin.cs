using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A login of the Partner APIs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Login">The login.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Enabled">False when it was disabled.</param>
/// <param name="FeatureKeys">True where it may touch feature keys.</param>
/// <param name="DeniedMethods">Methods that it may not call, whatever its role.</param>
/// <param name="Addresses">Addresses and networks that it may be used from; empty for all.</param>
/// <param name="CallsPerMinute">How many calls a minute each process takes from it; null for any number.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record LoginView(
    LoginId Id, string Login, LoginRole Role, bool Enabled, bool FeatureKeys, IReadOnlyList<string> DeniedMethods, IReadOnlyList<string> Addresses, int? CallsPerMinute,
    DateTimeOffset CreatedAt)
{
    internal static LoginView Of(LoginRow row) => new(
        row.Id, row.Login, row.Role, row.Enabled, row.FeatureKeys, LoginRights.Parts(row.DeniedMethods), LoginRights.Parts(row.Addresses), row.CallsPerMinute, row.CreatedAt);
}

/// <summary>A login that was just added. The password is shown this once.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Login">The login.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Password">The password, made by the key server; only a fingerprint of it is kept.</param>
public sealed record AddedLogin(LoginId Id, string Login, LoginRole Role, string Password)
{
    /// <summary>Shows nothing of the password.</summary>
    public override string ToString() => $"{Login} (***)";
}

/// <summary>A login to add.</summary>
public sealed record AddLoginRequest : LoginRights
{
    /// <summary>The login; unique in the key server.</summary>
    public string Login { get; init; } = "";

    /// <summary>Everything that is wrong with the request itself.</summary>
    public IReadOnlyList<Error> Faults() =>
        [.. ClientName.IsLogin(Login) ? [] : new[] { KeyServerErrors.ClientLoginInvalid.Because($"\"{Login}\" cannot be a login.").At("login") }, .. RightFaults()];
}

/// <summary>Adds a login with a password of our making.</summary>
internal sealed class AddLoginHandler(ClientStore clients, ApiPasswords passwords, TimeProvider time)
{
    public async Task<Result<AddedLogin>> HandleAsync(Tx tx, ClientId client, AddLoginRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await clients.FindAsync(tx, client, cancellation) is null)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client {client.Value}.");
        }

        if (await clients.IsLoginTakenAsync(tx, request.Login, cancellation))
        {
            return KeyServerErrors.LoginTaken.Because($"The login \"{request.Login}\" is taken.").At("login");
        }

        var password = ApiPasswords.New();
        var id = await clients.AddLoginAsync(
            tx, request.Onto(new LoginRow { ClientId = client, Login = request.Login }), passwords.Fingerprint(password.Reveal), actor.Name, time.GetUtcNow(), cancellation);
        return new AddedLogin(id, request.Login, request.Role, password.Reveal);
    }
}

internal static class AddLoginEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/clients/{id}/logins", (
            ClientId id, AddLoginRequest request, HttpContext http, WriteDoor door, AddLoginHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { id, request }, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithSummary("Add a Partner API login")
            .WithDescription("The answer holds the password, which is shown this once.");
}
