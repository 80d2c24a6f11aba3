using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

internal static class TokenEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-in", (SignInRequest request, SignIn handler, CancellationToken cancellation) => handler.HandleAsync(request, cancellation))
            .WithMetadata(WithoutToken.It).WithTags("Tokens").WithName("SignIn").WithSummary("Gives a new API token for login and password.");

        var tokens = routes.MapGroup("/tokens").WithTags("Tokens");

        tokens.MapPost("", (CreateTokenRequest request, CreateToken handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("CreateToken").WithSummary("Makes an API token for yourself; it is shown once.");

        tokens.MapGet("", (int? limit, string? cursor, Database database, TokenStore store, CancellationToken cancellation) =>
            database.ReadAsync<Result<Page<ApiToken>>>(
                s => PageRequest.Of(limit, cursor).OldestFirstAsync("tokens", (after, rows) => store.ListAsync(s, after, rows, cancellation), t => t.Id.Value, t => t),
                cancellation))
            .WithMetadata(RequireAdministrator.It).WithName("ListTokens").WithSummary("Lists the API tokens, without the tokens themselves.");

        tokens.MapDelete("/{id}", (TokenId id, RevokeToken handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
            .WithMetadata(RequireAdministrator.It).WithName("RevokeToken").WithSummary("Revokes an API token.");
    }
}
