using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>From where to send again: one of the two.</summary>
public sealed record ReplayWebhookRequest
{
    /// <summary>The number of the last event that is not to be sent again; 0 for all that are kept.</summary>
    public long? After { get; init; }

    /// <summary>The time from which on events are sent again.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>
/// Sends events again, or passes over some: the webhook goes on behind the event that is named. Each carries the id it had before, so that a receiver knows
/// what it has already.
/// </summary>
public sealed class ReplayWebhook
{
    private readonly WebhookStore _store;
    private readonly EventStore _events;
    private readonly WebhookReader _reader;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal ReplayWebhook(WebhookStore store, EventStore events, WebhookReader reader, WorkQueue queue, Audit audit) =>
        (_store, _events, _reader, _queue, _audit) = (store, events, reader, queue, audit);

    /// <summary>Refused where it is not clear from where, and where events of that time are no longer kept.</summary>
    public async Task<Result<Webhook>> HandleAsync(Tx tx, WebhookId id, ReplayWebhookRequest request, Actor actor, CancellationToken cancellation)
    {
        if (request.After is null == request.Since is null || request.After < 0)
        {
            return NoticesErrors.ReplayInvalid.Because("Exactly one of 'after' and 'since' must be given, and no negative number.").At("after");
        }

        if (await _store.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        var (first, last) = (await _events.FirstKeptAsync(tx, cancellation), await _events.LastAsync(tx, cancellation));
        var after = request.After is { } named ? named == 0 ? first - 1 : named : await _events.BeforeAsync(tx, request.Since!.Value, cancellation);
        if (after < first - 1)
        {
            return NoticesErrors.EventsGone.Because($"Event {after + 1} is no longer kept; the first that is has number {first}.").At("after");
        }

        if (after > last)
        {
            return NoticesErrors.ReplayInvalid.Because($"There is no event {after} yet; the last one is {last}.").At("after");
        }

        await _store.PassAsync(tx, id, after, cancellation);
        await _audit.AddAsync(tx, actor, "webhook.replayed", id.Subject, $"From behind event {after}; it stood at {row.AfterNumber}.", cancellation);
        if (row.PausedAt is null && !(await DeliverEvents.GoOnAsync(tx, _queue, id, cancellation)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        return (await _reader.FindAsync(tx, id, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/webhooks/{id}/replay",
        (WebhookId id, ReplayWebhookRequest request, HttpContext http, WriteDoor door, ReplayWebhook handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("ReplayWebhook").WithTags("Notices").WithSummary("Send events again from behind a number or from a time; a repeat carries its old id.");
}
