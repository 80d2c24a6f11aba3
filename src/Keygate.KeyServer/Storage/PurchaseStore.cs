using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What foreign Key Administrators have bought, in the database.</summary>
internal sealed class PurchaseStore
{
    private const string Columns = "p.id, p.client_id, p.purchase_id, p.product, p.test, p.registrant, p.key_id, p.created_at";

    public Task<PurchaseRow?> FindAsync(Session session, ClientId client, string purchase, CancellationToken cancellation) =>
        session.FindAsync<PurchaseRow>($"select {Columns} from purchases p where p.client_id = @client and p.purchase_id = @purchase", new { client, purchase }, cancellation);

    /// <summary>True where the key was bought by a foreign Key Administrator, who prolongs it.</summary>
    public Task<bool> IsBoughtAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from purchases where key_id = @key)", new { key }, cancellation);

    /// <summary>Adds a purchase whose key is about to be made; null where the administrator has made it before. Of several at once the later ones wait for the first.</summary>
    public Task<PurchaseId?> AddAsync(Tx tx, PurchaseRow row, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.FindAsync<PurchaseId?>(
            """
            insert into purchases(client_id, purchase_id, product, test, registrant, created_by, created_at)
            values (@ClientId, @Purchase, @Product, @Test, @Registrant, @by, @now) on conflict (client_id, purchase_id) do nothing returning id
            """, new { row.ClientId, Purchase = row.PurchaseId, row.Product, row.Test, row.Registrant, by, now }, cancellation);

    public Task SetKeyAsync(Tx tx, PurchaseId id, KeyId key, CancellationToken cancellation) =>
        tx.ExecuteAsync("update purchases set key_id = @key where id = @id", new { id, key }, cancellation);

    /// <summary>The revision in which these very octets were handed out, as file or token; null where they are none of this key's.</summary>
    public Task<int?> RevisionOfAsync(Session session, KeyId key, byte[] body, CancellationToken cancellation) =>
        session.FindAsync<int?>(
            """
            select revision from key_files where key_id = @key and content = @body
            union all select revision from key_tokens where key_id = @key and content = @body order by revision desc limit 1
            """, new { key, body }, cancellation);

    public Task<List<PurchaseRow>> PageAsync(Session session, ClientId? client, string? purchase, bool? test, long before, int limit, CancellationToken cancellation)
    {
        var where = string.Concat(
            client is null ? "" : " and p.client_id = @client", purchase is null ? "" : " and p.purchase_id = @purchase", test is null ? "" : " and p.test = @test");
        return session.QueryAsync<PurchaseRow>(
            $"""
            select {Columns}, c.login as client, k.prefix, k.revision, k.key_type, k.expiration_date, k.terminated_at
            from purchases p join clients c on c.id = p.client_id join keys k on k.id = p.key_id
            where p.id < @before{where} order by p.id desc limit @limit
            """, new { client, purchase, test, before, limit }, cancellation);
    }
}

/// <summary>A purchase as it stands in the database.</summary>
internal sealed record PurchaseRow
{
    public PurchaseId Id { get; init; }
    public ClientId ClientId { get; init; }
    public string PurchaseId { get; init; } = "";
    public string Product { get; init; } = "";
    public bool Test { get; init; }
    public string Registrant { get; init; } = "";

    /// <summary>Our key; null only inside the transaction that makes it.</summary>
    public KeyId? KeyId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public string Client { get; init; } = "";
    public string Prefix { get; init; } = "";
    public int Revision { get; init; }
    public string KeyType { get; init; } = "";
    public DateOnly ExpirationDate { get; init; }
    public DateTimeOffset? TerminatedAt { get; init; }
}
