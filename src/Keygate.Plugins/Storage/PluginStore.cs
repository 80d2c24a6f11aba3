using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Plugins;

internal sealed class PluginRow
{
    public PluginId Id { get; init; }
    public string Name { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Settings { get; init; } = "{}";
    public string Secrets { get; init; } = "{}";
    public int Concurrency { get; init; }
    public int CallsPerMinute { get; init; }
    public int TimeoutSeconds { get; init; }
    public int KeysPerHour { get; init; }
    public int KeysPerDay { get; init; }
    public long MoneyPerHour { get; init; }
    public long MoneyPerDay { get; init; }
    public string? Costs { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public string? PausedReason { get; init; }
    public DateTimeOffset? RestoredAt { get; init; }
    public DateTimeOffset? CheckedAt { get; init; }
    public bool? CheckPassed { get; init; }
    public string? CheckText { get; init; }
    public string? CheckRemedy { get; init; }
    public DateTimeOffset? TraceProvedAt { get; init; }
    public DateTimeOffset? TraceTriedAt { get; init; }
    public DateTimeOffset? TraceSince { get; init; }
    public DateTimeOffset? AwaySince { get; init; }
    public string? AwayCause { get; init; }
    public string? OfferKind { get; init; }
    public DateTimeOffset? OfferAt { get; init; }
    public DateTimeOffset? OfferTriedAt { get; init; }
    public string? OfferCause { get; init; }
    public string? OfferRemedy { get; init; }
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }

    public bool IsIssuer => Plugin.Issues(Kind);

    public PluginStatus Status => IsIssuer && OfferAt is null ? PluginStatus.NotConfigured : PluginStatus.Configured;

    public PluginLimits Limits => new()
    {
        Concurrency = Concurrency, CallsPerMinute = CallsPerMinute, TimeoutSeconds = TimeoutSeconds, KeysPerHour = KeysPerHour, KeysPerDay = KeysPerDay,
        MoneyPerHour = MoneyPerHour, MoneyPerDay = MoneyPerDay,
    };

    public PluginCosts? KnownCosts => Costs is null ? null : Json.Read<PluginCosts>(Costs);
}

internal sealed class PluginStore(PluginSecrets secrets, TimeProvider time)
{
    private const string Columns =
        """
        id, name, kind, settings, secrets, concurrency, calls_per_minute, timeout_seconds, keys_per_hour, keys_per_day, money_per_hour, money_per_day, costs, paused_at, paused_reason, restored_at,
        checked_at, check_passed, check_text, check_remedy, trace_proved_at, trace_tried_at, trace_since, away_since, away_cause,
        offer_kind, offer_at, offer_tried_at, offer_cause, offer_remedy, version, created_at, changed_at
        """;

    public Task<PluginRow?> FindAsync(Session session, PluginId id, CancellationToken cancellation) =>
        session.FindAsync<PluginRow>($"select {Columns} from plugins where id = @id", new { id }, cancellation);

    public Question<PluginRow> Ask(Session session, IEnumerable<PluginId> ids, CancellationToken cancellation) =>
        session.Ask<PluginRow>($"select {Columns} from plugins where id {session.Dialect.AnyOf("list")}", new { list = ids.Select(id => id.Value).ToArray() }, cancellation);

    public async Task<PluginCosts?> CostsAsync(Session session, PluginId id, CancellationToken cancellation) =>
        await session.FindAsync<string>("select costs from plugins where id = @id", new { id }, cancellation) is { } costs ? Json.Read<PluginCosts>(costs) : null;

