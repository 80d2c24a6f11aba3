using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What a login may do.</summary>
public record LoginRights
{
    private const int CallsMax = 1_000_000;

    /// <summary>The role, which says what methods it may call.</summary>
    public LoginRole Role { get; init; } = LoginRole.All;

    /// <summary>True where it may touch feature keys.</summary>
    public bool FeatureKeys { get; init; } = true;

    /// <summary>Methods that it may not call, whatever its role, such as <c>terminateKey</c>.</summary>
    public IReadOnlyList<string> DeniedMethods { get; init; } = [];

    /// <summary>Addresses and networks that it may be used from, such as <c>192.0.2.0/24</c>; empty for all.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>How many calls a minute each process takes from it; null for any number.</summary>
    public int? CallsPerMinute { get; init; }

    /// <summary>Everything that is wrong with them.</summary>
    public IReadOnlyList<Error> RightFaults()
    {
        var faults = new List<Error>();
        foreach (var method in DeniedMethods.Where(m => m.Length is 0 or > 64 || !m.All(char.IsAsciiLetter)))
        {
            faults.Add(KeyServerErrors.LoginRightsInvalid.Because($"\"{method}\" is no name of a method.").At("deniedMethods"));
        }

        foreach (var address in Addresses.Where(a => !AllowedAddresses.TryParse(a, out _)))
        {
            faults.Add(KeyServerErrors.LoginRightsInvalid.Because($"\"{address}\" is neither an address nor a network.").At("addresses"));
        }

        if (CallsPerMinute is < 1 or > CallsMax)
        {
            faults.Add(KeyServerErrors.LoginRightsInvalid.Because(FormattableString.Invariant($"{CallsPerMinute} calls a minute lie outside 1 to {CallsMax}.")).At("callsPerMinute"));
        }

        return faults;
    }

    internal static IReadOnlyList<string> Parts(string joined) => joined.Length == 0 ? [] : joined.Split(',');

    internal LoginRow Onto(LoginRow row) => row with
    {
        Role = Role, FeatureKeys = FeatureKeys, DeniedMethods = string.Join(',', DeniedMethods), Addresses = string.Join(',', Addresses.Select(a => a.Trim())),
        CallsPerMinute = CallsPerMinute,
    };
}

/// <summary>Changes what a login may do. May be repeated.</summary>
internal sealed class ChangeLoginHandler(ClientStore clients, TimeProvider time)
{
    public async Task<Result<LoginView>> HandleAsync(Tx tx, ClientId client, LoginId login, LoginRights rights, CancellationToken cancellation)
    {
        if (Error.Of(rights.RightFaults()) is { } fault)
        {
            return fault;
        }

        if (await clients.FindLoginAsync(tx, client, login, cancellation) is not { } row)
        {
            return KeyServerErrors.LoginUnknown.Because($"Client {client.Value} has no login {login.Value}.");
        }

        var changed = rights.Onto(row);
        await clients.SetRightsAsync(tx, changed, time.GetUtcNow(), cancellation);
        return LoginView.Of(changed);
    }
}

internal static class ChangeLoginEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/clients/{id}/logins/{login}", (
            ClientId id, LoginId login, LoginRights rights, HttpContext http, WriteDoor door, ChangeLoginHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { id, login, rights }, (tx, _) => handler.HandleAsync(tx, id, login, rights, http.RequestAborted)))
            .WithSummary("Change what a Partner API login may do")
            .WithDescription("All rights at once: what is left out becomes its default.");
}
