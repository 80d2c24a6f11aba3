using System.Text.Json;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>Something that happened.</summary>
/// <param name="Number">Its number; numbers rise without gaps, so that who reads on behind one misses nothing.</param>
/// <param name="Topic">What happened, such as <c>license.installed</c>.</param>
/// <param name="Subject">Whom it happened to, such as <c>license/17</c>.</param>
/// <param name="At">When.</param>
/// <param name="Data">What there is to say about it.</param>
public sealed record Event(long Number, string Topic, string Subject, DateTimeOffset At, JsonElement Data);

/// <summary>Lists what happened, oldest first.</summary>
public sealed class ListEvents
{
    private readonly EventStore _events;

    internal ListEvents(EventStore events) => _events = events;

    /// <summary>Those behind a number, of a topic, about a subject.</summary>
    public Task<Result<Page<Event>>> HandleAsync(Session session, long? after, string? topic, string? subject, PageRequest page, CancellationToken cancellation) => page.OldestFirstAsync(
        $"events {topic} {subject}",
        (behind, limit) => _events.ListAsync(session, topic, subject, page.Cursor is null ? after ?? 0 : behind, limit, cancellation),
        r => r.Number, View);

    /// <summary>The latest, newest first, of a topic.</summary>
    public Task<Result<Page<Event>>> LatestAsync(Session session, string? topic, PageRequest page, CancellationToken cancellation) => page.NewestFirstAsync(
        $"latest events {topic}", (before, limit) => _events.LatestAsync(session, topic, before, limit, cancellation), r => r.Number, View);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/events",
        (long? after, string? topic, string? subject, int? limit, string? cursor, Database database, ListEvents handler, CancellationToken cancellation) =>
            database.ReadAsync(s => handler.HandleAsync(s, after, topic, subject, PageRequest.Of(limit, cursor), cancellation), cancellation))
        .WithName("ListEvents").WithTags("Notices").WithSummary("What happened, oldest first; behind a number, of a topic, about a subject.");

    private static Event View(EventRow row) => new(row.Number, row.Topic, row.Subject, row.HappenedAt, Json.Read<JsonElement>(row.Payload));
}
