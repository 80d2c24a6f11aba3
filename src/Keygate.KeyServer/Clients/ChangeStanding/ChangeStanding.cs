using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What the issuer thinks of an account; what is null stays as it is.</summary>
public sealed record ChangeStandingRequest
{
    /// <summary>True to mark the account as problem: it can order nothing, and its keys stay as they are.</summary>
    public bool? Problem { get; init; }

    /// <summary>False for an account that nobody has confirmed yet: it can neither order nor bind keys.</summary>
    public bool? Confirmed { get; init; }

    /// <summary>True to let it order what has no price.</summary>
    public bool? Unpriced { get; init; }
}

/// <summary>Changes the standing of an account. May be repeated.</summary>
internal sealed class ChangeStandingHandler(ClientStore clients, TimeProvider time)
{
    public async Task<Result<ClientView>> HandleAsync(Tx tx, ClientId id, ChangeStandingRequest request, CancellationToken cancellation)
    {
        if (await clients.FindAsync(tx, id, cancellation) is not { } row)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}.");
        }

        var changed = row with { Problem = request.Problem ?? row.Problem, Confirmed = request.Confirmed ?? row.Confirmed, Unpriced = request.Unpriced ?? row.Unpriced };
        await clients.SetStandingAsync(tx, id, changed.Problem, changed.Confirmed, changed.Unpriced, time.GetUtcNow(), cancellation);
        return ClientView.Of(changed);
    }
}

internal static class ChangeStandingEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/clients/{id}/standing", (
            ClientId id, ChangeStandingRequest request, HttpContext http, WriteDoor door, ChangeStandingHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { id, request }, (tx, _) => handler.HandleAsync(tx, id, request, http.RequestAborted)))
            .WithSummary("Mark an account as problem, confirm it, or let it order what has no price")
            .WithDescription("What is left out stays as it is.");
}
