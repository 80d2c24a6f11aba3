using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>Removes a webhook with its secrets. A call under way ends; the events stay.</summary>
public sealed class RemoveWebhook
{
    private readonly WebhookStore _store;
    private readonly Audit _audit;

    internal RemoveWebhook(WebhookStore store, Audit audit) => (_store, _audit) = (store, audit);

    /// <summary>Refused where there is none.</summary>
    public async Task<Result<Done>> HandleAsync(Tx tx, WebhookId id, Actor actor, CancellationToken cancellation)
    {
        if (await _store.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        await _store.RemoveAsync(tx, id, cancellation);
        await _audit.AddAsync(tx, actor, "webhook.removed", id.Subject, row.Name, cancellation);
        return Done.It;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapDelete(
        "/webhooks/{id}",
        (WebhookId id, HttpContext http, WriteDoor door, RemoveWebhook handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RemoveWebhook").WithTags("Notices").WithSummary("Remove a webhook.");
}