    public Task<PluginRow?> FindForUpdateAsync(Tx tx, PluginId id, CancellationToken cancellation) =>
        tx.FindAsync<PluginRow>($"select {Columns} from plugins where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation);

    public Task<List<PluginRow>> ListAsync(Session session, string? kind, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<PluginRow>(
            $"select {Columns} from plugins where id > @after {(kind is null ? "" : "and kind = @kind")} order by id limit @limit",
            new { kind, after, limit }, cancellation);

    public async Task<bool> NameTakenAsync(Tx tx, string name, PluginId except, CancellationToken cancellation) =>
        await tx.GetAsync<long>("select count(*) from plugins where name = @name and id <> @except", new { name, except }, cancellation) > 0;

    public async Task<PluginId> InsertAsync(Tx tx, string name, string kind, PluginSettings settings, PluginLimits limits, PluginCosts? costs, CancellationToken cancellation)
    {
        var id = PluginId.Of((int)await tx.InsertAsync(
            """
            insert into plugins(name, kind, settings, secrets, concurrency, calls_per_minute, timeout_seconds, keys_per_hour, keys_per_day, money_per_hour, money_per_day, costs,
              version, created_at, changed_at)
            values (@name, @kind, @clear, '{}', @Concurrency, @CallsPerMinute, @TimeoutSeconds, @KeysPerHour, @KeysPerDay, @MoneyPerHour, @MoneyPerDay, @costs, 1, @now, @now)
            returning id
            """,
            new
            {
                name, kind, clear = Json.Write(settings.Clear), now = time.GetUtcNow(),
                limits.Concurrency, limits.CallsPerMinute, limits.TimeoutSeconds, limits.KeysPerHour, limits.KeysPerDay, limits.MoneyPerHour, limits.MoneyPerDay,
                costs = costs is null ? null : Json.Write(costs),
            }, cancellation));

        // A secret is bound to the row it stands in, whose number is known only now.
        await tx.ExecuteAsync("update plugins set secrets = @sealed_ where id = @id", new { id, sealed_ = secrets.Seal(id, settings.Secret) }, cancellation);
        return id;
    }

    public async Task<bool> ChangeAsync(
        Tx tx, PluginRow from, string name, PluginSettings settings, PluginLimits limits, PluginCosts? costs, bool keepsTrace, CancellationToken cancellation) =>
        await tx.ExecuteAsync(
            $"""
            update plugins set name = @name, settings = @clear, secrets = @sealed_, concurrency = @Concurrency, calls_per_minute = @CallsPerMinute,
              timeout_seconds = @TimeoutSeconds, keys_per_hour = @KeysPerHour, keys_per_day = @KeysPerDay, money_per_hour = @MoneyPerHour,
              money_per_day = @MoneyPerDay, costs = @costs, version = version + 1, changed_at = @now
              {(keepsTrace ? "" : ", trace_proved_at = null, trace_tried_at = null, trace_since = @now, offer_at = null")}
            where id = @Id and version = @Version
            """,
            new
            {
                from.Id, from.Version, name, clear = Json.Write(settings.Clear), sealed_ = secrets.Seal(from.Id, settings.Secret), now = time.GetUtcNow(),
                limits.Concurrency, limits.CallsPerMinute, limits.TimeoutSeconds, limits.KeysPerHour, limits.KeysPerDay, limits.MoneyPerHour, limits.MoneyPerDay,
                costs = costs is null ? null : Json.Write(costs),
            }, cancellation) == 1;

    /// <summary>Pauses. The first reason stays: it is the cause, later ones are its consequences.</summary>
    public Task<int> PauseAsync(Tx tx, PluginId id, string reason, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plugins set paused_at = @now, paused_reason = @reason where id = @id and paused_at is null",
            new { id, reason, now = time.GetUtcNow() }, cancellation);

    public Task<int> ResumeAsync(Tx tx, PluginId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update plugins set paused_at = null, paused_reason = null, restored_at = null where id = @id and paused_at is not null", new { id }, cancellation);

    /// <summary>After a restore: nothing is asked of any other side, and issuers say that they are to be compared first.</summary>
    public static async Task HoldAsync(Tx tx, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("update plugins set paused_at = coalesce(paused_at, @now), paused_reason = coalesce(paused_reason, @reason)", new { now, reason }, cancellation);
        await tx.ExecuteAsync("update plugins set restored_at = @now where kind >= 'issuer.' and kind < 'issuer/'", new { now }, cancellation);
    }

    /// <summary>All of its keys were compared since the restore.</summary>
    public Task<int> RecordComparedAsync(Tx tx, PluginId id, DateTimeOffset began, string reason, CancellationToken cancellation) => tx.ExecuteAsync(
        "update plugins set restored_at = null, paused_reason = @reason where id = @id and restored_at <= @began", new { id, began, reason }, cancellation);

    /// <summary>The other side does not answer; since when stays, the cause is the last one.</summary>
    public Task<int> RecordAwayAsync(Tx tx, PluginId id, string cause, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plugins set away_since = coalesce(away_since, @now), away_cause = @cause where id = @id", new { id, cause, now = time.GetUtcNow() }, cancellation);

    /// <summary>It answers again.</summary>
    public Task<int> RecordBackAsync(Tx tx, PluginId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update plugins set away_since = null, away_cause = null where id = @id and away_since is not null", new { id }, cancellation);

    /// <summary>Those that have not answered since then, and are not paused.</summary>
    public Task<List<PluginRow>> AwayAsync(Session session, DateTimeOffset since, CancellationToken cancellation) =>
        session.QueryAsync<PluginRow>($"select {Columns} from plugins where away_since <= @since and paused_at is null order by id", new { since }, cancellation);

    public Task<int> RecordCheckAsync(Tx tx, PluginId id, PluginCheck check, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plugins set checked_at = @At, check_passed = @Passed, check_text = @Text, check_remedy = @Remedy where id = @id",
            new { id, check.At, check.Passed, check.Text, check.Remedy }, cancellation);

    /// <summary>A proof holds for the settings that it was made with: one that comes after a change is dropped.</summary>
    public Task<int> RecordProofAsync(Tx tx, PluginId id, int version, bool found, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plugins set trace_proved_at = @at, trace_tried_at = @now where id = @id and version = @version",
            new { id, version, now = time.GetUtcNow(), at = found ? time.GetUtcNow() : (DateTimeOffset?)null }, cancellation);

    /// <summary>It was tried and says nothing either way.</summary>
    public Task<int> RecordTryAsync(Tx tx, PluginId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update plugins set trace_tried_at = @now where id = @id", new { id, now = time.GetUtcNow() }, cancellation);

    /// <summary>The issuers whose keys could be read now: those that work, and those that wait for a comparison after a restore.</summary>
    public Task<List<PluginRow>> ReadableIssuersAsync(Session session, CancellationToken cancellation) => session.QueryAsync<PluginRow>(
        $"select {Columns} from plugins where kind >= 'issuer.' and kind < 'issuer/' and (paused_at is null or restored_at is not null) order by id", null, cancellation);

    /// <summary>The issuers that could be asked now.</summary>
    public Task<List<PluginRow>> IssuersAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<PluginRow>($"select {Columns} from plugins where kind >= 'issuer.' and kind < 'issuer/' and paused_at is null order by id", null, cancellation);
}
