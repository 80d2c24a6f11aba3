namespace Keygate.Storage;

/// <summary>News for the world outside: mail, webhooks, event streams.</summary>
/// <param name="Id">Its place in the outbox; rising, but not without gaps.</param>
/// <param name="Topic">What happened, past tense, such as <c>license.installed</c>.</param>
/// <param name="Subject">Whom it happened to, such as <c>license/17</c>.</param>
/// <param name="Payload">JSON; holds no secrets and no key files.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="Attempt">How often delivery was begun.</param>
public sealed record News(long Id, string Topic, string Subject, string Payload, DateTimeOffset CreatedAt, int Attempt);

/// <summary>
/// The outbox: rows are written with the act they tell of and go out afterwards, at least once. They are claimed and marked, never read by
/// a high-water mark, since a transaction that began earlier may commit later and would be passed over.
/// </summary>
public sealed class Outbox(Database database, TimeProvider time)
{
    /// <summary>Writes news in the transaction of the act.</summary>
    public Task AddAsync(Tx tx, string topic, string subject, string payload, CancellationToken cancellation) =>
        tx.LaterAsync(
            "insert into outbox(topic, subject, payload, created_at) values (@topic, @subject, @payload, @now)",
            new { topic, subject, payload, now = time.GetUtcNow() }, cancellation);

    /// <summary>
    /// Claims up to <paramref name="limit"/> rows for <paramref name="hold"/>; nobody else gets them before that is over. A receiver that
    /// ends in between leaves them to the next claim, so a row may be delivered twice, with the same id.
    /// </summary>
    public Task<List<News>> ClaimAsync(long owner, int limit, TimeSpan hold, CancellationToken cancellation) =>
        database.WriteAsync(async tx =>
        {
            var rows = await tx.QueryAsync<Row>(
                $"""
                update outbox set claimed_by = @owner, claimed_until = {tx.Dialect.NowMs} + @hold, attempt = attempt + 1
                where id in (
                  select id from outbox where done_at is null and (claimed_until is null or claimed_until < {tx.Dialect.NowMs})
                  order by id limit @limit{tx.Dialect.ForUpdateSkipLocked})
                returning id, topic, subject, payload, created_at, attempt
                """,
                new { owner, limit, hold = (long)hold.TotalMilliseconds }, cancellation);
            return rows.OrderBy(r => r.Id).Select(r => new News(r.Id, r.Topic, r.Subject, r.Payload, r.CreatedAt, r.Attempt)).ToList();
        }, cancellation);

    /// <summary>Marks rows as delivered. Rows that another owner has claimed meanwhile are left alone.</summary>
    public Task<int> MarkAsync(long owner, IReadOnlyList<long> ids, CancellationToken cancellation) =>
        database.WriteAsync(async tx =>
        {
            var marked = 0;
            foreach (var id in ids)
            {
                marked += await tx.ExecuteAsync(
                    "update outbox set done_at = @now where id = @id and claimed_by = @owner and done_at is null",
                    new { id, owner, now = time.GetUtcNow() }, cancellation);
            }

            return marked;
        }, cancellation);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Topic { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Payload { get; init; } = "";
        public DateTimeOffset CreatedAt { get; init; }
        public int Attempt { get; init; }
    }
}
