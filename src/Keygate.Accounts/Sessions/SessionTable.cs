using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>
/// Who is signed in, of one sort of people. A session is a row, so that any process knows it and somebody's word ends it at once; the browser holds its secret in a cookie.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="key">Makes what the table keeps of a secret.</param>
/// <param name="time">The clock.</param>
/// <param name="table">The table of the sessions.</param>
/// <param name="owner">The column that says whose a session is.</param>
/// <param name="people">The table of these people.</param>
/// <param name="purpose">Keeps apart what the key makes.</param>
internal sealed class SessionTable(Database database, MasterKey key, TimeProvider time, string table, string owner, string people, string purpose)
{
    /// <summary>A session ends when it was not used for so long.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromHours(12);

    /// <summary>A session ends so long after its sign-in, however much it is used.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromDays(7);

    // Each page would write otherwise.
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(5);

    /// <summary>Begins a session; its secret.</summary>
    public async Task<Secret> BeginAsync(Tx tx, int id, CancellationToken cancellation)
    {
        var secret = MasterKey.NewToken("kgw_");
        await tx.ExecuteAsync(
            $"insert into {table}({owner}, fingerprint, created_at, seen_at) values (@id, @fingerprint, @now, @now)",
            new { id, fingerprint = key.Fingerprint(purpose, secret.Reveal), now = time.GetUtcNow() }, cancellation);
        return secret;
    }

    /// <summary>Whose session it is, with these columns of theirs; null where it is unknown, ended or too old.</summary>
    public async Task<SessionRow?> FindAsync(string secret, string columns, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = await database.ReadAsync(
            s => s.FindAsync<SessionRow>(
                $"""
                select t.id as session_id, t.seen_at, p.id as owner_id, {columns} from {table} t join {people} p on p.id = t.{owner}
                where t.fingerprint = @fingerprint and t.ended_at is null and t.seen_at > @idle and t.created_at > @old
                """,
                new { fingerprint = key.Fingerprint(purpose, secret), idle = now - IdleMax, old = now - AgeMax }, cancellation), cancellation);
        if (row is not null && now - row.SeenAt > SeenEvery)
        {
            await database.WriteAsync(tx => tx.ExecuteAsync($"update {table} set seen_at = @now where id = @id and seen_at < @now", new { id = row.SessionId, now }, cancellation), cancellation);
        }

        return row;
    }

    /// <summary>Ends a session; a second time changes nothing.</summary>
    public Task EndAsync(string secret, CancellationToken cancellation) => database.WriteAsync(
        tx => tx.ExecuteAsync(
            $"update {table} set ended_at = @now where fingerprint = @fingerprint and ended_at is null",
            new { fingerprint = key.Fingerprint(purpose, secret), now = time.GetUtcNow() }, cancellation), cancellation);

    /// <summary>
    /// What every form of a session carries, so that another site cannot send it: it follows from the session's secret, which that site does not know, and so holds on every node
    /// and as long as the session.
    /// </summary>
    public string FormToken(string secret) => Convert.ToHexString(key.Fingerprint($"{purpose}-form", secret).AsSpan(0, 16));

    /// <summary>True where a form carries its session's token.</summary>
    public bool IsFormToken(string secret, string? sent) =>
        sent is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(FormToken(secret)), Encoding.UTF8.GetBytes(sent));
}

/// <summary>A session with what was asked of the person.</summary>
internal sealed class SessionRow
{
    public long SessionId { get; init; }
    public DateTimeOffset SeenAt { get; init; }
    public int OwnerId { get; init; }
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
}
