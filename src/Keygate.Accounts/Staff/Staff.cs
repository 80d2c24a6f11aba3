using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A staff member's number.</summary>
public readonly record struct StaffId(int Value) : INumber<StaffId>
{
    /// <inheritdoc/>
    public static StaffId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What a member of the staff may do. Ended by an administrator, who gives another role.</summary>
public enum StaffRole
{
    /// <summary>Everything.</summary>
    Administrator,

    /// <summary>Everything but the staff itself.</summary>
    Operator,

    /// <summary>Sees everything but secrets, changes nothing.</summary>
    Auditor,
}

/// <summary>Somebody who works with Keygate.</summary>
/// <param name="Id">The number.</param>
/// <param name="Login">The name to sign in with; lower case.</param>
/// <param name="Name">The name that history shows.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Email">Where their own mail goes to; null where nobody said.</param>
/// <param name="RemovedAt">When they were removed; null while they are there.</param>
public sealed record StaffMember(StaffId Id, string Login, string Name, StaffRole Role, string? Email = null, DateTimeOffset? RemovedAt = null);

/// <summary>The table of staff.</summary>
internal sealed class StaffStore(TimeProvider time)
{
    /// <summary>The login of the account behind <c>cli.json</c>; it has no password.</summary>
    public const string LocalLogin = "local";

    public async Task<StaffMember?> FindAsync(Session session, StaffId id, CancellationToken cancellation) =>
        (await session.FindAsync<StaffRow>("select id, login, name, role, password_hash, email, removed_at from staff where id = @id", new { id = id.Value }, cancellation))?.ToMember();

    public Task<StaffRow?> FindAsync(Session session, string login, CancellationToken cancellation) =>
        session.FindAsync<StaffRow>("select id, login, name, role, password_hash, email, removed_at from staff where login = @login", new { login }, cancellation);

    public async Task<bool> HasAdministratorAsync(Session session, CancellationToken cancellation) =>
        await session.GetAsync<long>(
            "select count(*) from staff where role = @role and password_hash is not null", new { role = StaffRole.Administrator.ToString() }, cancellation) > 0;

    public async Task<List<StaffMember>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<StaffRow>(
            "select id, login, name, role, password_hash, email, removed_at from staff where id > @after order by id limit @limit", new { after, limit }, cancellation)).Select(row => row.ToMember())];

    public async Task<StaffMember> AddAsync(Tx tx, string login, string name, StaffRole role, string? passwordHash, CancellationToken cancellation, string? email = null)
    {
        var id = await tx.InsertAsync(
            """
            insert into staff(login, name, role, password_hash, email, created_at, changed_at)
            values (@login, @name, @role, @passwordHash, @email, @now, @now) returning id
            """,
            new { login, name, role = role.ToString(), passwordHash, email, now = time.GetUtcNow() }, cancellation);
        return new StaffMember(new StaffId((int)id), login, name, role, email);
    }
}

internal sealed class StaffRow
{
    public int Id { get; init; }
    public string Login { get; init; } = "";
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
    public string? PasswordHash { get; init; }
    public string? Email { get; init; }
    public DateTimeOffset? RemovedAt { get; init; }

    public StaffMember ToMember() => new(new StaffId(Id), Login, Name, Enum.Parse<StaffRole>(Role), Email, RemovedAt);
}
