using Keygate.Storage;
using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>The signed trust bundle, the signed status lists and the keys that are not good, in the database.</summary>
internal sealed class TrustStore
{
    private const string BundleColumns = "changes, number, number_min, signed_changes, signed_revoked, root, content";
    private const string ListColumns = "shard, changes, number, signed_changes, number_min, root, content, issued_at, expires_at";

    /// <summary>Notes that the ring of signing keys has changed, in the transaction that changes it.</summary>
    public Task RingChangedAsync(Tx tx, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into trust_bundle(id, changes, number, number_min, signed_changes, signed_revoked, root, content) values (1, 1, 0, 0, 0, 0, '', '')
            on conflict (id) do update set changes = trust_bundle.changes + 1
            """, null, cancellation);

    /// <summary>Keeps what a root has signed of the next one; the first word on two keys stays.</summary>
    public Task AddSuccessionAsync(Tx tx, string from, string to, string content, string reason, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into root_successions(from_key, to_key, content, reason, created_by, created_at) values (@from, @to, @content, @reason, @by, @now)
            on conflict (from_key, to_key) do nothing
            """, new { from, to, content, reason, by, now }, cancellation);

    /// <summary>All that roots have signed of the next ones, the oldest first.</summary>
    public Task<List<SuccessionRow>> SuccessionsAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<SuccessionRow>("select from_key, to_key, content from root_successions order by id", null, cancellation);

    public async Task<BundleRow> BundleAsync(Session session, CancellationToken cancellation) =>
        await session.FindAsync<BundleRow>($"select {BundleColumns} from trust_bundle where id = 1", null, cancellation) ?? new BundleRow();

    /// <summary>Keeps a signed bundle; 0 where another process has just kept one.</summary>
    public Task<int> SaveBundleAsync(Tx tx, BundleRow row, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into trust_bundle(id, changes, number, number_min, signed_changes, signed_revoked, root, content)
            values (1, @Changes, @Number, @NumberMin, @Changes, @SignedRevoked, @Root, @Content)
            on conflict (id) do update set number = excluded.number, number_min = excluded.number_min, signed_changes = excluded.signed_changes,
              signed_revoked = excluded.signed_revoked, root = excluded.root, content = excluded.content
            where trust_bundle.number = excluded.number - 1
            """, row, cancellation);

    public async Task<StatusListRow> ListAsync(Session session, int shard, CancellationToken cancellation) =>
        await session.FindAsync<StatusListRow>($"select {ListColumns} from status_lists where shard = @shard", new { shard }, cancellation) ?? new StatusListRow { Shard = shard };

    /// <summary>Keeps a signed list; 0 where another process has just kept one.</summary>
    public Task<int> SaveListAsync(Tx tx, StatusListRow row, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into status_lists(shard, changes, number, signed_changes, number_min, root, content, issued_at, expires_at)
            values (@Shard, @Changes, @Number, @Changes, @NumberMin, @Root, @Content, @IssuedAt, @ExpiresAt)
            on conflict (shard) do update set number = excluded.number, signed_changes = excluded.signed_changes, number_min = excluded.number_min,
              root = excluded.root, content = excluded.content, issued_at = excluded.issued_at, expires_at = excluded.expires_at
            where status_lists.number = excluded.number - 1
            """, row, cancellation);

    /// <summary>The keys of a shard that are not good.</summary>
    public Task<List<KeyStatusRow>> NotGoodAsync(Session session, int shard, CancellationToken cancellation) =>
        session.QueryAsync<KeyStatusRow>(
            "select key_id, status, reason from key_statuses where key_id between @first and @last order by key_id",
            new { first = (long)shard * LicenseFormat.StatusShardKeys, last = ((shard + 1L) * LicenseFormat.StatusShardKeys) - 1 }, cancellation);

    /// <summary>The keys above a number that are not good, by rising number.</summary>
    public Task<List<KeyStatusRow>> NotGoodAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<KeyStatusRow>(
            "select key_id, status, reason, changed_by, changed_at from key_statuses where key_id > @after order by key_id limit @limit", new { after, limit }, cancellation);

    /// <summary>All lists with the number of keys in them that are not good.</summary>
    public async Task<List<CountedListRow>> ListsAsync(Session session, CancellationToken cancellation) =>
        await session.QueryAsync<CountedListRow>(
            $"""
            select l.shard, l.changes, l.number, l.signed_changes, l.issued_at, l.expires_at,
              (select count(*) from key_statuses s where s.key_id between l.shard * {LicenseFormat.StatusShardKeys} and (l.shard + 1) * {LicenseFormat.StatusShardKeys} - 1) as not_good
            from status_lists l order by l.shard
            """, null, cancellation);

    public Task<KeyStatusRow?> FindAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.FindAsync<KeyStatusRow>("select key_id, status, reason from key_statuses where key_id = @key", new { key }, cancellation);

    /// <summary>Says that a key is not good, or that it is again, and notes that its shard's list has changed.</summary>
    public async Task SetAsync(Tx tx, KeyId key, KeyStatus status, string reason, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            """
            insert into status_lists(shard, changes, number, signed_changes, number_min, root, content) values (@shard, 1, 0, 0, 0, '', '')
            on conflict (shard) do update set changes = status_lists.changes + 1
            """, new { shard = key.Value / LicenseFormat.StatusShardKeys }, cancellation);
        if (status == KeyStatus.Good)
        {
            await tx.ExecuteAsync("delete from key_statuses where key_id = @key", new { key }, cancellation);
            return;
        }

        await tx.ExecuteAsync(
            """
            insert into key_statuses(key_id, status, reason, changed_by, changed_at) values (@key, @status, @reason, @by, @now)
            on conflict (key_id) do update set status = excluded.status, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at
            """, new { key, status = status.ToString(), reason, by, now }, cancellation);
    }

    /// <summary>The highest key number given so far; 0 where there is none.</summary>
    public Task<int> HighestKeyAsync(Session session, CancellationToken cancellation) =>
        session.GetAsync<int>("select coalesce(max(id), 0) from keys", null, cancellation);
}

internal sealed record BundleRow
{
    public int Changes { get; init; }
    public int Number { get; init; }

    /// <summary>The number of the first bundle that tells of every revocation.</summary>
    public int NumberMin { get; init; }

    public int SignedChanges { get; init; }
    public int SignedRevoked { get; init; }
    public string Root { get; init; } = "";
    public string Content { get; init; } = "";
}

internal sealed class SuccessionRow
{
    public string FromKey { get; init; } = "";
    public string ToKey { get; init; } = "";
    public string Content { get; init; } = "";
}

internal sealed record StatusListRow
{
    public int Shard { get; init; }
    public int Changes { get; init; }
    public int Number { get; init; }
    public int SignedChanges { get; init; }
    public int NumberMin { get; init; }
    public string Root { get; init; } = "";
    public string Content { get; init; } = "";
    public DateTimeOffset? IssuedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

internal sealed record CountedListRow
{
    public int Shard { get; init; }
    public int Changes { get; init; }
    public int Number { get; init; }
    public int SignedChanges { get; init; }
    public DateTimeOffset? IssuedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public int NotGood { get; init; }
}

internal sealed record KeyStatusRow
{
    public int KeyId { get; init; }
    public KeyStatus Status { get; init; }
    public string Reason { get; init; } = "";
    public string ChangedBy { get; init; } = "";
    public DateTimeOffset ChangedAt { get; init; }
}
