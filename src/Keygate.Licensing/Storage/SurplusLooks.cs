using Keygate.Plugins;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>
/// Licenses whose issuer is still to be looked at for a second key. The table holds those of the last hour, so it needs no index by time and costs an
/// order one short row.
/// </summary>
internal static class SurplusLooks
{
    public static Task AddAsync(Tx tx, LicenseId license, DateTimeOffset due, CancellationToken cancellation) => tx.LaterAsync(
        """
        insert into surplus_looks(license_id, due_at) values (@license, @due)
        on conflict (license_id) do update set due_at = excluded.due_at
        """, new { license, due }, cancellation);

    /// <summary>Takes what is due off the list.</summary>
    public static async Task<List<Row>> TakeAsync(Tx tx, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var rows = await tx.QueryAsync<Row>(
            """
            select s.license_id, l.issuer_id from surplus_looks s join licenses l on l.id = s.license_id
            where s.due_at <= @now order by s.license_id limit @limit
            """, new { now, limit }, cancellation);
        if (rows.Count > 0)
        {
            await tx.ExecuteAsync(
                $"delete from surplus_looks where license_id {tx.Dialect.AnyOf("taken")}", new { taken = rows.Select(r => r.LicenseId.Value).ToArray() }, cancellation);
        }

        return rows;
    }

    internal sealed class Row
    {
        public LicenseId LicenseId { get; init; }
        public PluginId IssuerId { get; init; }
    }
}
