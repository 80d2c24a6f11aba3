using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Product configurations in the database: properties that a client wants in the files of its keys.</summary>
internal sealed class ProductConfigurationStore
{
    private const string Columns = "id, client_id, name, enabled, family, properties";

    public Task<ProductConfigurationRow?> FindAsync(Session session, ProductConfigurationId id, CancellationToken cancellation) =>
        session.FindAsync<ProductConfigurationRow>($"select {Columns} from product_configurations where id = @id", new { id }, cancellation);

    public Task<List<ProductConfigurationRow>> ListAsync(Session session, ClientId client, bool? enabled, CancellationToken cancellation) =>
        session.QueryAsync<ProductConfigurationRow>(
            $"select {Columns} from product_configurations where client_id = @client{(enabled is null ? "" : " and enabled = @enabled")} order by id",
            new { client, enabled }, cancellation);

    /// <summary>Adds a configuration; null when the client has one of that name.</summary>
    public Task<ProductConfigurationId?> AddAsync(Tx tx, ProductConfigurationRow row, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.FindAsync<ProductConfigurationId?>(
            """
            insert into product_configurations(client_id, name, enabled, family, properties, created_by, created_at, changed_at)
            values (@ClientId, @Name, @Enabled, @Family, @Properties, @by, @now, @now) on conflict (client_id, name) do nothing returning id
            """, new { row.ClientId, row.Name, row.Enabled, row.Family, row.Properties, by, now }, cancellation);

    public Task SetEnabledAsync(Tx tx, ProductConfigurationId id, bool enabled, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update product_configurations set enabled = @enabled, changed_at = @now where id = @id", new { id, enabled, now }, cancellation);
}

internal sealed class ProductConfigurationRow
{
    public ProductConfigurationId Id { get; init; }
    public ClientId ClientId { get; init; }
    public string Name { get; init; } = "";
    public bool Enabled { get; init; }

    /// <summary>The product family whose keys it applies to.</summary>
    public string Family { get; init; } = "";

    /// <summary>A JSON list of <see cref="PropertyItem"/>.</summary>
    public string Properties { get; init; } = "[]";

    public IReadOnlyList<PropertyItem> Read() => Json.Read<List<PropertyItem>>(Properties);
}
