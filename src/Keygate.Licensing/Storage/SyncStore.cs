using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>What comparisons with issuers found. A license that is in sync needs no row once a whole pass went over its issuer.</summary>
internal sealed class SyncStore(TimeProvider time)
{
    /// <summary>Stray keys that are kept for each issuer.</summary>
    public const int StraysMax = 10_000;

    private const string RunColumns = "id, issuer_id, ids, cursor, started_at, ended_at, cancelled, compared, differing, strays";

    public Task<SyncRow?> FindAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        session.FindAsync<SyncRow>("select license_id, at, in_sync, shown, differences from license_syncs where license_id = @id", new { id }, cancellation);

    /// <summary>Writes what a comparison found: in sync, or how not.</summary>
    public Task RecordAsync(Tx tx, LicenseId id, bool inSync, ShownKey? shown, IReadOnlyList<SyncDifference> differences, CancellationToken cancellation) => tx.LaterAsync(
        """
        insert into license_syncs(license_id, at, in_sync, shown, differences) values (@id, @at, @inSync, @shown, @differences)
        on conflict (license_id) do update set at = excluded.at, in_sync = excluded.in_sync, shown = excluded.shown, differences = excluded.differences
        """,
        new
        {
            id, at = time.GetUtcNow(), inSync, differences = Json.Write(differences),
            // The activation code opens the license: it stands with the license alone.
            shown = shown is null ? null : Json.Write(shown with { Issued = shown.Issued with { ActivationCode = null, AdditionalKeys = [.. shown.Issued.AdditionalKeys.Select(k => k with { ActivationCode = null })] } }),
        }, cancellation);

    /// <summary>Which of some licenses stand as not in sync: a pass that finds them in sync says so.</summary>
    public async Task<HashSet<LicenseId>> OutAsync(Session session, IReadOnlyList<LicenseId> ids, CancellationToken cancellation) =>
        [.. await InPartsAsync(session, ids, part => session.QueryAsync<LicenseId>(
            $"select license_id from license_syncs where in_sync = @no and license_id {session.Dialect.AnyOf("part")}", new { no = false, part }, cancellation))];

    public Task<List<LicenseId>> OutPageAsync(Session session, PluginId? issuer, long after, int limit, CancellationToken cancellation) => session.QueryAsync<LicenseId>(
        $"""
        select s.license_id from license_syncs s {(issuer is null ? "" : "join licenses l on l.id = s.license_id and l.issuer_id = @issuer")}
        where s.in_sync = @no and s.license_id > @after order by s.license_id limit @limit
        """, new { no = false, issuer, after, limit }, cancellation);

    public Task<List<DecisionRow>> DecisionsAsync(Session session, IReadOnlyList<LicenseId> ids, CancellationToken cancellation) => InPartsAsync(session, ids, part => session.QueryAsync<DecisionRow>(
        $"select license_id, field, theirs, decision, reason, actor, at from license_sync_decisions where license_id {session.Dialect.AnyOf("part")}", new { part }, cancellation));

