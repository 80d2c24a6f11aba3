using System.Security.Cryptography;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>
/// Who is signed in at the screens. A session is a row, so that any process knows it and an administrator's word ends it at once; the browser
/// holds its secret in a cookie.
/// </summary>
public sealed class StaffSessions
{
    /// <summary>A session ends when it was not used for so long.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromHours(12);

    /// <summary>A session ends so long after its sign-in, however much it is used.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromDays(7);

    private const string Purpose = "accounts.session", FormPurpose = "accounts.session-form";

    // Each page would write otherwise.
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(5);

    private readonly Database _database;
    private readonly MasterKey _key;
    private readonly SignIn _signIn;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal StaffSessions(Database database, MasterKey key, SignIn signIn, Audit audit, TimeProvider time) =>
        (_database, _key, _signIn, _audit, _time) = (database, key, signIn, audit, time);

    /// <summary>Begins a session for login and password; refused as a sign-in is.</summary>
    public async Task<Result<Secret>> BeginAsync(string login, string password, CancellationToken cancellation)
    {
        if (!(await _signIn.CheckAsync(login, password, cancellation)).TryGet(out var member, out var error))
        {
            return error;
        }

        var secret = MasterKey.NewToken("kgw_");
        return await _database.WriteAsync<Result<Secret>>(async tx =>
        {
            var now = _time.GetUtcNow();
            await tx.ExecuteAsync(
                "insert into sessions(staff_id, fingerprint, created_at, seen_at) values (@staff, @fingerprint, @now, @now)",
                new { staff = member.Id.Value, fingerprint = _key.Fingerprint(Purpose, secret.Reveal), now }, cancellation);
            await _audit.AddAsync(tx, new Actor(ActorKind.Staff, member.Id.Value, member.Name), "staff.signed-in", $"staff/{member.Id}", "at the screens", cancellation);
            return secret;
        }, cancellation);
    }

    /// <summary>The member of the staff behind a session's secret; null where it is unknown, ended or too old.</summary>
    public async Task<SignedIn?> FindAsync(string secret, CancellationToken cancellation)
    {
        var fingerprint = _key.Fingerprint(Purpose, secret);
        var now = _time.GetUtcNow();
        var row = await _database.ReadAsync(
            s => s.FindAsync<Row>(
                """
                select t.id as session_id, t.seen_at, s.id as staff_id, s.name, s.role from sessions t join staff s on s.id = t.staff_id
                where t.fingerprint = @fingerprint and t.ended_at is null and t.seen_at > @idle and t.created_at > @old
                """,
                new { fingerprint, idle = now - IdleMax, old = now - AgeMax }, cancellation), cancellation);
        if (row is null)
        {
            return null;
        }

        if (now - row.SeenAt > SeenEvery)
        {
            await _database.WriteAsync(
                tx => tx.ExecuteAsync("update sessions set seen_at = @now where id = @id and seen_at < @now", new { id = row.SessionId, now }, cancellation), cancellation);
        }

        return new SignedIn(new Actor(ActorKind.Staff, row.StaffId, row.Name), Enum.Parse<StaffRole>(row.Role));
    }

    /// <summary>Ends a session; a second time changes nothing.</summary>
    public Task EndAsync(string secret, CancellationToken cancellation) =>
        _database.WriteAsync(
            tx => tx.ExecuteAsync(
                "update sessions set ended_at = @now where fingerprint = @fingerprint and ended_at is null",
                new { fingerprint = _key.Fingerprint(Purpose, secret), now = _time.GetUtcNow() }, cancellation), cancellation);

    /// <summary>
    /// What every form of a session carries, so that another site cannot send it: it follows from the session's secret, which that site does
    /// not know, and so holds on every node and as long as the session.
    /// </summary>
    public string FormToken(string secret) => Convert.ToHexString(_key.Fingerprint(FormPurpose, secret).AsSpan(0, 16));

    /// <summary>True where a form carries its session's token.</summary>
    public bool IsFormToken(string secret, string? sent) =>
        sent is not null && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(FormToken(secret)), System.Text.Encoding.UTF8.GetBytes(sent));

    private sealed class Row
    {
        public long SessionId { get; init; }
        public DateTimeOffset SeenAt { get; init; }
        public int StaffId { get; init; }
        public string Name { get; init; } = "";
        public string Role { get; init; } = "";
    }
}
