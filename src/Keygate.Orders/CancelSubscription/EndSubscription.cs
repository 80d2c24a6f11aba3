using Keygate.Accounts;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>What the end of a subscription is started with.</summary>
internal sealed record EndSubscriptionPayload(SubscriptionId Subscription, string Why, Actor Actor, OrderId? Order = null, ItemId? Item = null);

/// <summary>Terminates the licenses of a cancelled subscription and removes its service when all of them are over, or given up by a person.</summary>
internal sealed class EndSubscription(EndLicensesStep licenses, RemoveServiceStep service) : Process
{
    public const string KindName = "orders.end-subscription";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [licenses, service];
}

/// <summary>Starts the terminations and waits for them.</summary>
internal sealed class EndLicensesStep(Lazy<TerminateLicense> terminate, TimeProvider time) : LocalStep
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    public override string Name => "licenses";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = work.Read<EndSubscriptionPayload>();
        foreach (var license in await terminate.Value.ToEndAsync(tx, payload.Subscription.Value, work.Id, cancellation))
        {
            await terminate.Value.StartAsync(tx, license, payload.Why, payload.Actor, work.Id, cancellation);
        }

        var (open, wakes) = await terminate.Value.StillEndingAsync(tx, payload.Subscription.Value, cancellation);
        return open is null ? Move.Next : wakes ? Move.Wait($"License {open} is being terminated.") : Move.Sleep(time.GetUtcNow() + LookAgainAfter, $"License {open} is not terminated yet.");
    }
}

/// <summary>Nothing is left of it.</summary>
internal sealed class RemoveServiceStep(SubscriptionStore subscriptions, OrderStore orders, OrderSettling settling) : LocalStep
{
    public override string Name => "service";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = work.Read<EndSubscriptionPayload>();
        if (payload.Order is { } order)
        {
            // The order comes first, as for whoever else changes both.
            await orders.LockAsync(tx, order, cancellation);
        }

        var subscription = await subscriptions.LockAsync(tx, payload.Subscription, cancellation) ?? throw new InvalidOperationException($"There is no subscription {payload.Subscription}.");
        await subscriptions.MoveAsync(tx, subscription.Id, subscription.CustomerId, SubscriptionStatus.Terminated, ServiceStatus.Removed, null, payload.Why, Actor.Keygate, cancellation);
        if (payload is { Order: { } ended, Item: { } item })
        {
            await settling.CompleteAsync(tx, ended, item, "Nothing is left of its licenses.", cancellation);
        }

        return Move.Finish;
    }
}
