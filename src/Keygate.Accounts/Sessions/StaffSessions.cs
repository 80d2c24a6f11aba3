using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Which members of the staff are signed in at the screens.</summary>
public sealed class StaffSessions
{
    /// <summary>A session ends when it was not used for so long.</summary>
    public static readonly TimeSpan IdleMax = SessionTable.IdleMax;

    /// <summary>A session ends so long after its sign-in, however much it is used.</summary>
    public static readonly TimeSpan AgeMax = SessionTable.AgeMax;

    private readonly Database _database;
    private readonly SessionTable _table;
    private readonly SignIn _signIn;
    private readonly Audit _audit;

    internal StaffSessions(Database database, MasterKey key, SignIn signIn, Audit audit, TimeProvider time) =>
        (_database, _table, _signIn, _audit) = (database, new SessionTable(database, key, time, "sessions", "staff_id", "staff", "accounts.session"), signIn, audit);

    /// <summary>Begins a session for login and password; refused as a sign-in is.</summary>
    public async Task<Result<Secret>> BeginAsync(string login, string password, CancellationToken cancellation)
    {
        if (!(await _signIn.CheckAsync(login, password, cancellation)).TryGet(out var member, out var error))
        {
            return error;
        }

        return await _database.WriteAsync<Result<Secret>>(async tx =>
        {
            await _audit.AddAsync(tx, new Actor(ActorKind.Staff, member.Id.Value, member.Name), "staff.signed-in", $"staff/{member.Id}", "at the screens", cancellation);
            return await _table.BeginAsync(tx, member.Id.Value, cancellation);
        }, cancellation);
    }

    /// <summary>The member of the staff behind a session's secret; null where it is unknown, ended or too old.</summary>
    public async Task<SignedIn?> FindAsync(string secret, CancellationToken cancellation) =>
        await _table.FindAsync(secret, "p.name, p.role", cancellation) is { } row ? new SignedIn(new Actor(ActorKind.Staff, row.OwnerId, row.Name), Enum.Parse<StaffRole>(row.Role)) : null;

    /// <summary>Ends a session; a second time changes nothing.</summary>
    public Task EndAsync(string secret, CancellationToken cancellation) => _table.EndAsync(secret, cancellation);

    /// <summary>What every form of a session carries, so that another site cannot send it.</summary>
    public string FormToken(string secret) => _table.FormToken(secret);

    /// <summary>True where a form carries its session's token.</summary>
    public bool IsFormToken(string secret, string? sent) => _table.IsFormToken(secret, sent);
}
