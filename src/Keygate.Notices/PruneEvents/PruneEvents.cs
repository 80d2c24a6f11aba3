using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Notices;

/// <summary>Removes events, failures and mails that are older than they are kept.</summary>
internal sealed class PruneEvents(EventStore events, WebhookStore webhooks, MailStore mails, NoticesOptions options, TimeProvider time) : RecurringJob
{
    private const int Batch = 500;

    public override string Name => "notices.prune";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - options.KeepFor;
        var gone = new[]
        {
            await events.PruneAsync(tx, before, Batch, cancellation), await webhooks.PruneFailuresAsync(tx, before, Batch, cancellation), await mails.PruneAsync(tx, before, Batch, cancellation),
        };
        return gone.Contains(Batch);
    }
}
