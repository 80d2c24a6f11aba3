using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>Why a webhook is paused.</summary>
public sealed record PauseWebhookRequest
{
    /// <summary>In the person's words.</summary>
    public string? Reason { get; init; }
}

/// <summary>Pauses a webhook: nothing more is sent, and what happens waits for it.</summary>
public sealed class PauseWebhook
{
    private readonly WebhookStore _store;
    private readonly WebhookReader _reader;
    private readonly Audit _audit;

    internal PauseWebhook(WebhookStore store, WebhookReader reader, Audit audit) => (_store, _reader, _audit) = (store, reader, audit);

    /// <summary>May be repeated; the first reason stays.</summary>
    public async Task<Result<Webhook>> HandleAsync(Tx tx, WebhookId id, PauseWebhookRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _store.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        if (row.PausedAt is null)
        {
            var reason = string.IsNullOrWhiteSpace(request.Reason) ? $"Paused by {actor.Name}." : request.Reason.Trim();
            await _store.PauseAsync(tx, id, reason, cancellation);
            await _audit.AddAsync(tx, actor, "webhook.paused", id.Subject, reason, cancellation);
        }

        return (await _reader.FindAsync(tx, id, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/webhooks/{id}/pause",
        (WebhookId id, PauseWebhookRequest? request, HttpContext http, WriteDoor door, PauseWebhook handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request ?? new PauseWebhookRequest(), actor, http.RequestAborted)))
        .WithName("PauseWebhook").WithTags("Notices").WithSummary("Pause a webhook: what happens waits for it.");
}
