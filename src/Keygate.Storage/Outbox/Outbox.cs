namespace Keygate.Storage;

/// <summary>News for the world outside: mail, webhooks, event streams.</summary>
/// <param name="Id">Its place in the outbox; rising, but not without gaps, and not in the order of commits.</param>
/// <param name="Topic">What happened, past tense, such as <c>license.installed</c>.</param>
/// <param name="Subject">Whom it happened to, such as <c>license/17</c>.</param>
/// <param name="Payload">JSON; holds no secrets and no key files.</param>
/// <param name="CreatedAt">When it happened.</param>
public sealed record News(long Id, string Topic, string Subject, string Payload, DateTimeOffset CreatedAt);

/// <summary>
/// The outbox: rows are written with the act they tell of, and taken out in the transaction of whoever tells them on. They are never read by a high-water
/// mark, since a transaction that began earlier may commit later and would be passed over.
/// </summary>
public sealed class Outbox(TimeProvider time)
{
    /// <summary>Told, after the commit, that there are news of this process. Must neither throw nor block.</summary>
    public event EventHandler? Added;

    /// <summary>Writes news in the transaction of the act.</summary>
    public Task AddAsync(Tx tx, string topic, string subject, string payload, CancellationToken cancellation)
    {
        tx.AfterCommit(() => Added?.Invoke(this, EventArgs.Empty));
        return tx.LaterAsync(
            "insert into outbox(topic, subject, payload, created_at) values (@topic, @subject, @payload, @now)",
            new { topic, subject, payload, now = time.GetUtcNow() }, cancellation);
    }

    /// <summary>True while there are news.</summary>
    public Task<bool> AnyAsync(Session session, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists (select 1 from outbox where done_at is null)", null, cancellation);

    /// <summary>Takes up to <paramref name="limit"/> news out, in the order in which they were written: they are gone with the commit, and there again where it fails.</summary>
    public async Task<List<News>> TakeAsync(Tx tx, int limit, CancellationToken cancellation)
    {
        var rows = await tx.QueryAsync<Row>(
            $"""
            delete from outbox where id in (select id from outbox where done_at is null order by id limit @limit{tx.Dialect.ForUpdateSkipLocked})
            returning id, topic, subject, payload, created_at
            """, new { limit }, cancellation);
        return [.. rows.OrderBy(r => r.Id).Select(r => new News(r.Id, r.Topic, r.Subject, r.Payload, r.CreatedAt))];
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public string Topic { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Payload { get; init; } = "";
        public DateTimeOffset CreatedAt { get; init; }
    }
}
