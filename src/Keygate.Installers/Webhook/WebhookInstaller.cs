using System.Globalization;
using System.Net;
using System.Text.Json;
using Keygate.Plugins.Abstractions;

namespace Keygate.Installers;

/// <summary>
/// Posts the files of a license, signed. A repeat carries the same <c>webhook-id</c> and the same body, so that a receiver can tell it from another
/// installation; only its time and signature are new.
/// </summary>
internal sealed class WebhookInstaller(WebhookSettings settings, TimeProvider time) : IInstaller
{
    private const int WordsMax = 200, AnswerBytesMax = 4096;

    private readonly HttpMessageInvoker _http = new(WebhookTransport.Handler(settings), disposeHandler: true);

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>A signed message of the type <c>keygate.check</c>, which a receiver answers with 2xx and does nothing about.</summary>
    public async Task<Answer<Checked>> CheckAsync(CancellationToken cancellation)
    {
        var answer = await PostAsync(string.Create(CultureInfo.InvariantCulture, $"check-{time.GetUtcNow().ToUnixTimeMilliseconds()}"), WebhookMessage.Check(), cancellation);
        return answer.Outcome == Outcome.Done ? Answer.Done(new Checked($"{settings.Place} answers {answer.Value} to a signed check.")) : answer.As<Checked>();
    }

    public async Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        var answer = await PostAsync(request.Token, WebhookMessage.Install(request), cancellation);
        return answer.Outcome == Outcome.Done
            ? Answer.Done(new Installation([.. request.Files.Select(file => $"{settings.Place}: {Placement.FolderOf(request)}/{Placement.NameOf(file)}")]))
            : answer.As<Installation>();
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Posts once; the value is the status of a 2xx.</summary>
    private async Task<Answer<string>> PostAsync(string id, byte[] body, CancellationToken cancellation)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using var content = new WebhookTransport.Body(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = content, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', settings.Secrets.Select(secret => secret.Sign(id, timestamp, body))));
        request.Headers.UserAgent.ParseAdd("Keygate");

        // Nothing else comes on it (see the transport): the receiver need not wait.
        request.Headers.ConnectionClose = true;

        // Time-outs follow real time, whatever clock is shown.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.AnswerWithin);
        try
        {
            using var answer = await _http.SendAsync(request, limit.Token);
            return Read(answer, (int)answer.StatusCode is >= 200 and < 300 ? "" : await WordsAsync(answer, limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            var reason = WebhookTransport.Explain(e, settings, content.IsBegun);
            return content.IsBegun ? Answer.Unknown<string>(reason) : Answer.NotDone<string>(reason);
        }
    }

    private Answer<string> Read(HttpResponseMessage answer, string words)
    {
        var code = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        Reason Says(string remedy) => new($"{settings.Place} answered {code} {answer.ReasonPhrase}".TrimEnd() + (words.Length > 0 ? $": {words}" : "."), remedy, code);
        return (int)answer.StatusCode switch
        {
            >= 200 and < 300 => Answer.Done(code),
            401 => Answer.Refused<string>(Says("Give the plug-in and the receiver the same secret, compare their clocks, then resume the plug-in."), pausesPlugin: true),
            410 => Answer.Refused<string>(Says("The receiver wants no more messages: correct the plug-in's URL, then resume it."), pausesPlugin: true),
            408 or 425 or 429 => Answer.Unknown<string>(Says("Nothing needs to be done: it is tried again.")),
            >= 300 and < 400 => Answer.Refused<string>(Says("Redirects are not followed: put the address where the receiver is now into the plug-in's URL.")),
            >= 400 and < 500 => Answer.Refused<string>(Says("Mend what the receiver names, or the plug-in's URL, then resubmit.")),
            _ => Answer.Unknown<string>(Says("Look at the receiver's log; it is tried again.")),
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
            var text = System.Text.Encoding.UTF8.GetString(bytes, 0, read);
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
