using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>What the process of a license item is started with.</summary>
internal sealed record LicensePayload(OrderId Order, ItemId Item, Until Until);

/// <summary>A license item: it comes last. It waits for the hosting item, then for the license's own process, and is completed in that one's last commit.</summary>
internal sealed class ProvideLicense(AwaitHostingStep awaitHosting, BeginLicenseStep begin, AwaitLicenseStep awaitLicense) : Process
{
    public const string KindName = "orders.license";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [awaitHosting, begin, awaitLicense];
}

/// <summary>What the steps of a license item share.</summary>
internal abstract class LicenseItemStep(OrderSettling settling) : LocalStep
{
    // A step of ours that faults must not leave the item as if it were under way.
    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var payload = work.Read<LicensePayload>();
        return settling.FailAsync(tx, payload.Order, payload.Item, ItemComment.OfFailure(failure, FormattableString.Invariant($"item {payload.Item}")), failure.Error.Remedy, cancellation);
    }
}

/// <summary>Waits until the hosting item is completed.</summary>
internal sealed class AwaitHostingStep(OrderStore orders, OrderSettling settling) : LicenseItemStep(settling)
{
    public override string Name => "await-hosting";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = work.Read<LicensePayload>();

        // Locked, so that the hosting item cannot be completed between this look and the sleep.
        await orders.HoldAsync(tx, payload.Order, cancellation);
        var open = (await orders.ItemsAsync(tx, payload.Order, cancellation)).Find(i => i is { Kind: ItemKind.Hosting, Status: not ItemStatus.Completed });
        return open is null ? Move.Next : Move.Wait($"The license comes last: hosting item {open.Id} is not completed.");
    }
}

/// <summary>Starts the license's own process.</summary>
internal sealed class BeginLicenseStep(OrderStore orders, OrderSettling settling, Lazy<LicenseProvisioning> provisioning, TimeProvider time) : LicenseItemStep(settling)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    public override string Name => "begin";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = work.Read<LicensePayload>();
        var item = (await orders.FindItemAsync(tx, payload.Item, cancellation))!;

        // Somebody may be at this license by hand just now: the order's turn comes when that has ended.
        return (await provisioning.Value.StartAsync(tx, item.LicenseId!.Value, payload.Until, work.Id, cancellation)).TryGet(out _, out var underWay)
            ? Move.Next
            : Move.Sleep(time.GetUtcNow() + TryAgainAfter, underWay.Detail);
    }
}

/// <summary>Waits for the license and completes the item, in the transaction that ends the license's process.</summary>
internal sealed class AwaitLicenseStep(OrderStore orders, OrderSettling settling, Lazy<LicenseReader> licenses) : LicenseItemStep(settling)
{
    private readonly OrderSettling _settling = settling;

    public override string Name => "await-license";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = work.Read<LicensePayload>();
        await orders.LockAsync(tx, payload.Order, cancellation);
        var item = (await orders.FindItemAsync(tx, payload.Item, cancellation))!;
        var license = (await licenses.Value.FindAsync(tx, item.LicenseId!.Value, cancellation))!;
        var there = license.Status == LicenseState.Installed
            || (payload.Until == Until.Retrieved && license.Status is LicenseState.Retrieved or LicenseState.Uploaded);
        var gone = license.WithdrawnAt is not null ? "withdrawn"
            : license.Status is LicenseState.Expired or LicenseState.Terminated ? license.Status.ToString()
            : license.SubscriptionId != item.SubscriptionId.Value ? "stock" : null;
        if (gone is not null)
        {
            return Move.Stop(LicensingErrors.MoveNotAllowed
                .Because($"License {license.Id} is {gone}: it cannot be brought into the subscription any more.").Mend("Cancel the order and order anew."));
        }

        if (!there)
        {
            return Move.Wait($"License {license.Id} is {license.Status}.");
        }

        await _settling.CompleteAsync(tx, payload.Order, payload.Item, $"License {license.Id} is {license.Status}, key {license.KeyNumber}.", cancellation);
        return Move.Finish;
    }
}
