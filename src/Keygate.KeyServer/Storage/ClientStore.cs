using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Clients and their API logins in the database.</summary>
internal sealed class ClientStore
{
    private const string ClientColumns =
        """
        c.id, c.login, c.name, c.price_list_id, p.version as price_list_version, p.name as price_list, c.default_billing, c.parent_id, c.account, c.problem, c.confirmed,
        c.unpriced, c.first_name, c.last_name, c.company, c.address, c.email, c.phone, c.fax, c.city, c.zip, c.state, c.country, c.language, c.email_language,
        c.created_at
        """;

    private const string ClientTables = "clients c join price_lists p on p.id = c.price_list_id";
    private const string LoginColumns = "id, client_id, login, role, enabled, feature_keys, denied_methods, addresses, calls_per_minute, created_at";

    /// <summary>Everything that Partner API calls need to know of their callers, in one look-up.</summary>
    public Task<List<CallerRow>> CallersAsync(Session session, IReadOnlyList<string> logins, CancellationToken cancellation) =>
        session.QueryAsync<CallerRow>(
            $"""
            select l.id as login_id, l.login, l.fingerprint, l.role, l.enabled, c.id as client_id, c.login as client_login, c.default_billing,
              c.price_list_id, p.version as price_list_version, c.account, c.problem, c.confirmed, c.unpriced, l.feature_keys, l.denied_methods, l.addresses, l.calls_per_minute
            from api_logins l join clients c on c.id = l.client_id join price_lists p on p.id = c.price_list_id
            where l.login {session.Dialect.AnyOf("logins")}
            """, new { logins = logins.ToArray() }, cancellation);

    public Task<ClientRow?> FindAsync(Session session, ClientId id, CancellationToken cancellation) =>
        session.FindAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.id = @id", new { id }, cancellation);

    public Task<ClientRow?> FindAsync(Session session, string login, CancellationToken cancellation) =>
        session.FindAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.login = @login", new { login }, cancellation);

