using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Webhooks;
using Keygate.XmlRpc;

namespace Keygate.Notices.Storage;

internal sealed class WebhookRow
{
    public WebhookId Id { get; init; }
    public string Name { get; init; } = "";
    public string Url { get; init; } = "";
    public string Topics { get; init; } = "[]";
    public string Secret { get; init; } = "";
    public string? SecondSecret { get; init; }
    public string Certificate { get; init; } = "";
    public bool PlainHttp { get; init; }
    public int AnswerWithin { get; init; }
    public long AfterNumber { get; init; }
    public int Attempts { get; init; }
    public int Generation { get; init; }
    public DateTimeOffset? DeliveredAt { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public string? LastCause { get; init; }
    public string? LastRemedy { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public string? PausedReason { get; init; }
    public int Version { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }

    public IReadOnlyList<string> TopicList => Json.Read<List<string>>(Topics);
}

/// <summary>What a person sets of a webhook.</summary>
internal sealed record WebhookSettings(string Name, string Url, IReadOnlyList<string> Topics, string Certificate, bool PlainHttp, int AnswerWithin);

internal sealed class FailureRow
{
    public long Id { get; init; }
    public long EventNumber { get; init; }
    public string Topic { get; init; } = "";
    public int Attempt { get; init; }
    public DateTimeOffset FailedAt { get; init; }
    public int? Status { get; init; }
    public string Cause { get; init; } = "";
    public string Remedy { get; init; } = "";
    public bool SetAside { get; init; }
}

/// <summary>Webhooks, how far each has come, and what failed.</summary>
internal sealed class WebhookStore(MasterKey key, TimeProvider time)
{
    private const string Columns =
        """
        id, name, url, topics, secret, second_secret, certificate, plain_http, answer_within, after_number, attempts, generation, delivered_at, failing_since,
        last_cause, last_remedy, paused_at, paused_reason, version, created_at, changed_at
        """;

    public Task<WebhookRow?> FindAsync(Session session, WebhookId id, CancellationToken cancellation) =>
        session.FindAsync<WebhookRow>($"select {Columns} from webhooks where id = @id", new { id }, cancellation);

    public Task<WebhookRow?> LockAsync(Tx tx, WebhookId id, CancellationToken cancellation) =>
        tx.FindAsync<WebhookRow>($"select {Columns} from webhooks where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation);

    public Task<List<WebhookRow>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<WebhookRow>($"select {Columns} from webhooks where id > @after order by id limit @limit", new { after, limit }, cancellation);

    public async Task<bool> NameTakenAsync(Tx tx, string name, WebhookId except, CancellationToken cancellation) =>
        await tx.GetAsync<long>("select count(*) from webhooks where name = @name and id <> @except", new { name, except }, cancellation) > 0;

    public async Task<WebhookId> InsertAsync(Tx tx, WebhookSettings settings, string secret, long after, CancellationToken cancellation)
    {
        var id = WebhookId.Of((int)await tx.InsertAsync(
            """
            insert into webhooks(name, url, topics, secret, certificate, plain_http, answer_within, after_number, created_at, changed_at)
            values (@Name, @Url, @topics, '', @Certificate, @PlainHttp, @AnswerWithin, @after, @now, @now) returning id
            """,
            new { settings.Name, settings.Url, topics = Json.Write(settings.Topics), settings.Certificate, settings.PlainHttp, settings.AnswerWithin, after, now = time.GetUtcNow() },
            cancellation));

        // A secret is bound to the row it stands in, whose number is known only now.
        await tx.ExecuteAsync("update webhooks set secret = @sealed_ where id = @id", new { id, sealed_ = Seal(id, secret) }, cancellation);
        return id;
    }

    /// <summary>Changes what a person sets; secrets that are null stay, an empty second one goes.</summary>
    public Task ChangeAsync(Tx tx, WebhookRow row, WebhookSettings settings, string? secret, string? secondSecret, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        update webhooks set name = @Name, url = @Url, topics = @topics, certificate = @Certificate, plain_http = @PlainHttp, answer_within = @AnswerWithin,
          secret = @secret, second_secret = @second, version = version + 1, changed_at = @now
        where id = @Id
        """,
        new
        {
            row.Id, settings.Name, settings.Url, topics = Json.Write(settings.Topics), settings.Certificate, settings.PlainHttp, settings.AnswerWithin,
            secret = secret is null ? row.Secret : Seal(row.Id, secret),
            second = secondSecret is null ? row.SecondSecret : secondSecret.Length == 0 ? null : Seal(row.Id, secondSecret), now = time.GetUtcNow(),
        }, cancellation);

    public async Task RemoveAsync(Tx tx, WebhookId id, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("delete from webhook_failures where webhook_id = @id", new { id }, cancellation);
        await tx.ExecuteAsync("delete from webhooks where id = @id", new { id }, cancellation);
    }

    /// <summary>Pauses, or lets it go on where the reason is null.</summary>
    public Task PauseAsync(Tx tx, WebhookId id, string? reason, CancellationToken cancellation) => tx.ExecuteAsync(
        "update webhooks set paused_at = @at, paused_reason = @reason, version = version + 1, changed_at = @now where id = @id",
        new { id, reason, at = reason is null ? (DateTimeOffset?)null : time.GetUtcNow(), now = time.GetUtcNow() }, cancellation);

    /// <summary>Nothing up to this event needs delivery any more.</summary>
    public Task PassAsync(Tx tx, WebhookId id, long after, CancellationToken cancellation) =>
        tx.ExecuteAsync("update webhooks set after_number = @after, attempts = 0 where id = @id", new { id, after }, cancellation);

    public Task DeliveredAsync(Tx tx, WebhookId id, long after, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        update webhooks set after_number = @after, attempts = 0, delivered_at = @now, failing_since = null, last_cause = null, last_remedy = null where id = @id
        """, new { id, after, now = time.GetUtcNow() }, cancellation);

    /// <summary>Writes a failed attempt; the event is passed over where it is set aside.</summary>
    public async Task FailedAsync(Tx tx, WebhookRow row, EventRow about, int attempt, int generation, WebhookAnswer answer, bool setAside, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await tx.ExecuteAsync(
            """
            update webhooks set after_number = @after, attempts = @attempts, generation = @generation, failing_since = @since, last_cause = @cause, last_remedy = @remedy where id = @Id
            """,
            new
            {
                row.Id, after = setAside ? about.Number : row.AfterNumber, attempts = setAside ? 0 : attempt, generation, since = setAside ? (DateTimeOffset?)null : row.FailingSince ?? now,
                cause = answer.Cause, remedy = answer.Remedy,
            }, cancellation);
        await tx.LaterAsync(
            """
            insert into webhook_failures(webhook_id, event_number, topic, attempt, failed_at, status, cause, remedy, set_aside)
            values (@Id, @Number, @Topic, @attempt, @now, @Status, @Cause, @Remedy, @setAside)
            """,
            new { row.Id, about.Number, about.Topic, attempt, now, answer.Status, answer.Cause, answer.Remedy, setAside }, cancellation);
    }

    public Task<List<FailureRow>> FailuresAsync(Session session, WebhookId id, long before, int limit, CancellationToken cancellation) => session.QueryAsync<FailureRow>(
        """
        select id, event_number, topic, attempt, failed_at, status, cause, remedy, set_aside from webhook_failures
        where webhook_id = @id and id < @before order by id desc limit @limit
        """, new { id, before, limit }, cancellation);

    public Task<int> PruneFailuresAsync(Tx tx, DateTimeOffset before, int limit, CancellationToken cancellation) => tx.ExecuteAsync(
        "delete from webhook_failures where id in (select id from webhook_failures where failed_at < @before order by failed_at limit @limit)", new { before, limit }, cancellation);

    /// <summary>Where and how to post.</summary>
    public WebhookTarget TargetOf(WebhookRow row) => new(
        new Uri(row.Url),
        [.. new[] { row.Secret, row.SecondSecret }.OfType<string>().Select(box => WebhookSecret.Read(key.OpenText(Purpose(row.Id), box).Reveal)!)],
        XmlRpcPins.Parse(row.Certificate), TimeSpan.FromSeconds(row.AnswerWithin), "webhook");

    private string Seal(WebhookId id, string secret) => key.Seal(Purpose(id), secret);

    private static string Purpose(WebhookId id) => $"{id.Subject}/secret";
}
