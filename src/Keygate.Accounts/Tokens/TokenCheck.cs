using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Somebody whom a door has recognized.</summary>
/// <param name="Actor">Who it is, for history and audit trail.</param>
/// <param name="Role">What they may do.</param>
public sealed record SignedIn(Actor Actor, StaffRole Role);

/// <summary>Tells who is behind a bearer token.</summary>
public sealed class TokenCheck
{
    private readonly Database _database;
    private readonly TokenStore _tokens;

    internal TokenCheck(Database database, TokenStore tokens) => (_database, _tokens) = (database, tokens);

    /// <summary>The member of the staff behind an <c>Authorization</c> header; a refusal for a missing, foreign or revoked token.</summary>
    public async Task<Result<SignedIn>> CheckAsync(string? authorization, CancellationToken cancellation)
    {
        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return AccountsErrors.TokenMissing;
        }

        var token = authorization[scheme.Length..].Trim();
        return await _database.ReadAsync(s => _tokens.FindOwnerAsync(s, token, cancellation), cancellation) is { } member
            ? new SignedIn(new Actor(ActorKind.Staff, member.Id.Value, member.Name), member.Role)
            : AccountsErrors.TokenUnknown;
    }
}
