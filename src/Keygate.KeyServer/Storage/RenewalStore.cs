using System.Globalization;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What is due for renewal by the key server itself, what failed, and the sweeps that went over it.</summary>
internal sealed class RenewalStore
{
    private const long BeginningKey = 0x4B65_7967_6174_6502;

    // The order of the index, so that a batch costs what it holds, whatever is due behind it.
    public const string Renewable =
        """
        from keys k join clients c on c.id = k.client_id
        where k.auto_renew and k.billing = 'Lease' and k.terminated_at is null and k.update_date <= @today and k.expiration_date > @today
          and not k.problem and not c.problem and c.confirmed
          and not exists (select 1 from key_renewals r where r.key_id = k.id and r.tried_on >= @today)
        """;

    // Keys of vendors move on when their vendor has answered.
    private const string Due = Renewable + " and k.vendor_id is null";

    /// <summary>True when a key may be renewed today.</summary>
    public Task<bool> AnyDueAsync(Session session, DateOnly today, CancellationToken cancellation) =>
        session.GetAsync<bool>($"select exists(select 1 {Due})", new { today }, cancellation);

    /// <summary>How many keys may be renewed today.</summary>
    public Task<int> CountDueAsync(Session session, DateOnly today, CancellationToken cancellation) =>
        session.GetAsync<int>($"select count(*) {Due}", new { today }, cancellation);

