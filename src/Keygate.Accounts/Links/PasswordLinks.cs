using System.Data.Common;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Whom a link lets choose a password.</summary>
public enum LinkPerson
{
    /// <summary>A member of the staff.</summary>
    Staff,

    /// <summary>A customer. That they have the link proves their mail address.</summary>
    Customer,
}

/// <summary>Whose link it is.</summary>
/// <param name="Person">What sort of person.</param>
/// <param name="Id">The member's or account's number.</param>
/// <param name="Name">Their name.</param>
/// <param name="Login">What they sign in with.</param>
public sealed record LinkOwner(LinkPerson Person, int Id, string Name, string Login);

/// <summary>
/// Links by which somebody chooses a password: a new member of the staff, a customer whom the staff added, anybody who forgot theirs. A link works once and for a day; when it was used, all others of that person end,
/// and so do their sessions.
/// </summary>
public sealed class PasswordLinks
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private const string Purpose = "accounts.password-link", SecretPrefix = "kgp_";

    private readonly Database _database;
    private readonly MasterKey _key;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal PasswordLinks(Database database, MasterKey key, Audit audit, TimeProvider time) => (_database, _key, _audit, _time) = (database, key, audit, time);

    /// <summary>Makes a link's secret. Each is another; earlier ones work on until one is used.</summary>
    public async Task<Secret> MakeAsync(Tx tx, LinkPerson person, int id, CancellationToken cancellation)
    {
        var (secret, now) = (MasterKey.NewToken(SecretPrefix), _time.GetUtcNow());
        await tx.ExecuteAsync(
            "insert into password_links(person, person_id, fingerprint, created_at, expires_at) values (@person, @id, @fingerprint, @now, @expires)",
            new { person = person.ToString(), id, fingerprint = _key.Fingerprint(Purpose, secret.Reveal), now, expires = now + Life }, cancellation);
        return secret;
    }

    /// <summary>How many links a person was made since a moment.</summary>
    public Task<long> CountSinceAsync(Session session, LinkPerson person, int id, DateTimeOffset since, CancellationToken cancellation) => session.GetAsync<long>(
        "select count(*) from password_links where person = @person and person_id = @id and created_at > @since", new { person = person.ToString(), id, since }, cancellation);

    /// <summary>Whose link it is; refused where it is unknown, used or too old, all in the same words.</summary>
    public Task<Result<LinkOwner>> FindAsync(string secret, LinkPerson person, CancellationToken cancellation) => _database.ReadAsync<Result<LinkOwner>>(
        async s => await RowAsync(s, secret, person, "", cancellation) is { } row && await OwnerAsync(s, person, row.PersonId, cancellation) is { } owner ? owner : AccountsErrors.LinkInvalid, cancellation);

    /// <summary>Sets the password that was chosen, and ends the link, the person's other links, and their sessions.</summary>
    public async Task<Result<LinkOwner>> UseAsync(Tx tx, string secret, LinkPerson person, string password, CancellationToken cancellation)
    {
        if (Error.Of([.. Passwords.LengthFaults(password)]) is { } weak)
        {
            return weak;
        }

        if (await RowAsync(tx, secret, person, tx.Dialect.ForUpdate, cancellation) is not { } row || await OwnerAsync(tx, person, row.PersonId, cancellation) is not { } owner)
        {
            return AccountsErrors.LinkInvalid;
        }

        if (!(person == LinkPerson.Staff ? await SetStaffAsync(tx, owner, password, cancellation) : await SetCustomerAsync(tx, owner, password, cancellation)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        await tx.ExecuteAsync(
            "update password_links set used_at = @now where person = @person and person_id = @id and used_at is null", new { person = person.ToString(), id = owner.Id, now = _time.GetUtcNow() }, cancellation);
        var subject = person == LinkPerson.Staff ? $"staff/{owner.Id}" : $"customer/{owner.Id}";
        await _audit.AddAsync(
            tx, new Actor(person == LinkPerson.Staff ? ActorKind.Staff : ActorKind.Customer, owner.Id, owner.Name), person == LinkPerson.Staff ? "staff.password-chosen" : "customer.password-chosen", subject, "by a link", cancellation);
        return owner;
    }

    /// <summary>The member or customer who signs in with a login or mail address, for whom a link may be mailed; null where there is none.</summary>
    public async Task<(int Id, string Email)?> FindByLoginAsync(Session session, LinkPerson person, string login, CancellationToken cancellation)
    {
        var wanted = login.Trim().ToLowerInvariant();
        var row = person == LinkPerson.Staff
            ? await session.FindAsync<AddressRow>("select id, email from staff where login = @wanted and email is not null and removed_at is null", new { wanted }, cancellation)
            : await session.FindAsync<AddressRow>("select customer_id as id, email from customer_logins where email = @wanted", new { wanted }, cancellation);
        return row is null ? null : (row.Id, row.Email);
    }

    /// <summary>Where a person's link is mailed to; null where nobody said, or where they were removed.</summary>
    public Task<string?> AddressOfAsync(Session session, LinkPerson person, int id, CancellationToken cancellation) => session.FindAsync<string>(
        person == LinkPerson.Staff ? "select email from staff where id = @id and email is not null and removed_at is null"
            : "select coalesce(l.email, c.email) from customers c left join customer_logins l on l.customer_id = c.id where c.id = @id", new { id }, cancellation);

    private Task<LinkRow?> RowAsync(Session session, string secret, LinkPerson person, string ending, CancellationToken cancellation) => session.FindAsync<LinkRow>(
        $"select person_id from password_links where fingerprint = @fingerprint and person = @person and used_at is null and expires_at > @now{ending}",
        new { fingerprint = _key.Fingerprint(Purpose, secret), person = person.ToString(), now = _time.GetUtcNow() }, cancellation);

    private static async Task<LinkOwner?> OwnerAsync(Session session, LinkPerson person, int id, CancellationToken cancellation) =>
        await session.FindAsync<OwnerRow>(
            person == LinkPerson.Staff ? "select name, login from staff where id = @id and removed_at is null"
                : "select c.name, coalesce(l.email, c.email) as login from customers c left join customer_logins l on l.customer_id = c.id where c.id = @id", new { id }, cancellation) is { } row
            ? new LinkOwner(person, id, row.Name, row.Login)
            : null;

    private async Task<Result<Done>> SetStaffAsync(Tx tx, LinkOwner owner, string password, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        await tx.ExecuteAsync("update staff set password_hash = @hash, changed_at = @now where id = @id", new { id = owner.Id, hash = Passwords.Hash(owner.Login, password), now }, cancellation);
        await tx.ExecuteAsync("update sessions set ended_at = @now where staff_id = @id and ended_at is null", new { id = owner.Id, now }, cancellation);
        return Done.It;
    }

    private async Task<Result<Done>> SetCustomerAsync(Tx tx, LinkOwner owner, string password, CancellationToken cancellation)
    {
        var (login, now) = (RegisterCustomer.Login(owner.Login), _time.GetUtcNow());
        try
        {
            await tx.ExecuteAsync(
                """
                insert into customer_logins(customer_id, email, password_hash, created_at, changed_at, verified_at) values (@id, @login, @hash, @now, @now, @now)
                on conflict (customer_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at, verified_at = excluded.verified_at
                """, new { id = owner.Id, login, hash = Passwords.Hash(login, password), now }, cancellation);
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            // Somebody opened an account with this address in the store before the staff's customer was invited.
            return AccountsErrors.EmailTaken.Because($"Somebody signs in as {login} already.").Mend("Sign in with it, or ask the provider to give this account another address.");
        }

        await tx.ExecuteAsync("update customer_sessions set ended_at = @now where customer_id = @id and ended_at is null", new { id = owner.Id, now }, cancellation);
        return Done.It;
    }

    private sealed class LinkRow
    {
        public int PersonId { get; init; }
    }

    private sealed class OwnerRow
    {
        public string Name { get; init; } = "";
        public string Login { get; init; } = "";
    }

    private sealed class AddressRow
    {
        public int Id { get; init; }
        public string Email { get; init; } = "";
    }
}
