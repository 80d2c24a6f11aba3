using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>What the form asks of the first administrator.</summary>
public sealed record FirstAdministratorRequest(string Key, string Name, string Login, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Login} ***";
}

/// <summary>
/// The way in for the first administrator: a link with a secret, printed by the server while there is no administrator. It works once, and
/// all links end when there is one.
/// </summary>
public sealed class FirstAdministrator
{
    private const string Purpose = "accounts.setup-link";
    private readonly Database _database;
    private readonly MasterKey _key;
    private readonly StaffStore _staff;
    private readonly TokenStore _tokens;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal FirstAdministrator(Database database, MasterKey key, StaffStore staff, TokenStore tokens, Audit audit, TimeProvider time) =>
        (_database, _key, _staff, _tokens, _audit, _time) = (database, key, staff, tokens, audit, time);

    /// <summary>A new key for the link; null when there is an administrator.</summary>
    public Task<Secret?> OpenLinkAsync(CancellationToken cancellation) =>
        _database.WriteAsync<Secret?>(async tx =>
        {
            if (await _staff.HasAdministratorAsync(tx, cancellation))
            {
                return null;
            }

            var made = MasterKey.NewToken("kgs_");
            await tx.ExecuteAsync(
                "insert into setup_links(fingerprint, created_at) values (@fingerprint, @now)",
                new { fingerprint = _key.Fingerprint(Purpose, made.Reveal), now = _time.GetUtcNow() }, cancellation);
            return made;
        }, cancellation);

    /// <summary>True while the link may still be used.</summary>
    public Task<bool> IsOpenAsync(string key, CancellationToken cancellation) =>
        _database.ReadAsync(s => IsOpenAsync(s, key, cancellation), cancellation);

    /// <summary>Makes the first administrator and an API token for them, and ends all links.</summary>
    public Task<Result<NewToken>> CreateAsync(FirstAdministratorRequest request, CancellationToken cancellation) =>
        _database.WriteAsync<Result<NewToken>>(async tx =>
        {
            // The rows are locked first: of two forms sent at once, one waits here and then finds its link gone.
            await tx.QueryAsync<int>("select id from setup_links order by id" + tx.Dialect.ForUpdate, null, cancellation);
            if (!await IsOpenAsync(tx, request.Key, cancellation))
            {
                return AccountsErrors.SetupLinkInvalid;
            }

            if (Error.Of(Passwords.Faults(request.Name, request.Login, request.Password)) is { } error)
            {
                return error;
            }

            var login = request.Login.ToLowerInvariant();
            if (await _staff.FindAsync(tx, login, cancellation) is not null)
            {
                return AccountsErrors.LoginTaken.Because($"'{login}' signs in already.").At("login");
            }

            await tx.ExecuteAsync("delete from setup_links", null, cancellation);
            var member = await _staff.AddAsync(tx, login, request.Name.Trim(), StaffRole.Administrator, Passwords.Hash(login, request.Password), cancellation);
            var token = await _tokens.AddAsync(tx, member.Id, "first sign-in", cancellation);
            await _audit.AddAsync(tx, new Actor(ActorKind.Staff, member.Id.Value, member.Name), "staff.first-administrator", $"staff/{member.Id}", login, cancellation);
            return token;
        }, cancellation);

    private async Task<bool> IsOpenAsync(Session session, string key, CancellationToken cancellation) =>
        await session.GetAsync<long>(
            "select count(*) from setup_links where fingerprint = @fingerprint", new { fingerprint = _key.Fingerprint(Purpose, key) }, cancellation) > 0
        && !await _staff.HasAdministratorAsync(session, cancellation);
}
