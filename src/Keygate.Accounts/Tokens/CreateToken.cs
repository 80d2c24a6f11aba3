using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A new API token for oneself.</summary>
public sealed record CreateTokenRequest
{
    /// <summary>What it is for, such as the program that will use it.</summary>
    public string Name { get; init; } = "";
}

/// <summary>Makes an API token for the one who asks.</summary>
public sealed class CreateToken
{
    private readonly TokenStore _tokens;
    private readonly Audit _audit;

    internal CreateToken(TokenStore tokens, Audit audit) => (_tokens, _audit) = (tokens, audit);

    /// <summary>Refused where the token has no name.</summary>
    public async Task<Result<NewToken>> HandleAsync(Tx tx, CreateTokenRequest request, Actor actor, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
        {
            return AccountsErrors.FieldMissing.Because("The token has no name.").At("name");
        }

        var made = await _tokens.AddAsync(tx, new StaffId(actor.Id!.Value), request.Name.Trim(), cancellation);
        await _audit.AddAsync(tx, actor, "token.created", $"token/{made.Id}", made.Name, cancellation);
        return made;
    }
}

/// <summary>Revokes an API token; a second time changes nothing.</summary>
public sealed class RevokeToken
{
    private readonly TokenStore _tokens;
    private readonly Audit _audit;

    internal RevokeToken(TokenStore tokens, Audit audit) => (_tokens, _audit) = (tokens, audit);

    /// <summary>Refused where there is no such token; may be repeated.</summary>
    public async Task<Result<Done>> HandleAsync(Tx tx, TokenId id, Actor actor, CancellationToken cancellation)
    {
        if (!await _tokens.RevokeAsync(tx, id, cancellation))
        {
            return AccountsErrors.TokenNotFound.Because($"There is no token {id}.");
        }

        await _audit.AddAsync(tx, actor, "token.revoked", $"token/{id}", null, cancellation);
        return Done.It;
    }
}