    public Task DecideAsync(Tx tx, LicenseId id, SyncDifference difference, SyncCure decision, string reason, string actor, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_sync_decisions(license_id, field, theirs, decision, reason, actor, at) values (@id, @Subject, @Theirs, @decision, @reason, @actor, @now)
        on conflict (license_id, field) do update set theirs = excluded.theirs, decision = excluded.decision, reason = excluded.reason, actor = excluded.actor, at = excluded.at
        """, new { id, difference.Subject, difference.Theirs, decision = decision.ToString(), reason, actor, now = time.GetUtcNow() }, cancellation);

    public async Task<int> AddRunAsync(Tx tx, PluginId issuer, IReadOnlyList<LicenseId>? ids, CancellationToken cancellation) => (int)await tx.InsertAsync(
        "insert into sync_runs(issuer_id, ids, started_at, cancelled) values (@issuer, @ids, @now, @no) returning id",
        new { issuer, ids = ids is null ? null : Json.Write(ids.Select(i => i.Value).Order()), now = time.GetUtcNow(), no = false }, cancellation);

    public Task<SyncRun?> RunAsync(Session session, int id, CancellationToken cancellation) =>
        session.FindAsync<SyncRun>($"select {RunColumns} from sync_runs where id = @id", new { id }, cancellation);

    /// <summary>The latest run of an issuer over all of its licenses, ended or not.</summary>
    public Task<SyncRun?> LatestAsync(Session session, PluginId issuer, CancellationToken cancellation) => session.FindAsync<SyncRun>(
        $"select {RunColumns} from sync_runs where issuer_id = @issuer and ids is null order by id desc limit 1", new { issuer }, cancellation);

    /// <summary>When the latest pass over all of an issuer's licenses began that came to its end; null where none did.</summary>
    public Task<DateTimeOffset?> PassAsync(Session session, PluginId issuer, CancellationToken cancellation) => session.FindAsync<DateTimeOffset?>(
        "select started_at from sync_runs where issuer_id = @issuer and ids is null and cancelled = @no and ended_at is not null order by id desc limit 1", new { issuer, no = false }, cancellation);

    public Task<List<SyncRun>> RunsAsync(Session session, long before, int limit, CancellationToken cancellation) =>
        session.QueryAsync<SyncRun>($"select {RunColumns} from sync_runs where id < @before order by id desc limit @limit", new { before, limit }, cancellation);

    public Task<int> AdvanceAsync(Tx tx, int run, string? cursor, int compared, int differing, int strays, bool ended, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        update sync_runs set cursor = @cursor, compared = compared + @compared, differing = differing + @differing, strays = strays + @strays, ended_at = @ended
        where id = @run and ended_at is null
        """, new { run, cursor, compared, differing, strays, ended = ended ? time.GetUtcNow() : (DateTimeOffset?)null }, cancellation);

    public Task<int> CancelAsync(Tx tx, int run, CancellationToken cancellation) => tx.ExecuteAsync(
        "update sync_runs set ended_at = @now, cancelled = @yes where id = @run and ended_at is null", new { run, yes = true, now = time.GetUtcNow() }, cancellation);

    /// <summary>The licenses of an issuer with a key, in the order of their numbers, between two numbers without revision.</summary>
    public Task<List<KeyRow>> BetweenAsync(Session session, PluginId issuer, string? after, string? until, CancellationToken cancellation) => session.QueryAsync<KeyRow>(
        $"""
        select id, parent_id, key_type, bill_type_name, key_number, request, features, expiration_date, update_date, terminated_at, suspended_at, ordered from licenses
        where issuer_id = @issuer and key_number >= @from {(until is null ? "" : "and key_number < @to")} order by key_number
        """,
        // A revision stands behind a dot, and the slash is the next character after it.
        new { issuer, from = after is null ? "" : $"{after}/", to = $"{until}/" }, cancellation);

    /// <summary>The additional licenses with a key of some licenses.</summary>
    public Task<List<KeyRow>> AddOnsAsync(Session session, IReadOnlyList<LicenseId> parents, CancellationToken cancellation) => InPartsAsync(session, parents, part => session.QueryAsync<KeyRow>(
        $"""
        select id, parent_id, key_type, bill_type_name, key_number, request, features, expiration_date, update_date, terminated_at, suspended_at, ordered from licenses
        where key_number is not null and parent_id {session.Dialect.AnyOf("part")}
        """, new { part }, cancellation));

    /// <summary>Licenses of an issuer with a key after a number, or of certain numbers among them; those that are over are passed by.</summary>
    public Task<List<KeyRow>> NextAsync(Session session, PluginId issuer, int after, int[]? ids, int limit, CancellationToken cancellation) => session.QueryAsync<KeyRow>(
        $"""
        select id, parent_id, key_type, bill_type_name, key_number, request, features, expiration_date, update_date, terminated_at, suspended_at, ordered from licenses
        where issuer_id = @issuer and key_number is not null and id > @after
        {(ids is null ? "and terminated_at is null" : $"and id {session.Dialect.AnyOf("ids")}")} order by id limit @limit
        """, new { issuer, after, ids, limit }, cancellation);