    public Task<List<ClientRow>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) => ListAsync(session, null, after, limit, cancellation);

    /// <summary>The clients above a number whose login or name contains a text, whatever the case; all of them where it is null.</summary>
    public Task<List<ClientRow>> ListAsync(Session session, string? text, long after, int limit, CancellationToken cancellation)
    {
        var (fits, pattern) = text is null
            ? ("", "")
            : (" and (lower(c.login) like @pattern escape '!' or lower(c.name) like @pattern escape '!')", $"%{text.ToLowerInvariant().Replace("!", "!!").Replace("%", "!%").Replace("_", "!_")}%");
        return session.QueryAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.id > @after{fits} order by c.id limit @limit", new { after, limit, pattern }, cancellation);
    }

    /// <summary>True when a client is the other one, or stands below it.</summary>
    public Task<bool> IsWithinAsync(Session session, ClientId ancestor, ClientId client, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from client_reach where ancestor_id = @ancestor and client_id = @client)", new { ancestor, client }, cancellation);

    /// <summary>All clients below one, at any depth.</summary>
    public Task<List<ClientRow>> BelowAsync(Session session, ClientId ancestor, CancellationToken cancellation) =>
        session.QueryAsync<ClientRow>(
            $"select {ClientColumns} from {ClientTables} join client_reach r on r.client_id = c.id where r.ancestor_id = @ancestor and c.id <> @ancestor order by c.id",
            new { ancestor }, cancellation);

    /// <summary>The first clients below one, at any depth.</summary>
    public Task<List<ClientRow>> BelowAsync(Session session, ClientId ancestor, int limit, CancellationToken cancellation) =>
        session.QueryAsync<ClientRow>(
            $"select {ClientColumns} from {ClientTables} join client_reach r on r.client_id = c.id where r.ancestor_id = @ancestor and c.id <> @ancestor order by c.id limit @limit",
            new { ancestor, limit }, cancellation);

    public async Task<ClientId> AddAsync(Tx tx, ClientRow client, string? passwordHash, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = ClientId.Of((int)await tx.InsertAsync(
            """
            insert into clients(login, name, price_list_id, default_billing, parent_id, account, confirmed, unpriced, password_hash, first_name, last_name, company, address,
              email, phone, fax, city, zip, state, country, language, email_language, created_by, created_at, changed_at)
            values (@Login, @Name, @PriceListId, @DefaultBilling, @ParentId, @Account, @Confirmed, @Unpriced, @passwordHash, @FirstName, @LastName, @Company, @Address,
              @Email, @Phone, @Fax, @City, @Zip, @State, @Country, @Language, @EmailLanguage, @by, @now, @now) returning id
            """,
            new
            {
                client.Login, client.Name, client.PriceListId, DefaultBilling = client.DefaultBilling.ToString(), client.ParentId, Account = client.Account.ToString(),
                client.Confirmed, client.Unpriced, passwordHash, client.FirstName, client.LastName, client.Company, client.Address, client.Email, client.Phone, client.Fax,
                client.City, client.Zip, client.State, client.Country, client.Language, client.EmailLanguage, by, now,
            }, cancellation));
        await tx.ExecuteAsync(
            """
            insert into client_reach(ancestor_id, client_id)
            select ancestor_id, @id from client_reach where client_id = @parent union all select @id, @id
            """, new { id, parent = client.ParentId ?? ClientId.Of(0) }, cancellation);
        return id;
    }

    /// <summary>Sets what the issuer's staff decides about an account.</summary>
    public Task SetStandingAsync(Tx tx, ClientId id, bool problem, bool confirmed, bool unpriced, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update clients set problem = @problem, confirmed = @confirmed, unpriced = @unpriced, changed_at = @now where id = @id",
            new { id, problem, confirmed, unpriced, now }, cancellation);

    public Task<List<LoginRow>> LoginsAsync(Session session, ClientId clientId, CancellationToken cancellation) =>
        session.QueryAsync<LoginRow>($"select {LoginColumns} from api_logins where client_id = @clientId order by id", new { clientId }, cancellation);

    public Task<LoginRow?> FindLoginAsync(Session session, ClientId clientId, LoginId id, CancellationToken cancellation) =>
        session.FindAsync<LoginRow>($"select {LoginColumns} from api_logins where client_id = @clientId and id = @id", new { clientId, id }, cancellation);

    public Task<bool> IsLoginTakenAsync(Session session, string login, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from api_logins where login = @login)", new { login }, cancellation);

    public async Task<LoginId> AddLoginAsync(
        Tx tx, LoginRow row, byte[] fingerprint, string by, DateTimeOffset now, CancellationToken cancellation) =>
        LoginId.Of((int)await tx.InsertAsync(
            """
            insert into api_logins(client_id, login, fingerprint, role, enabled, feature_keys, denied_methods, addresses, calls_per_minute, created_by, created_at, changed_at)
            values (@ClientId, @Login, @fingerprint, @Role, @enabled, @FeatureKeys, @DeniedMethods, @Addresses, @CallsPerMinute, @by, @now, @now) returning id
            """,
            new
            {
                row.ClientId, row.Login, fingerprint, Role = row.Role.ToString(), enabled = true, row.FeatureKeys, row.DeniedMethods, row.Addresses, row.CallsPerMinute, by, now,
            }, cancellation));

    /// <summary>Changes what a login may do.</summary>
    public Task SetRightsAsync(Tx tx, LoginRow row, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update api_logins set role = @Role, feature_keys = @FeatureKeys, denied_methods = @DeniedMethods, addresses = @Addresses, calls_per_minute = @CallsPerMinute,
              changed_at = @now
            where id = @Id
            """, new { row.Id, Role = row.Role.ToString(), row.FeatureKeys, row.DeniedMethods, row.Addresses, row.CallsPerMinute, now }, cancellation);

    public Task SetPasswordAsync(Tx tx, LoginId id, byte[] fingerprint, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update api_logins set fingerprint = @fingerprint, changed_at = @now where id = @id", new { id, fingerprint, now }, cancellation);

    public Task SetEnabledAsync(Tx tx, LoginId id, bool enabled, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update api_logins set enabled = @enabled, changed_at = @now where id = @id", new { id, enabled, now }, cancellation);
}

internal sealed class CallerRow
{
    public LoginId LoginId { get; init; }
    public string Login { get; init; } = "";
    public byte[] Fingerprint { get; init; } = [];
    public LoginRole Role { get; init; }
    public bool Enabled { get; init; }
    public ClientId ClientId { get; init; }
    public string ClientLogin { get; init; } = "";
    public BillingType DefaultBilling { get; init; }
    public PriceListId PriceListId { get; init; }
    public int PriceListVersion { get; init; }
    public AccountKind Account { get; init; }
    public bool Problem { get; init; }
    public bool Confirmed { get; init; }
    public bool Unpriced { get; init; }
    public bool FeatureKeys { get; init; }
    public string DeniedMethods { get; init; } = "";
    public string Addresses { get; init; } = "";
    public int? CallsPerMinute { get; init; }

    /// <summary>The login's own client, as one that orders.</summary>
    public ClientTerms Client => new(ClientId, ClientLogin, PriceListId, PriceListVersion, DefaultBilling, Account, Problem, Confirmed, Unpriced);
}

/// <summary>What decides how a client may order.</summary>
internal sealed record ClientTerms(
    ClientId Id, string Login, PriceListId PriceListId, int PriceListVersion, BillingType DefaultBilling, AccountKind Account, bool Problem, bool Confirmed, bool Unpriced)
{
    /// <summary>The same as the price list's rules see it.</summary>
    public Buyer Buyer(KeyCaller caller, DateOnly today) => new(DefaultBilling, today) { Account = Account, Unpriced = Unpriced, FeatureKeys = caller.FeatureKeys };
}

internal sealed record ClientRow
{
    public ClientId Id { get; init; }
    public string Login { get; init; } = "";
    public string Name { get; init; } = "";
    public PriceListId PriceListId { get; init; }
    public string PriceList { get; init; } = "";
    public int PriceListVersion { get; init; }
    public BillingType DefaultBilling { get; init; }
    public ClientId? ParentId { get; init; }
    public AccountKind Account { get; init; }
    public bool Problem { get; init; }
    public bool Confirmed { get; init; } = true;
    public bool Unpriced { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public string Company { get; init; } = "";
    public string Address { get; init; } = "";
    public string Email { get; init; } = "";
    public string Phone { get; init; } = "";
    public string Fax { get; init; } = "";
    public string City { get; init; } = "";
    public string Zip { get; init; } = "";
    public string State { get; init; } = "";
    public string Country { get; init; } = "";
    public string Language { get; init; } = "";
    public string EmailLanguage { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }

    public ClientTerms Terms => new(Id, Login, PriceListId, PriceListVersion, DefaultBilling, Account, Problem, Confirmed, Unpriced);
}

internal sealed record LoginRow
{
    public LoginId Id { get; init; }
    public ClientId ClientId { get; init; }
    public string Login { get; init; } = "";
    public LoginRole Role { get; init; }
    public bool Enabled { get; init; }
    public bool FeatureKeys { get; init; } = true;
    public string DeniedMethods { get; init; } = "";
    public string Addresses { get; init; } = "";
    public int? CallsPerMinute { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
