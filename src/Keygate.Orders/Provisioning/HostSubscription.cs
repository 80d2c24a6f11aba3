using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>What the process of a hosting item is started with.</summary>
internal sealed record HostPayload(OrderId Order, ItemId Item, HostingGate Gate);

/// <summary>The hosting item: done at once at the Dummy gate, when another system says so at the Callback gate, when a server is assigned at the third.</summary>
internal sealed class HostSubscription(HostStep step) : Process
{
    public const string KindName = "orders.host";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [step];
}

/// <summary>Waits for the hosting side's word and lets the licenses go on.</summary>
internal sealed class HostStep(OrderStore orders, SubscriptionStore subscriptions, OrderSettling settling, Lazy<WorkQueue> work) : LocalStep
{
    public override string Name => "host";

    public override async Task<Move> RunAsync(Tx tx, WorkItem item, CancellationToken cancellation)
    {
        var payload = item.Read<HostPayload>();
        if (payload.Gate != HostingGate.Dummy)
        {
            await orders.LockAsync(tx, payload.Order, cancellation);
            var row = (await orders.FindItemAsync(tx, payload.Item, cancellation))!;
            if (payload.Gate == HostingGate.Callback && row.Answered is not true)
            {
                return row.Answered is false
                    ? Move.Stop(OrdersErrors.HostingFailed.Because(row.Comment))
                    : Move.Wait($"The hosting side has not said yet that item {row.Id} is created.");
            }

            if (payload.Gate == HostingGate.DedicatedServer && (await subscriptions.FindAsync(tx, row.SubscriptionId, cancellation))!.Server is null)
            {
                // A person is waited for, so the order says so.
                var why = $"Subscription {row.SubscriptionId} waits for its dedicated server: assign one with 'keygate subscription assign-server {row.SubscriptionId} --server NAME'.";
                await settling.ContinueAsync(tx, payload.Order, payload.Item, ItemStatus.Awaiting, why, cancellation);
                return Move.Wait(why);
            }
        }

        var items = await settling.CompleteAsync(tx, payload.Order, payload.Item, null, cancellation);
        foreach (var license in items.Where(i => i is { Kind: ItemKind.License, WorkId: not null }))
        {
            await work.Value.WakeAsync(tx, ProvideLicense.KindName, license.Id.Subject, cancellation);
        }

        return Move.Finish;
    }

    public override Task StoppedAsync(Tx tx, WorkItem item, Failure failure, CancellationToken cancellation)
    {
        var payload = item.Read<HostPayload>();
        return settling.FailAsync(tx, payload.Order, payload.Item, failure.Error.Detail, failure.Error.Remedy, cancellation);
    }
}
