using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>What a webhook does just now.</summary>
public enum WebhookState
{
    /// <summary>It has delivered all, or is about to. Ended by a failure or a pause.</summary>
    Active,

    /// <summary>The receiver does not take an event, which is sent again with growing pauses. Ended by its delivery, or after three days.</summary>
    Retrying,

    /// <summary>It was tried for days, or refused for good: needs attention. Ended by a person, who resubmits or resumes.</summary>
    Stopped,

    /// <summary>Nothing is sent. Ended by a person.</summary>
    Paused,
}

/// <summary>A webhook; its secrets are never shown.</summary>
public sealed record Webhook
{
    /// <summary>Its number.</summary>
    public required WebhookId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it posts.</summary>
    public required string Url { get; init; }

    /// <summary>What it wants to hear of.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>True while two secrets sign.</summary>
    public required bool HasSecondSecret { get; init; }

    /// <summary>The pinned certificate; empty where the system's authorities decide.</summary>
    public required string Certificate { get; init; }

    /// <summary>Whether http to another machine is allowed.</summary>
    public required bool PlainHttp { get; init; }

    /// <summary>Seconds for a whole call.</summary>
    public required int AnswerWithinSeconds { get; init; }

    /// <summary>What it does just now.</summary>
    public required WebhookState State { get; init; }

    /// <summary>The last event that needs no delivery any more: delivered, set aside, or not asked for.</summary>
    public required long After { get; init; }

    /// <summary>How many events came after that one, wanted or not.</summary>
    public required long Behind { get; init; }

    /// <summary>When it last delivered.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Since when the receiver takes nothing.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>How often the event under way was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>What the last failed attempt met.</summary>
    public string? Cause { get; init; }

    /// <summary>What can be done about it.</summary>
    public string? Remedy { get; init; }

    /// <summary>Why it is paused.</summary>
    public string? PausedReason { get; init; }
}

/// <summary>A delivery that failed.</summary>
/// <param name="Event">The event's number.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="At">When.</param>
/// <param name="Status">The HTTP status; null where there was none.</param>
/// <param name="Cause">Why.</param>
/// <param name="Remedy">What can be done about it.</param>
/// <param name="SetAside">True where the event was not tried again: the receiver had read it and did not want it. A replay sends it anew.</param>
public sealed record WebhookFailure(long Event, string Topic, int Attempt, DateTimeOffset At, int? Status, string Cause, string Remedy, bool SetAside);

/// <summary>Lists and shows webhooks and their failures.</summary>
public sealed class WebhookReader
{
    private readonly WebhookStore _store;
    private readonly EventStore _events;
    private readonly Lazy<WorkQueue> _queue;

    internal WebhookReader(WebhookStore store, EventStore events, Lazy<WorkQueue> queue) => (_store, _events, _queue) = (store, events, queue);

    /// <summary>One of them; null where there is none.</summary>
    public async Task<Webhook?> FindAsync(Session session, WebhookId id, CancellationToken cancellation) =>
        await _store.FindAsync(session, id, cancellation) is { } row ? (await ViewAsync(session, [row], cancellation))[0] : null;

    /// <summary>All, by number.</summary>
    public async Task<Result<Page<Webhook>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation)
    {
        var rows = await page.OldestFirstAsync("webhooks", (after, limit) => _store.ListAsync(session, after, limit, cancellation), r => r.Id.Value, r => r);
        return rows.TryGet(out var found, out var error) ? new Page<Webhook>(await ViewAsync(session, found.Items, cancellation), found.Next) : error;
    }

    /// <summary>What failed, newest first.</summary>
    public Task<Result<Page<WebhookFailure>>> FailuresAsync(Session session, WebhookId id, PageRequest page, CancellationToken cancellation) => page.NewestFirstAsync(
        $"webhook failures {id}", (before, limit) => _store.FailuresAsync(session, id, before, limit, cancellation), r => r.Id,
        r => new WebhookFailure(r.EventNumber, r.Topic, r.Attempt, r.FailedAt, r.Status, r.Cause, r.Remedy, r.SetAside));

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/webhooks",
            (int? limit, string? cursor, Database database, WebhookReader reader, CancellationToken cancellation) =>
                database.ReadAsync(s => reader.ListAsync(s, PageRequest.Of(limit, cursor), cancellation), cancellation))
            .WithName("ListWebhooks").WithTags("Notices").WithSummary("The webhooks, and how far each has come.");
        routes.MapGet(
            "/webhooks/{id}",
            (WebhookId id, Database database, WebhookReader reader, CancellationToken cancellation) => database.ReadAsync<Result<Webhook>>(
                async s => await reader.FindAsync(s, id, cancellation) is { } webhook ? webhook : WebhookRules.NotFound(id), cancellation))
            .WithName("ShowWebhook").WithTags("Notices").WithSummary("One webhook.");
        routes.MapGet(
            "/webhooks/{id}/failures",
            (WebhookId id, int? limit, string? cursor, Database database, WebhookReader reader, CancellationToken cancellation) => database.ReadAsync(
                async s => await reader.FindAsync(s, id, cancellation) is null ? WebhookRules.NotFound(id) : await reader.FailuresAsync(s, id, PageRequest.Of(limit, cursor), cancellation), cancellation))
            .WithName("ListWebhookFailures").WithTags("Notices").WithSummary("Deliveries of a webhook that failed, newest first.");
    }

    private async Task<List<Webhook>> ViewAsync(Session session, IReadOnlyList<WebhookRow> rows, CancellationToken cancellation)
    {
        var last = await _events.LastAsync(session, cancellation);
        var works = (await _queue.Value.ViewAsync(session, [.. rows.Select(r => r.Id.Subject)], cancellation)).Where(w => w.Kind == DeliverEvents.KindName).ToLookup(w => w.Subject);
        return [.. rows.Select(row =>
        {
            var work = works[row.Id.Subject].LastOrDefault(w => w.IsOpen);
            return new Webhook
            {
                Id = row.Id, Name = row.Name, Url = row.Url, Topics = row.TopicList, HasSecondSecret = row.SecondSecret is not null, Certificate = row.Certificate, PlainHttp = row.PlainHttp,
                AnswerWithinSeconds = row.AnswerWithin, After = row.AfterNumber, Behind = last - row.AfterNumber, DeliveredAt = row.DeliveredAt, FailingSince = row.FailingSince,
                Attempts = row.Attempts, Cause = row.LastCause, Remedy = row.LastRemedy, PausedReason = row.PausedReason,
                State = row.PausedAt is not null || work is null ? WebhookState.Paused : work.IsStopped ? WebhookState.Stopped : row.FailingSince is not null ? WebhookState.Retrying : WebhookState.Active,
                NextAttempt = row.FailingSince is not null ? work?.NextAttemptAt : null,
            };
        })];
    }
}
