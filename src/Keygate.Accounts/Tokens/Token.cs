using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>An API token's number.</summary>
public readonly record struct TokenId(int Value) : INumber<TokenId>
{
    /// <inheritdoc/>
    public static TokenId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>An API token as it is listed: without the token itself, which is shown once.</summary>
/// <param name="Id">The number.</param>
/// <param name="StaffId">Whose it is.</param>
/// <param name="Name">What it is for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked; null while it works.</param>
public sealed record ApiToken(TokenId Id, StaffId StaffId, string Name, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>A new API token, shown once.</summary>
/// <param name="Id">The number.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Token">The token itself: it is not stored and cannot be shown again.</param>
public sealed record NewToken(TokenId Id, string Name, string Token)
{
    /// <inheritdoc/>
    public override string ToString() => $"token {Id} ({Name}) ***";
}

/// <summary>The table of API tokens, which holds their HMAC alone.</summary>
internal sealed class TokenStore(MasterKey key, TimeProvider time)
{
    private const string Purpose = "accounts.api-token";

    public async Task<NewToken> AddAsync(Tx tx, StaffId staff, string name, CancellationToken cancellation)
    {
        var token = MasterKey.NewToken(PasswordCheck.TokenPrefix).Reveal;
        var id = await tx.InsertAsync(
            "insert into api_tokens(staff_id, name, fingerprint, created_at) values (@staff, @name, @fingerprint, @now) returning id",
            new { staff = staff.Value, name, fingerprint = key.Fingerprint(Purpose, token), now = time.GetUtcNow() }, cancellation);
        return new NewToken(new TokenId((int)id), name, token);
    }

    public async Task<StaffMember?> FindOwnerAsync(Session session, string token, CancellationToken cancellation) =>
        (await session.FindAsync<StaffRow>(
            """
            select s.id, s.login, s.name, s.role, s.password_hash from api_tokens t join staff s on s.id = t.staff_id
            where t.fingerprint = @fingerprint and t.revoked_at is null
            """,
            new { fingerprint = key.Fingerprint(Purpose, token) }, cancellation))?.ToMember();

    public async Task<bool> RevokeAsync(Tx tx, TokenId id, CancellationToken cancellation) =>
        await tx.ExecuteAsync("update api_tokens set revoked_at = coalesce(revoked_at, @now) where id = @id", new { id = id.Value, now = time.GetUtcNow() }, cancellation) == 1;

    public async Task<List<ApiToken>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(
            "select id, staff_id, name, created_at, revoked_at from api_tokens where id > @after order by id limit @limit", new { after, limit }, cancellation))
            .Select(row => new ApiToken(new TokenId(row.Id), new StaffId(row.StaffId), row.Name, row.CreatedAt, row.RevokedAt))];

    private sealed class Row
    {
        public int Id { get; init; }
        public int StaffId { get; init; }
        public string Name { get; init; } = "";
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? RevokedAt { get; init; }
    }
}
