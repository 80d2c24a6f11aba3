using System.Globalization;
using System.Text;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>What a test of a webhook saw.</summary>
/// <param name="Passed">Whether the receiver took the message.</param>
/// <param name="Text">What was seen, or the cause of the failure.</param>
/// <param name="Remedy">What to do about a failure; null when it passed.</param>
/// <param name="At">When it was tried.</param>
public sealed record WebhookCheck(bool Passed, string Text, string? Remedy, DateTimeOffset At);

/// <summary>Sends a signed message of the type <c>keygate.check</c>, which a receiver answers with 2xx and does nothing about. Also while the webhook is paused.</summary>
public sealed class TestWebhook
{
    private readonly Database _database;
    private readonly WebhookStore _store;
    private readonly TimeProvider _time;

    internal TestWebhook(Database database, WebhookStore store, TimeProvider time) => (_database, _store, _time) = (database, store, time);

    /// <summary>Calls outside: no transaction may be open.</summary>
    public async Task<Result<WebhookCheck>> HandleAsync(WebhookId id, CancellationToken cancellation)
    {
        if (await _database.ReadAsync(s => _store.FindAsync(s, id, cancellation), cancellation) is not { } row)
        {
            return WebhookRules.NotFound(id);
        }

        var (target, now) = (_store.TargetOf(row), _time.GetUtcNow());
        using var sender = new WebhookSender(target, _time);
        var message = Encoding.UTF8.GetBytes(Json.Write(new EventMessage("keygate.check", now, new Dictionary<string, object?>())));
        var answer = await sender.PostAsync(string.Create(CultureInfo.InvariantCulture, $"check-{now.ToUnixTimeMilliseconds()}"), message, cancellation);
        return answer.Outcome == WebhookOutcome.Delivered
            ? new WebhookCheck(true, $"{target.Place} answers {answer.Status} to a signed check.", null, now)
            : new WebhookCheck(false, answer.Cause, answer.Remedy, now);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/webhooks/{id}/test",
        // Not through the door that writes: it calls outside, where no transaction may be open.
        (WebhookId id, TestWebhook handler, CancellationToken cancellation) => handler.HandleAsync(id, cancellation))
        .WithName("TestWebhook").WithTags("Notices").WithSummary("Send a signed check to the receiver and say what it answers.");
}
