using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Where the chain ends.</summary>
/// <param name="Seq">The number of the last link.</param>
/// <param name="Link">The last link, in hexadecimal: kept elsewhere, it proves later that nothing up to here was taken away.</param>
public sealed record AuditHead(long Seq, string Link)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Seq}:{Link}";
}

/// <summary>What a round linked.</summary>
/// <param name="Linked">Rows that were linked.</param>
/// <param name="Foreign">Rows among them that nobody with the master key wrote.</param>
/// <param name="Head">Where the chain ends then; null where another node is at it.</param>
/// <param name="IsHeadDue">True once a day, when the head is to be written to the log.</param>
internal sealed record LinkRound(int Linked, IReadOnlyList<long> Foreign, AuditHead? Head, bool IsHeadDue)
{
    /// <summary>True where there may be more.</summary>
    public bool IsFull => Linked == AuditChain.Batch;
}

/// <summary>
/// Links the rows of the audit trail into a chain, behind those who write them: one node at a time, in batches. Rows are found by number above one below which all are linked;
/// a transaction that began earlier may commit later, so on PostgreSQL that number follows only when none is left that could still bring one.
/// </summary>
internal sealed class AuditChain(MasterKey key)
{
    public const int Batch = 500;

    // A row has its number a moment before its transaction shows, so a number is not taken for settled at once.
    private static readonly TimeSpan SettleAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SignEvery = TimeSpan.FromDays(1);

    /// <summary>True while there may be rows without a link.</summary>
    public static Task<bool> IsBehindAsync(Session session, CancellationToken cancellation) => session.GetAsync<bool>(
        "select coalesce((select max(id) from audit), 0) <> coalesce((select settled from audit_chain where id = 1), -1)", null, cancellation);

    /// <summary>Where the chain ends; null before the first round.</summary>
    public static async Task<AuditHead?> HeadAsync(Session session, CancellationToken cancellation) =>
        await session.FindAsync<ChainRow>($"select {ChainRow.Columns} from audit_chain where id = 1", null, cancellation) is { } row ? row.Head : null;

    /// <summary>Links what is there, up to a batch.</summary>
    public async Task<LinkRound> LinkAsync(Tx tx, CancellationToken cancellation)
    {
        var chain = await ChainAsync(tx, cancellation);
        if (chain is null)
        {
            return new LinkRound(0, [], null, false);
        }

        var now = await tx.GetAsync<long>($"select {tx.Dialect.NowMs}", null, cancellation);
        var snapshot = await SnapshotAsync(tx, cancellation);
        var rows = await tx.QueryAsync<AuditRow>(
            $"""
            select {AuditRow.Columns} from audit a left join audit_links l on l.audit_id = a.id
            where a.id > @Settled and l.audit_id is null order by a.id limit {Batch}
            """, new { chain.Settled }, cancellation);
        var (seq, link) = (chain.Seq, chain.Link);
        foreach (var row in rows)
        {
            var digest = AuditSeal.Digest(row);
            link = AuditSeal.Link(key, link, ++seq, row.Id, digest);
            await tx.LaterAsync(
                "insert into audit_links(seq, audit_id, digest, link, linked_at) values (@seq, @Id, @digest, @link, @now)", new { seq, row.Id, digest, link, now }, cancellation);
        }

        var (settled, next, after, at) = (chain.Settled, chain.NextSettled, chain.NextAfter, chain.NextAt);
        if (rows.Count < Batch)
        {
            var newest = Math.Max(settled, await tx.GetAsync<long>("select coalesce(max(id), 0) from audit", null, cancellation));
            if (tx.Dialect.Engine == Engine.Sqlite)
            {
                settled = newest;
            }
            else if (snapshot.Oldest >= after && now - at >= (long)SettleAfter.TotalMilliseconds)
            {
                (settled, next, after, at) = (Math.Max(settled, next), newest, snapshot.Next, now);
            }
        }

        // The first link says only where the chain begins.
        var signs = now - chain.SignedAt >= (long)SignEvery.TotalMilliseconds && seq > 0;
        await tx.LaterAsync(
            """
            update audit_chain set seq = @seq, link = @link, settled = @settled, next_settled = @next, next_after = @after, next_at = @at, signed_at = @signed where id = 1
            """, new { seq, link, settled, next, after, at, signed = signs ? now : chain.SignedAt }, cancellation);
        return new LinkRound(rows.Count, [.. rows.Where(r => r.Id > chain.Begins && !AuditSeal.IsGenuine(key, r)).Select(r => r.Id)], ChainRow.HeadOf(seq, link), signs);
    }

    // What a transaction can still bring has a number above that of each transaction now under way.
    private static async Task<(long Oldest, long Next)> SnapshotAsync(Tx tx, CancellationToken cancellation) => tx.Dialect.Engine == Engine.Sqlite ? (0, 0)
        : await tx.GetAsync<(long, long)>(
            "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint", null, cancellation);

    private async Task<ChainRow?> ChainAsync(Tx tx, CancellationToken cancellation)
    {
        const string Ours = $"select {ChainRow.Columns}, coalesce((select -audit_id from audit_links where seq = 0), 0) as begins from audit_chain where id = 1";
        if (await tx.GetAsync<long>("select count(*) from audit_chain", null, cancellation) == 0)
        {
            // Rows from before there were seals are linked as they are; from here on a row without one is foreign.
            var begins = await tx.GetAsync<long>("select coalesce(max(id), 0) from audit where seal is null", null, cancellation);
            var link = AuditSeal.Link(key, [], 0, begins, []);
            if (await tx.ExecuteAsync(
                "insert into audit_chain(id, seq, link, settled, next_settled, next_after, next_at, signed_at) values (1, 0, @link, 0, 0, 0, 0, 0) on conflict (id) do nothing",
                new { link }, cancellation) == 1)
            {
                await tx.ExecuteAsync("insert into audit_links(seq, audit_id, digest, link, linked_at) values (0, @begins, @none, @link, 0)", new { begins = -begins, none = Array.Empty<byte>(), link }, cancellation);
            }
        }

        return await tx.FindAsync<ChainRow>($"{Ours}{(tx.Dialect.Engine == Engine.Sqlite ? "" : " for update of audit_chain skip locked")}", null, cancellation);
    }

    private sealed class ChainRow
    {
        public const string Columns = "seq, link, settled, next_settled, next_after, next_at, signed_at";

        public long Seq { get; init; }
        public byte[] Link { get; init; } = [];
        public long Settled { get; init; }
        public long NextSettled { get; init; }
        public long NextAfter { get; init; }
        public long NextAt { get; init; }
        public long SignedAt { get; init; }
        public long Begins { get; init; }

        public AuditHead Head => HeadOf(Seq, Link);

        public static AuditHead HeadOf(long seq, byte[] link) => new(seq, Convert.ToHexString(link));
    }
}
