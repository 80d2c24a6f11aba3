using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Clients and their API logins in the database.</summary>
internal sealed class ClientStore
{
    private const string ClientColumns = "c.id, c.login, c.name, c.price_list_id, p.name as price_list, c.default_billing, c.created_at";
    private const string ClientTables = "clients c join price_lists p on p.id = c.price_list_id";
    private const string LoginColumns = "id, client_id, login, role, enabled, created_at";

    /// <summary>Everything a Partner API call needs to know of its caller, in one look-up.</summary>
    public Task<CallerRow?> FindCallerAsync(Session session, string login, CancellationToken cancellation) =>
        session.FindAsync<CallerRow>(
            """
            select l.id as login_id, l.login, l.fingerprint, l.role, l.enabled, c.id as client_id, c.login as client_login, c.default_billing,
              c.price_list_id, p.version as price_list_version
            from api_logins l join clients c on c.id = l.client_id join price_lists p on p.id = c.price_list_id
            where l.login = @login
            """, new { login }, cancellation);

    public Task<ClientRow?> FindAsync(Session session, ClientId id, CancellationToken cancellation) =>
        session.FindAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.id = @id", new { id }, cancellation);

    public Task<ClientRow?> FindAsync(Session session, string login, CancellationToken cancellation) =>
        session.FindAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.login = @login", new { login }, cancellation);

    public Task<List<ClientRow>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<ClientRow>($"select {ClientColumns} from {ClientTables} where c.id > @after order by c.id limit @limit", new { after, limit }, cancellation);

    public async Task<ClientId> AddAsync(
        Tx tx, string login, string name, PriceListId priceListId, BillingType defaultBilling, string by, DateTimeOffset now, CancellationToken cancellation) =>
        ClientId.Of((int)await tx.InsertAsync(
            """
            insert into clients(login, name, price_list_id, default_billing, created_by, created_at, changed_at)
            values (@login, @name, @priceListId, @billing, @by, @now, @now) returning id
            """, new { login, name, priceListId, billing = defaultBilling.ToString(), by, now }, cancellation));

    public Task<List<LoginRow>> LoginsAsync(Session session, ClientId clientId, CancellationToken cancellation) =>
        session.QueryAsync<LoginRow>($"select {LoginColumns} from api_logins where client_id = @clientId order by id", new { clientId }, cancellation);

    public Task<LoginRow?> FindLoginAsync(Session session, ClientId clientId, LoginId id, CancellationToken cancellation) =>
        session.FindAsync<LoginRow>($"select {LoginColumns} from api_logins where client_id = @clientId and id = @id", new { clientId, id }, cancellation);

    public Task<bool> IsLoginTakenAsync(Session session, string login, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from api_logins where login = @login)", new { login }, cancellation);

    public async Task<LoginId> AddLoginAsync(
        Tx tx, ClientId clientId, string login, byte[] fingerprint, LoginRole role, string by, DateTimeOffset now, CancellationToken cancellation) =>
        LoginId.Of((int)await tx.InsertAsync(
            """
            insert into api_logins(client_id, login, fingerprint, role, enabled, created_by, created_at, changed_at)
            values (@clientId, @login, @fingerprint, @role, @enabled, @by, @now, @now) returning id
            """, new { clientId, login, fingerprint, role = role.ToString(), enabled = true, by, now }, cancellation));

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
}

internal sealed class ClientRow
{
    public ClientId Id { get; init; }
    public string Login { get; init; } = "";
    public string Name { get; init; } = "";
    public PriceListId PriceListId { get; init; }
    public string PriceList { get; init; } = "";
    public BillingType DefaultBilling { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class LoginRow
{
    public LoginId Id { get; init; }
    public ClientId ClientId { get; init; }
    public string Login { get; init; } = "";
    public LoginRole Role { get; init; }
    public bool Enabled { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
