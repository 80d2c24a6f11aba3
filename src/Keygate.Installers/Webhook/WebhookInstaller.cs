using System.Globalization;
using Keygate.Plugins.Abstractions;
using Keygate.Webhooks;

namespace Keygate.Installers;

/// <summary>
/// Posts the files of a license, signed. A repeat carries the same <c>webhook-id</c> and the same body, so that a receiver can tell it from another
/// installation; only its time and signature are new.
/// </summary>
internal sealed class WebhookInstaller(WebhookTarget target, TimeProvider time) : IInstaller
{
    private readonly WebhookSender _sender = new(target, time);

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>A signed message of the type <c>keygate.check</c>, which a receiver answers with 2xx and does nothing about.</summary>
    public async Task<Answer<Checked>> CheckAsync(CancellationToken cancellation)
    {
        var answer = await PostAsync(string.Create(CultureInfo.InvariantCulture, $"check-{time.GetUtcNow().ToUnixTimeMilliseconds()}"), WebhookMessage.Check(), cancellation);
        return answer.Outcome == Outcome.Done ? Answer.Done(new Checked($"{target.Place} answers {answer.Value} to a signed check.")) : answer.As<Checked>();
    }

    public async Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        var answer = await PostAsync(request.Token, WebhookMessage.Install(request), cancellation);
        return answer.Outcome == Outcome.Done
            ? Answer.Done(new Installation([.. request.Files.Select(file => $"{target.Place}: {Placement.FolderOf(request)}/{Placement.NameOf(file)}")]))
            : answer.As<Installation>();
    }

    public ValueTask DisposeAsync()
    {
        _sender.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Posts once; the value is the status of a 2xx.</summary>
    private async Task<Answer<string>> PostAsync(string id, byte[] body, CancellationToken cancellation)
    {
        var answer = await _sender.PostAsync(id, body, cancellation);
        var code = answer.Status?.ToString(CultureInfo.InvariantCulture) ?? "";
        var reason = new Reason(answer.Cause, answer.Remedy, code);
        return answer.Outcome switch
        {
            WebhookOutcome.Delivered => Answer.Done(code),
            WebhookOutcome.Refused => Answer.Refused<string>(reason, pausesPlugin: answer.RefusesAll),
            WebhookOutcome.NotSent => Answer.NotDone<string>(reason),
            _ => Answer.Unknown<string>(reason),
        };
    }
}