    public Task StrayAsync(Tx tx, PluginId issuer, ShownKey key, CancellationToken cancellation) => tx.LaterAsync(
        """
        insert into stray_keys(issuer_id, stem, key_number, key_type, features, found_at, seen_at) values (@issuer, @stem, @KeyNumber, @KeyType, @features, @now, @now)
        on conflict (issuer_id, stem) do update set key_number = excluded.key_number, key_type = excluded.key_type, features = excluded.features, seen_at = excluded.seen_at
        """, new { issuer, stem = SyncRules.Stem(key.Issued.KeyNumber), key.Issued.KeyNumber, key.KeyType, features = Json.Write(key.Features), now = time.GetUtcNow() }, cancellation);

    /// <summary>What a whole pass has not seen any more is no stray key: it ended, or a license has it now.</summary>
    public Task<int> ForgetStraysAsync(Tx tx, PluginId issuer, DateTimeOffset before, CancellationToken cancellation) =>
        tx.ExecuteAsync("delete from stray_keys where issuer_id = @issuer and seen_at < @before", new { issuer, before }, cancellation);

    public Task<List<StrayKey>> StraysAsync(Session session, PluginId? issuer, long after, int limit, CancellationToken cancellation) => session.Ask<StrayRow>(
        $"""
        select id, issuer_id, key_number, key_type, features, found_at, seen_at, ignored from stray_keys
        where id > @after {(issuer is null ? "" : "and issuer_id = @issuer")} order by id limit @limit
        """, new { issuer, after, limit }, cancellation)
        .As(row => new StrayKey(row.Id, row.IssuerId, row.KeyNumber, row.KeyType, Json.Read<List<string>>(row.Features), row.FoundAt, row.SeenAt, row.Ignored)).AllAsync();

    public Task<int> IgnoreStrayAsync(Tx tx, int id, string reason, CancellationToken cancellation) =>
        tx.ExecuteAsync("update stray_keys set ignored = @reason where id = @id", new { id, reason }, cancellation);

    // SQLite's driver looks for each parameter among all of them, so that long lists cost their square.
    private static async Task<List<T>> InPartsAsync<T>(Session session, IReadOnlyList<LicenseId> ids, Func<int[], Task<List<T>>> query)
    {
        var found = new List<T>();
        foreach (var part in ids.Select(i => i.Value).Chunk(session.Dialect.Engine == Engine.Sqlite ? 200 : int.MaxValue))
        {
            found.AddRange(await query(part));
        }

        return found;
    }
}

internal sealed class SyncRow
{
    public LicenseId LicenseId { get; init; }
    public DateTimeOffset At { get; init; }
    public bool InSync { get; init; }
    public string? Shown { get; init; }
    public string Differences { get; init; } = "[]";
}

internal sealed class DecisionRow
{
    public LicenseId LicenseId { get; init; }
    public string Field { get; init; } = "";
    public string Theirs { get; init; } = "";
    public string Decision { get; init; } = "";
    public string Reason { get; init; } = "";
    public string Actor { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>As much of a license as a comparison needs: a pass reads a million of them.</summary>
internal sealed class KeyRow
{
    public LicenseId Id { get; init; }
    public LicenseId? ParentId { get; init; }
    public string KeyType { get; init; } = "";
    public string BillTypeName { get; init; } = "";
    public string KeyNumber { get; init; } = "";
    public string Request { get; init; } = "";

    /// <summary>What it has since it was changed, JSON; null while it is what was requested.</summary>
    public string? Features { get; init; }

    public DateOnly? ExpirationDate { get; init; }
    public DateOnly? UpdateDate { get; init; }
    public DateTimeOffset? TerminatedAt { get; init; }
    public DateTimeOffset? SuspendedAt { get; init; }
    public bool Ordered { get; init; }
}

internal sealed class SyncRun
{
    public int Id { get; init; }
    public PluginId IssuerId { get; init; }
    public string? Ids { get; init; }
    public string? Cursor { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public bool Cancelled { get; init; }
    public int Compared { get; init; }
    public int Differing { get; init; }
    public int Strays { get; init; }
}

internal sealed class StrayRow
{
    public int Id { get; init; }
    public PluginId IssuerId { get; init; }
    public string KeyNumber { get; init; } = "";
    public string KeyType { get; init; } = "";
    public string Features { get; init; } = "[]";
    public DateTimeOffset FoundAt { get; init; }
    public DateTimeOffset SeenAt { get; init; }
    public string? Ignored { get; init; }
}
