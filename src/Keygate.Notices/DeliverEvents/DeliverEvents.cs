using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Webhooks;
using Keygate.Work;

namespace Keygate.Notices;

/// <summary>
/// Delivers to one webhook, event by event, in their order: an event is sent until the receiver has it, or has read it and does not want it. So nothing is lost
/// while a receiver is away, and what is sent again begins where a person says.
/// </summary>
internal sealed class DeliverEvents(AwaitEventStep wait, PostEventStep post) : Process
{
    public const string KindName = "notices.deliver";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [wait, post, new AgainStep()];

    public static async Task StartAsync(Tx tx, WorkQueue queue, WebhookId id, CancellationToken cancellation) =>
        await queue.StartAsync(tx, Start(id).After(await queue.ViewAsync(tx, [id.Subject], cancellation)), cancellation);

    /// <summary>Lets the deliveries go on, whatever they wait for.</summary>
    public static async Task<Result<Done>> GoOnAsync(Tx tx, WorkQueue queue, WebhookId id, CancellationToken cancellation)
    {
        var before = await queue.ViewAsync(tx, [id.Subject], cancellation);
        if (before.LastOrDefault(w => w.Kind == KindName && w.IsOpen) is not { } open)
        {
            await queue.StartAsync(tx, Start(id).After(before), cancellation);
            return Done.It;
        }

        switch (open.State)
        {
            case "stopped":
                return await queue.ResubmitAsync(tx, open.Id, cancellation);
            case "sleeping":
                // It would send again at its own time only.
                await queue.CancelAsync(tx, open.Id, "It goes on at once.", cancellation);
                await queue.StartAsync(tx, Start(id).After(before), cancellation);
                return Done.It;
            default:
                await queue.WakeAsync(tx, KindName, id.Subject, cancellation);
                return Done.It;
        }
    }

    private static StartWork Start(WebhookId id) => new(KindName, id.Subject, Json.Write(new WebhookPayload(id)));

    /// <summary>For an event that is gone, or a webhook that is paused meanwhile: the first step sees what is to be done.</summary>
    private sealed class AgainStep : LocalStep
    {
        public override string Name => "again";

        public override Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation) => Task.FromResult(Move.To(AwaitEventStep.StepName));
    }
}

/// <summary>What the deliveries are started with.</summary>
/// <param name="Webhook">The webhook.</param>
internal sealed record WebhookPayload(WebhookId Webhook);

/// <summary>Waits for the next event that the webhook wants; ends where the webhook is paused or gone.</summary>
internal sealed class AwaitEventStep(WebhookStore webhooks, EventStore events) : LocalStep
{
    public const string StepName = "await";

    private const int Batch = 500;

    // Bounds one transaction; what is left is seen in the next.
    private const int BatchesMax = 10;

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        if (await webhooks.LockAsync(tx, work.Read<WebhookPayload>().Webhook, cancellation) is not { PausedAt: null } row)
        {
            return Move.Finish;
        }

        var (topics, after) = (row.TopicList, row.AfterNumber);
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            var rows = await events.AfterAsync(tx, after, Batch, cancellation);
            var wanted = rows.Find(e => Topics.Want(topics, e.Topic));
            after = wanted is not null ? wanted.Number - 1 : rows.Count > 0 ? rows[^1].Number : after;
            if (wanted is not null || rows.Count < Batch)
            {
                if (after != row.AfterNumber)
                {
                    await webhooks.PassAsync(tx, row.Id, after, cancellation);
                }

                return wanted is not null ? Move.Next : Move.Wait("All is delivered; it waits for the next event.");
            }
        }

        await webhooks.PassAsync(tx, row.Id, after, cancellation);
        return Move.To(StepName);
    }
}

/// <summary>Posts the event behind the last one that was delivered. A receiver knows a repeat by its id, so an unknown answer is repeated.</summary>
internal sealed class PostEventStep(Database database, WebhookStore webhooks, EventStore events, NoticesOptions options, TimeProvider time) : OutsideStep
{
    public override string Name => "post";

    public override ActKind Act => ActKind.Repeatable;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var id = work.Read<WebhookPayload>().Webhook;
        return await webhooks.FindAsync(session, id, cancellation) is { PausedAt: null } row
            && await events.AfterAsync(session, row.AfterNumber, 1, cancellation) is [var next] && Topics.Want(row.TopicList, next.Topic)
            ? new Asking { Lane = id.Subject, Request = Json.Write(new Delivery(id, next.Number, row.AfterNumber)) }
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        var delivery = intent.Read<Delivery>();
        var (row, about) = await database.ReadAsync(
            async s => (await webhooks.FindAsync(s, delivery.Webhook, cancellation), await events.FindAsync(s, delivery.Event, cancellation)), cancellation);
        if (row is null || about is null)
        {
            return Answer.Done(new Delivered(null));
        }

        using var sender = new WebhookSender(webhooks.TargetOf(row), time);

        // A failure is written down here and repeated at the webhook's own times, so every answer is one for the engine.
        return Answer.Done(new Delivered(await sender.PostAsync(EventMessage.IdOf(about.Number), EventMessage.Of(about), cancellation)));
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var delivery = intent.Read<Delivery>();

        // Where it was replayed meanwhile, the answer belongs to a place that it has left.
        if (answer.Read<Delivered>().Answer is not { } received || await webhooks.LockAsync(tx, delivery.Webhook, cancellation) is not { } row || row.AfterNumber != delivery.After
            || await events.FindAsync(tx, delivery.Event, cancellation) is not { } about)
        {
            return Move.To(AwaitEventStep.StepName);
        }

        if (received.Outcome == WebhookOutcome.Delivered)
        {
            await webhooks.DeliveredAsync(tx, row.Id, about.Number, cancellation);
            return Move.To(AwaitEventStep.StepName);
        }

        // A resubmission has its attempts anew.
        var attempt = row.Generation == work.Generation ? row.Attempts + 1 : 1;
        var setAside = IsOfThisOne(received) && attempt >= options.RefusalsMax;
        await webhooks.FailedAsync(tx, row, about, attempt, work.Generation, received, setAside, cancellation);
        if (setAside)
        {
            return Move.To(AwaitEventStep.StepName);
        }

        return received.RefusesAll || attempt > options.Retries.Count
            ? Move.Stop(NoticesErrors.WebhookFailing.Because($"Webhook '{row.Name}' does not take event {about.Number} ({about.Topic}): {received.Cause}").Mend(
                $"{received.Remedy} Nothing is lost: test it with 'keygate webhook test {row.Id}', then resubmit."))
            : Move.Sleep(time.GetUtcNow() + options.Retries[attempt - 1], received.Cause);
    }

    // The receiver has read it and says what is wrong with it; another status says something of the receiver or of the way.
    private static bool IsOfThisOne(WebhookAnswer answer) => answer.Status is 400 or 409 or 413 or 422;

    /// <param name="Webhook">The webhook.</param>
    /// <param name="Event">The event's number.</param>
    /// <param name="After">Where the webhook stood.</param>
    internal sealed record Delivery(WebhookId Webhook, long Event, long After);

    /// <param name="Answer">The receiver's answer; null where there was nothing to send any more.</param>
    internal sealed record Delivered(WebhookAnswer? Answer);
}
