using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keygate.Notices;

/// <summary>
/// Takes news from the outbox, numbers them and wakes whom they concern, all in one transaction: none is lost and none is numbered twice, whatever number of
/// processes does this. Who holds the counter is alone, so numbers rise in the order of commits.
/// </summary>
internal sealed class NewsForwarder(
    Database database, Outbox outbox, EventStore events, WebhookStore webhooks, WriteMails mails, WorkQueue queue, WorkOptions work, NoticesOptions options, ILogger<NewsForwarder> logger) : IHostedLifecycleService, IDisposable
{
    private const int Batch = 200;

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0, 1);
    private Task _loop = Task.CompletedTask;

    /// <summary>Takes what is there; how many.</summary>
    public async Task<int> ForwardAsync(CancellationToken cancellation)
    {
        var all = 0;
        for (var taken = Batch; taken == Batch; all += taken)
        {
            taken = await database.WriteAsync(tx => TakeAsync(tx, cancellation), cancellation);
        }

        return all;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (work.Runs)
        {
            outbox.Added += Nudge;
            _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        outbox.Added -= Nudge;
        await _stop.CancelAsync();
        await _loop.WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stop.Dispose();
        _news.Dispose();
    }

    private async Task<int> TakeAsync(Tx tx, CancellationToken cancellation)
    {
        var number = await events.LockLastAsync(tx, cancellation);
        var news = await outbox.TakeAsync(tx, Batch, cancellation);
        if (news.Count == 0)
        {
            return 0;
        }

        List<EventRow> told = [.. news.Select(n => new EventRow { Number = ++number, Topic = n.Topic, Subject = n.Subject, Payload = n.Payload, HappenedAt = n.CreatedAt })];
        await events.AddAsync(tx, told, cancellation);
        await mails.WriteAsync(tx, told, cancellation);
        foreach (var webhook in await webhooks.ListAsync(tx, 0, int.MaxValue, cancellation))
        {
            if (webhook.PausedAt is null && news.Any(n => Topics.Want(webhook.TopicList, n.Topic)))
            {
                await queue.WakeAsync(tx, DeliverEvents.KindName, webhook.Id.Subject, cancellation);
            }
        }

        return news.Count;
    }

    private void Nudge(object? sender, EventArgs e)
    {
        try
        {
            _news.Release();
        }
        catch (Exception known) when (known is SemaphoreFullException or ObjectDisposedException)
        {
            // It knows already, or is gone.
        }
    }

    private async Task LoopAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await database.ReadAsync(s => outbox.AnyAsync(s, cancellation), cancellation))
                {
                    await ForwardAsync(cancellation);
                }

                await _news.WaitAsync(options.PollEvery, cancellation);
                await Task.Delay(options.GatherFor, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A database that is away comes back; the news stay where they are.
                logger.LogWarning(e, "News could not be taken on; it is tried again");
                await Task.Delay(options.PollEvery, CancellationToken.None);
            }
        }
    }
}
