using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Which customers are signed in at store and portal, and how they get there: by mail address and password.</summary>
public sealed class CustomerSessions
{
    private readonly Database _database;
    private readonly SessionTable _table;
    private readonly Audit _audit;
    private readonly FailedSignIns _failures = new();

    internal CustomerSessions(Database database, MasterKey key, Audit audit, TimeProvider time) =>
        (_database, _table, _audit) = (database, new SessionTable(database, key, time, "customer_sessions", "customer_id", "customers", "accounts.customer-session"), audit);

    /// <summary>Begins a session for mail address and password; refused where they do not fit, and for a minute after too many that did not.</summary>
    public async Task<Result<Secret>> BeginAsync(string email, string password, CancellationToken cancellation)
    {
        var login = RegisterCustomer.Login(email);
        var found = await _failures.CheckAsync<LoginRow>(
            login, password,
            () => _database.ReadAsync(
                s => s.FindAsync<LoginRow>(
                    "select l.customer_id, l.password_hash, c.name from customer_logins l join customers c on c.id = l.customer_id where l.email = @login", new { login }, cancellation), cancellation),
            row => row.PasswordHash, AccountsErrors.CustomerPasswordWrong);
        if (!found.TryGet(out var row, out var refusal))
        {
            return refusal;
        }

        return await _database.WriteAsync<Result<Secret>>(async tx =>
        {
            await _audit.AddAsync(tx, new Actor(ActorKind.Customer, row.CustomerId, row.Name), "customer.signed-in", $"customer/{row.CustomerId}", null, cancellation);
            return await _table.BeginAsync(tx, row.CustomerId, cancellation);
        }, cancellation);
    }

    /// <summary>The customer behind a session's secret; null where it is unknown, ended or too old.</summary>
    public async Task<Actor?> FindAsync(string secret, CancellationToken cancellation) =>
        await _table.FindAsync(secret, "p.name", cancellation) is { } row ? new Actor(ActorKind.Customer, row.OwnerId, row.Name) : null;

    /// <summary>Ends a session; a second time changes nothing.</summary>
    public Task EndAsync(string secret, CancellationToken cancellation) => _table.EndAsync(secret, cancellation);

    /// <summary>What every form of a session carries, so that another site cannot send it.</summary>
    public string FormToken(string secret) => _table.FormToken(secret);

    /// <summary>True where a form carries its session's token.</summary>
    public bool IsFormToken(string secret, string? sent) => _table.IsFormToken(secret, sent);

    private sealed class LoginRow
    {
        public int CustomerId { get; init; }
        public string PasswordHash { get; init; } = "";
        public string Name { get; init; } = "";
    }
}
