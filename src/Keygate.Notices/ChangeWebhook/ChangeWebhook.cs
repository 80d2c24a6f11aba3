using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>A change of a webhook; what is left out stays.</summary>
public sealed record ChangeWebhookRequest
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Where to post.</summary>
    public string? Url { get; init; }

    /// <summary>What it wants to hear of.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>A new secret.</summary>
    public string? Secret { get; init; }

    /// <summary>Signs too, while the receiver is given a new secret; empty takes it away.</summary>
    public string? SecondSecret { get; init; }

    /// <summary>The receiver's certificate; empty lets the system's authorities decide.</summary>
    public string? Certificate { get; init; }

    /// <summary>Allows http to another machine.</summary>
    public bool? PlainHttp { get; init; }

    /// <summary>Seconds for a whole call.</summary>
    public int? AnswerWithinSeconds { get; init; }
}

/// <summary>Changes a webhook; the next call is made with the new settings.</summary>
public sealed class ChangeWebhook
{
    private readonly WebhookStore _store;
    private readonly WebhookReader _reader;
    private readonly Audit _audit;

    internal ChangeWebhook(WebhookStore store, WebhookReader reader, Audit audit) => (_store, _reader, _audit) = (store, reader, audit);

    /// <summary>Refused with all faults at once, and where another webhook has the name.</summary>
    public async Task<Result<Webhook>> HandleAsync(Tx tx, WebhookId id, ChangeWebhookRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _store.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        var settings = new WebhookSettings(
            request.Name?.Trim() ?? row.Name, request.Url?.Trim() ?? row.Url, request.Topics ?? row.TopicList, request.Certificate ?? row.Certificate, request.PlainHttp ?? row.PlainHttp,
            request.AnswerWithinSeconds ?? row.AnswerWithin);
        var faults = WebhookRules.Faults(settings).Concat(WebhookRules.SecretFaults(request.Secret, "secret")).Concat(WebhookRules.SecretFaults(request.SecondSecret, "secondSecret")).ToList();
        if (request.Secret is { Length: 0 })
        {
            faults.Add(NoticesErrors.WebhookSecretInvalid.Because("A webhook is never without a secret.").At("secret"));
        }

        if (Error.Of(faults) is { } error)
        {
            return error;
        }

        if (await _store.NameTakenAsync(tx, settings.Name, id, cancellation))
        {
            return WebhookRules.Taken(settings.Name);
        }

        await _store.ChangeAsync(tx, row, settings, request.Secret, request.SecondSecret, cancellation);
        await _audit.AddAsync(tx, actor, "webhook.changed", id.Subject, settings.Name, cancellation);
        return (await _reader.FindAsync(tx, id, cancellation))!;
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPatch(
        "/webhooks/{id}",
        (WebhookId id, ChangeWebhookRequest request, HttpContext http, WriteDoor door, ChangeWebhook handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("ChangeWebhook").WithTags("Notices").WithSummary("Change a webhook; what is left out stays.");
}
