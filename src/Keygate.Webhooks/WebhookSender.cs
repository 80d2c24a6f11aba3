using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Keygate.Webhooks;

/// <summary>Posts signed messages to one place. Thread-safe.</summary>
public sealed class WebhookSender(WebhookTarget target, TimeProvider time) : IDisposable
{
    private const int WordsMax = 200, AnswerBytesMax = 4096;

    private readonly HttpMessageInvoker _http = new(WebhookTransport.Handler(target), disposeHandler: true);

    /// <summary>Posts once. A repeat carries the same id and the same body, so that a receiver can tell it from another message; only its time and signature are new.</summary>
    /// <param name="id">The message's id, which the receiver knows repeats by.</param>
    /// <param name="body">The body, JSON.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<WebhookAnswer> PostAsync(string id, byte[] body, CancellationToken cancellation)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using var content = new WebhookTransport.Body(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = content, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', target.Secrets.Select(secret => secret.Sign(id, timestamp, body))));
        request.Headers.UserAgent.ParseAdd("Keygate");

        // Nothing else comes on it (see the transport): the receiver need not wait.
        request.Headers.ConnectionClose = true;

        // Time-outs follow real time, whatever clock is shown.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(target.AnswerWithin);
        try
        {
            using var answer = await _http.SendAsync(request, limit.Token);
            return Read(answer, (int)answer.StatusCode is >= 200 and < 300 ? "" : await WordsAsync(answer, limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            var (cause, remedy) = WebhookTransport.Explain(e, target, content.IsBegun);
            return new WebhookAnswer(content.IsBegun ? WebhookOutcome.Unknown : WebhookOutcome.NotSent, null, cause, remedy);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private WebhookAnswer Read(HttpResponseMessage answer, string words)
    {
        var status = (int)answer.StatusCode;
        var cause = string.Create(CultureInfo.InvariantCulture, $"{target.Place} answered {status} {answer.ReasonPhrase}").TrimEnd() + (words.Length > 0 ? $": {words}" : ".");
        WebhookAnswer Says(WebhookOutcome outcome, string remedy) => new(outcome, status, cause, remedy);
        return status switch
        {
            >= 200 and < 300 => new WebhookAnswer(WebhookOutcome.Delivered, status, "", ""),
            401 => Says(WebhookOutcome.Refused, $"Give the {target.Setup} and the receiver the same secret, compare their clocks, then resume the {target.Setup}."),
            410 => Says(WebhookOutcome.Refused, $"The receiver wants no more messages: correct the {target.Setup}'s URL, then resume it."),
            408 or 425 or 429 => Says(WebhookOutcome.Unknown, "Nothing needs to be done: it is tried again."),
            >= 300 and < 400 => Says(WebhookOutcome.Refused, $"Redirects are not followed: put the address where the receiver is now into the {target.Setup}'s URL."),
            >= 400 and < 500 => Says(WebhookOutcome.Refused, $"Mend what the receiver names, or the {target.Setup}'s URL, then resubmit."),
            _ => Says(WebhookOutcome.Unknown, "Look at the receiver's log; it is tried again."),
        };
    }

    /// <summary>
    /// What the receiver says of itself: the detail of a problem document, or the first line of plain text. Other bodies are not shown, since they may
    /// repeat what was sent.
    /// </summary>
    private static async Task<string> WordsAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (type is not ("text/plain" or "application/problem+json"))
        {
            return "";
        }

        try
        {
            var bytes = new byte[AnswerBytesMax];
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
            var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
            var text = Encoding.UTF8.GetString(bytes, 0, read);
            if (type == "application/problem+json")
            {
                using var problem = JsonDocument.Parse(text);
                text = problem.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String
                    ? detail.GetString()! : "";
            }

            return new string([.. text.Trim().Split('\n')[0].Where(c => !char.IsControl(c)).Take(WordsMax)]).Trim();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            // The status is the answer; the words only help.
            return "";
        }
    }
}