    /// <summary>The next keys that may be renewed today, the longest due first.</summary>
    public Task<List<KeyRow>> DueAsync(Session session, DateOnly today, (DateOnly Update, KeyId Id) after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>(
            $"select {KeyStore.Columns} {Due} and (k.update_date, k.id) > (@Update, @Id) order by k.update_date, k.id limit @limit",
            new { today, after.Update, after.Id, limit }, cancellation);

    /// <summary>The names of the owners of several keys.</summary>
    public async Task<Dictionary<ClientId, string>> OwnersAsync(Session session, IReadOnlyList<KeyRow> keys, CancellationToken cancellation) =>
        (await session.QueryAsync<Owner>(
            $"select id, name from clients where id {session.Dialect.AnyOf("ids")}", new { ids = keys.Select(k => k.ClientId.Value).Distinct().ToArray() }, cancellation))
        .ToDictionary(row => ClientId.Of(row.Id), row => row.Name);

    /// <summary>Holds several keys until the transaction ends, and says the revision of each that may still be renewed.</summary>
    public async Task<Dictionary<KeyId, int>> HoldAsync(Tx tx, IReadOnlyList<KeyRow> keys, CancellationToken cancellation) =>
        (await tx.QueryAsync<Held>(
            $"select id, revision from keys where id {tx.Dialect.AnyOf("ids")} and {KeyStore.RenewsItself} order by id{tx.Dialect.ForUpdate}",
            new { ids = Ids(keys) }, cancellation)).ToDictionary(row => KeyId.Of(row.Id), row => row.Revision);

    /// <summary>Writes dates, next revision, history and file of the keys that have the revision before and may still be renewed; returns them.</summary>
    public async Task<IReadOnlyList<RenewedKey>> WriteAsync(
        Tx tx, KeyStore keys, SignedFormStore forms, IReadOnlyList<RenewedKey> renewed, string act, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        renewed.Count == 0 ? []
        : tx.Dialect.Engine == Engine.PostgreSql ? await WriteAtOnceAsync(tx, renewed, act, actor, now, cancellation)
        : await WriteEachAsync(tx, keys, forms, renewed, act, actor, now, cancellation);

    // A statement for each row costs the server more than the rows do, and to hold them first as much as half of the change itself.
    private static async Task<IReadOnlyList<RenewedKey>> WriteAtOnceAsync(
        Tx tx, IReadOnlyList<RenewedKey> renewed, string act, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var taken = (await tx.QueryAsync<int>(
            $"""
            update keys set terms = n.terms, update_date = n.due, expiration_date = n.expiration, sus_date = n.sus, revision = n.revision, changed_at = @now
            from unnest(@ids, @revisions, @terms, @updates, @expirations, @sus) as n(id, revision, terms, due, expiration, sus)
            where keys.id = n.id and keys.revision = n.revision - 1 and {KeyStore.RenewsItself} returning keys.id
            """,
            new
            {
                ids = renewed.Select(r => r.Key.Value).ToArray(), revisions = renewed.Select(r => r.Revision).ToArray(), now,
                terms = renewed.Select(r => r.Dates.Terms).ToArray(), updates = renewed.Select(r => Text(r.Dates.Update)).ToArray(),
                expirations = renewed.Select(r => Text(r.Dates.Expiration)).ToArray(), sus = renewed.Select(r => r.Dates.Sus is { } sus ? Text(sus) : null).ToArray(),
            }, cancellation)).ToHashSet();
        var done = renewed.Where(r => taken.Contains(r.Key.Value)).ToList();
        await tx.LaterAsync(
            """
            insert into key_history(key_id, revision, act, detail, actor, at)
            select n.id, n.revision, @act, n.detail, @actor, @now from unnest(@ids, @revisions, @details) as n(id, revision, detail)
            """,
            new
            {
                ids = done.Select(r => r.Key.Value).ToArray(), revisions = done.Select(r => r.Revision).ToArray(), act, actor, now, details = done.Select(r => r.Detail).ToArray(),
            }, cancellation);
        var signed = done.Where(r => r.License is not null).ToList();
        await tx.LaterAsync(
            """
            insert into key_files(key_id, revision, signing_key_id, content, created_at)
            select n.id, n.revision, n.signer, n.content, @now from unnest(@ids, @revisions, @signers, @contents) as n(id, revision, signer, content)
            on conflict (key_id, revision) do nothing
            """,
            new
            {
                ids = signed.Select(r => r.Key.Value).ToArray(), revisions = signed.Select(r => r.Revision).ToArray(), now,
                signers = signed.Select(r => r.License!.SigningKeyId).ToArray(), contents = signed.Select(r => r.License!.Content).ToArray(),
            }, cancellation);
        return done;
    }

    private static async Task<IReadOnlyList<RenewedKey>> WriteEachAsync(
        Tx tx, KeyStore keys, SignedFormStore forms, IReadOnlyList<RenewedKey> renewed, string act, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var done = new List<RenewedKey>();
        foreach (var one in renewed)
        {
            if (!await keys.TryRenewAsync(tx, one.Key, one.Revision - 1, one.Dates, now, cancellation))
            {
                continue;
            }

            done.Add(one);
            await keys.AddHistoryAsync(tx, one.Key, one.Revision, act, one.Detail, actor, now, cancellation);
            if (one.License is { } license)
            {
                await forms.AddAsync(tx, SignedForm.File, one.Key, one.Revision, license.SigningKeyId, license.Content, now, cancellation);
            }
        }

        return done;
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Keeps that a key could not be renewed today.</summary>
    public Task SetFailedAsync(Tx tx, KeyId key, DateOnly today, string code, string detail, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into key_renewals(key_id, tried_on, tries, code, detail, changed_at) values (@key, @today, 1, @code, @detail, @now)
            on conflict (key_id) do update set tried_on = excluded.tried_on, tries = key_renewals.tries + 1, code = excluded.code, detail = excluded.detail, changed_at = excluded.changed_at
            """, new { key, today, code, detail, now }, cancellation);

    /// <summary>Forgets failures of keys that are renewed.</summary>
    public Task ForgetFailedAsync(Tx tx, IReadOnlyList<RenewedKey> keys, CancellationToken cancellation) =>
        tx.LaterAsync($"delete from key_renewals where key_id {tx.Dialect.AnyOf("ids")}", new { ids = keys.Select(k => k.Key.Value).ToArray() }, cancellation);

    /// <summary>The same of one key.</summary>
    public Task ForgetFailedAsync(Tx tx, KeyId key, CancellationToken cancellation) => tx.ExecuteAsync("delete from key_renewals where key_id = @key", new { key }, cancellation);

    public Task<long> BeginSweepAsync(Tx tx, int due, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.InsertAsync(
            "insert into renewal_sweeps(due, renewed, failed, started_by, started_at, changed_at) values (@due, 0, 0, @by, @now, @now) returning id", new { due, by, now }, cancellation);

    public Task CountAsync(Tx tx, int sweep, int renewed, int failed, DateTimeOffset now, CancellationToken cancellation) =>
        tx.LaterAsync(
            "update renewal_sweeps set renewed = renewed + @renewed, failed = failed + @failed, changed_at = @now where id = @sweep", new { sweep, renewed, failed, now }, cancellation);

    public Task EndSweepAsync(Tx tx, int sweep, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update renewal_sweeps set ended_at = @now, changed_at = @now where id = @sweep", new { sweep, now }, cancellation);

    /// <summary>Holds the right to begin a sweep until the transaction ends: where none is open, there is no row that two could take turns by. On SQLite writers take turns anyway.</summary>
    public Task HoldBeginningAsync(Tx tx, CancellationToken cancellation) => tx.Dialect.Engine == Engine.PostgreSql
        ? tx.ExecuteAsync("select pg_advisory_xact_lock(@BeginningKey)", new { BeginningKey }, cancellation)
        : Task.CompletedTask;

    /// <summary>The sweep that has not ended; null where there is none. Held, so that it does not end meanwhile.</summary>
    public Task<SweepRow?> FindOpenAsync(Tx tx, CancellationToken cancellation) =>
        tx.FindAsync<SweepRow>($"select {SweepColumns} from renewal_sweeps where ended_at is null{tx.Dialect.ForUpdate}", null, cancellation);

    public Task<List<SweepRow>> SweepsAsync(Session session, long before, int limit, CancellationToken cancellation) =>
        session.QueryAsync<SweepRow>($"select {SweepColumns} from renewal_sweeps where id < @before order by id desc limit @limit", new { before, limit }, cancellation);

    /// <summary>Keys that renew by themselves and reach their update date by a day, by rising number, with what holds each.</summary>
    public Task<List<DueKeyRow>> ListAsync(Session session, DateOnly by, DateOnly today, bool failedOnly, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<DueKeyRow>(
            $"""
            select k.id, k.prefix, k.revision, k.client_id, k.key_type, k.update_date, k.expiration_date, k.problem, c.problem as client_problem, c.confirmed as client_confirmed,
              r.code, r.detail, r.tries, r.tried_on
            from keys k join clients c on c.id = k.client_id {(failedOnly ? "" : "left ")}join key_renewals r on r.key_id = k.id
            where k.id > @after and k.auto_renew and k.billing = 'Lease' and k.terminated_at is null and k.update_date <= @by and k.expiration_date > @today
            order by k.id limit @limit
            """, new { by, today, after, limit }, cancellation);

    private const string SweepColumns = "id, due, renewed, failed, started_by, started_at, changed_at, ended_at";

    private static int[] Ids(IReadOnlyList<KeyRow> keys) => [.. keys.Select(k => k.Id.Value)];

    private sealed class Owner
    {
        public int Id { get; init; }
        public string Name { get; init; } = "";
    }

    private sealed class Held
    {
        public int Id { get; init; }
        public int Revision { get; init; }
    }
}

/// <summary>A key's next term, with its file where it has one.</summary>
internal sealed record RenewedKey(KeyId Key, int Revision, KeyDates Dates, SignedLicense? License)
{
    public string Detail => $"until {Dates.Expiration:yyyy-MM-dd}";
}

internal sealed class SweepRow
{
    public int Id { get; init; }
    public int Due { get; init; }
    public int Renewed { get; init; }
    public int Failed { get; init; }
    public string StartedBy { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

internal sealed class DueKeyRow
{
    public KeyId Id { get; init; }
    public string Prefix { get; init; } = "";
    public int Revision { get; init; }
    public ClientId ClientId { get; init; }
    public string KeyType { get; init; } = "";
    public DateOnly UpdateDate { get; init; }
    public DateOnly ExpirationDate { get; init; }
    public bool Problem { get; init; }
    public bool ClientProblem { get; init; }
    public bool ClientConfirmed { get; init; }
    public string? Code { get; init; }
    public string? Detail { get; init; }
    public int? Tries { get; init; }
    public DateOnly? TriedOn { get; init; }
}
