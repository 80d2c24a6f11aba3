using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>On which servers keys were seen in use.</summary>
internal sealed class SightingStore
{
    // A server that another one replaced was last seen before the other was first seen; servers that use one key side by side overlap.
    private const string Overlaps =
        """
        exists (select 1 from key_sightings o where o.key_id = s.key_id and o.server <> s.server and o.last_at >= @since
          and o.first_at <= s.last_at and s.first_at <= o.last_at)
        """;

    /// <summary>Condition that several servers use a key side by side.</summary>
    /// <param name="key">The expression for the key's number.</param>
    /// <param name="since">The parameter for the moment from which on it counts.</param>
    /// <param name="repeatedly">True where each of the servers must have reported more than once.</param>
    public static string SideBySide(string key, string since, bool repeatedly) =>
        $"""
        exists (select 1 from key_sightings s join key_sightings o on o.key_id = s.key_id and o.server <> s.server and o.first_at <= s.last_at and s.first_at <= o.last_at
          where s.key_id = {key} and s.last_at >= {since} and o.last_at >= {since}{(repeatedly ? " and s.reports > 1 and o.reports > 1" : "")})
        """;

    public Task SawAsync(Tx tx, KeyId key, string server, string addresses, string productVersion, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into key_sightings(key_id, server, addresses, product_version, reports, first_at, last_at) values (@key, @server, @addresses, @productVersion, 1, @now, @now)
            on conflict (key_id, server) do update set addresses = excluded.addresses, product_version = excluded.product_version,
              reports = key_sightings.reports + 1, last_at = excluded.last_at
            """, new { key, server, addresses, productVersion, now }, cancellation);

    /// <summary>The keys above a number that several servers have used side by side since a moment, by rising number.</summary>
    public Task<List<int>> SeveralAsync(Session session, DateTimeOffset since, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<int>(
            $"select distinct s.key_id from key_sightings s where s.last_at >= @since and s.key_id > @after and {Overlaps} order by s.key_id limit @limit",
            new { since, after, limit }, cancellation);

    /// <summary>The servers that used a key side by side since a moment.</summary>
    public Task<List<SightingRow>> ServersAsync(Session session, KeyId key, DateTimeOffset since, CancellationToken cancellation) =>
        session.QueryAsync<SightingRow>(
            $"""
            select s.server, s.addresses, s.product_version, s.reports, s.first_at, s.last_at from key_sightings s
            where s.key_id = @key and s.last_at >= @since and {Overlaps} order by s.first_at, s.server
            """, new { key, since }, cancellation);
}

internal sealed class SightingRow
{
    public string Server { get; init; } = "";
    public string Addresses { get; init; } = "";
    public string ProductVersion { get; init; } = "";
    public int Reports { get; init; }
    public DateTimeOffset FirstAt { get; init; }
    public DateTimeOffset LastAt { get; init; }
}
