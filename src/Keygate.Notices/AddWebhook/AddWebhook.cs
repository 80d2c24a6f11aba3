using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Webhooks;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>A webhook to be added.</summary>
public sealed record AddWebhookRequest
{
    /// <summary>Its name, unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where to post, such as https://panel.example.net/keygate. Addresses of private networks are allowed; redirects are not followed.</summary>
    public string Url { get; init; } = "";

    /// <summary>What it wants to hear of: topics such as license.installed, license.* or *.</summary>
    public IReadOnlyList<string> Topics { get; init; } = ["*"];

    /// <summary>What signs: whsec_ and 24 to 64 bytes in base64; Keygate makes one where it is left out.</summary>
    public string? Secret { get; init; }

    /// <summary>The receiver's certificate in PEM form, that of the authority which signed it, or its SHA-256 fingerprint; the system's authorities decide where it is left out.</summary>
    public string? Certificate { get; init; }

    /// <summary>Allows http to another machine.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Seconds for a whole call, 1 to 100; 15 where nothing is said.</summary>
    public int? AnswerWithinSeconds { get; init; }
}

/// <summary>A webhook that was added.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Secret">The secret that Keygate made, for the receiver; shown this once. Null where one was given.</param>
public sealed record AddedWebhook(Webhook Webhook, string? Secret);

/// <summary>Adds a webhook. It hears of what happens from now on; what was before is sent by a replay.</summary>
public sealed class AddWebhook
{
    private readonly WebhookStore _store;
    private readonly EventStore _events;
    private readonly WebhookReader _reader;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal AddWebhook(WebhookStore store, EventStore events, WebhookReader reader, WorkQueue queue, Audit audit) =>
        (_store, _events, _reader, _queue, _audit) = (store, events, reader, queue, audit);

    /// <summary>All faults come back at once; then the name must be free.</summary>
    public async Task<Result<AddedWebhook>> HandleAsync(Tx tx, AddWebhookRequest request, Actor actor, CancellationToken cancellation)
    {
        var settings = new WebhookSettings(
            request.Name?.Trim() ?? "", request.Url?.Trim() ?? "", request.Topics ?? [], request.Certificate ?? "", request.PlainHttp, request.AnswerWithinSeconds ?? WebhookRules.AnswerWithinDefault);
        if (Error.Of([.. WebhookRules.Faults(settings), .. WebhookRules.SecretFaults(request.Secret, "secret")]) is { } error)
        {
            return error;
        }

        if (await _store.NameTakenAsync(tx, settings.Name, default, cancellation))
        {
            return WebhookRules.Taken(settings.Name);
        }

        var made = string.IsNullOrEmpty(request.Secret) ? WebhookSecret.NewText() : null;
        var id = await _store.InsertAsync(tx, settings, made ?? request.Secret!, await _events.LastAsync(tx, cancellation), cancellation);
        await _audit.AddAsync(tx, actor, "webhook.added", id.Subject, settings.Name, cancellation);
        await DeliverEvents.StartAsync(tx, _queue, id, cancellation);
        return new AddedWebhook((await _reader.FindAsync(tx, id, cancellation))!, made);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/webhooks",
        (AddWebhookRequest request, HttpContext http, WriteDoor door, AddWebhook handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
        .WithName("AddWebhook").WithTags("Notices").WithSummary("Add a webhook: what happens is posted to a URL, signed as Standard Webhooks describe it.");
}
