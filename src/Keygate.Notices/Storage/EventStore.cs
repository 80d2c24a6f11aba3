using Keygate.Storage;

namespace Keygate.Notices.Storage;

/// <summary>Something that happened.</summary>
internal sealed class EventRow
{
    public long Number { get; init; }
    public string Topic { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Payload { get; init; } = "{}";
    public DateTimeOffset HappenedAt { get; init; }
}

/// <summary>The events, in the order in which they were committed to be told.</summary>
internal sealed class EventStore
{
    private const string Columns = "number, topic, subject, payload, happened_at";

    /// <summary>The last number that was given; held until the transaction ends, so that numbers rise in the order of commits.</summary>
    public Task<long> LockLastAsync(Tx tx, CancellationToken cancellation) =>
        tx.GetAsync<long>($"select last_number from event_numbers where id = 1{tx.Dialect.ForUpdate}", null, cancellation);

    public async Task AddAsync(Tx tx, IReadOnlyList<EventRow> rows, CancellationToken cancellation)
    {
        foreach (var row in rows)
        {
            await tx.LaterAsync("insert into events(number, topic, subject, payload, happened_at) values (@Number, @Topic, @Subject, @Payload, @HappenedAt)", row, cancellation);
        }

        await tx.LaterAsync("update event_numbers set last_number = @last where id = 1", new { last = rows[^1].Number }, cancellation);
    }

    public Task<EventRow?> FindAsync(Session session, long number, CancellationToken cancellation) =>
        session.FindAsync<EventRow>($"select {Columns} from events where number = @number", new { number }, cancellation);

    public Task<List<EventRow>> AfterAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<EventRow>($"select {Columns} from events where number > @after order by number limit @limit", new { after, limit }, cancellation);

    public Task<List<EventRow>> ListAsync(Session session, string? topic, string? subject, long after, int limit, CancellationToken cancellation)
    {
        var where = (topic is null ? "" : " and topic = @topic") + (subject is null ? "" : " and subject = @subject");
        return session.QueryAsync<EventRow>($"select {Columns} from events where number > @after{where} order by number limit @limit", new { topic, subject, after, limit }, cancellation);
    }

    public Task<List<EventRow>> LatestAsync(Session session, string? topic, long before, int limit, CancellationToken cancellation) => session.QueryAsync<EventRow>(
        $"select {Columns} from events where number < @before{(topic is null ? "" : " and topic = @topic")} order by number desc limit @limit", new { topic, before, limit }, cancellation);

    public Task<long> LastAsync(Session session, CancellationToken cancellation) => session.GetAsync<long>("select last_number from event_numbers where id = 1", null, cancellation);

    /// <summary>The lowest number that is kept; the next one that will be given where none is.</summary>
    public async Task<long> FirstKeptAsync(Session session, CancellationToken cancellation) =>
        await session.GetAsync<long?>("select min(number) from events", null, cancellation) ?? await LastAsync(session, cancellation) + 1;

    /// <summary>The number of the last event before a time; one below the first kept where all are later.</summary>
    public async Task<long> BeforeAsync(Session session, DateTimeOffset time, CancellationToken cancellation) =>
        await session.GetAsync<long?>("select max(number) from events where happened_at < @time", new { time }, cancellation) ?? await FirstKeptAsync(session, cancellation) - 1;

    public Task<int> PruneAsync(Tx tx, DateTimeOffset before, int limit, CancellationToken cancellation) => tx.ExecuteAsync(
        "delete from events where number in (select number from events where happened_at < @before order by happened_at limit @limit)", new { before, limit }, cancellation);
}
