using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>Lets a webhook that is paused, or whose deliveries were given up, go on where it stood.</summary>
public sealed class ResumeWebhook
{
    private readonly WebhookStore _store;
    private readonly WebhookReader _reader;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal ResumeWebhook(WebhookStore store, WebhookReader reader, WorkQueue queue, Audit audit) => (_store, _reader, _queue, _audit) = (store, reader, queue, audit);

    /// <summary>May be repeated.</summary>
    public async Task<Result<Webhook>> HandleAsync(Tx tx, WebhookId id, Actor actor, CancellationToken cancellation)
    {
        if (await _store.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        await _store.PauseAsync(tx, id, null, cancellation);
        await _store.PassAsync(tx, id, row.AfterNumber, cancellation);
        if (!(await DeliverEvents.GoOnAsync(tx, _queue, id, cancellation)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        await _audit.AddAsync(tx, actor, "webhook.resumed", id.Subject, null, cancellation);
        return (await _reader.FindAsync(tx, id, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/webhooks/{id}/resume",
        (WebhookId id, HttpContext http, WriteDoor door, ResumeWebhook handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("ResumeWebhook").WithTags("Notices").WithSummary("Resume a webhook: it goes on where it stood.");
}
