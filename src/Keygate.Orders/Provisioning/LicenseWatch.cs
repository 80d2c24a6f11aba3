using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>Hears from Licensing what became of the licenses of orders.</summary>
internal sealed class LicenseWatch(OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, OrderSettling settling, Lazy<WorkQueue> work) : ILicenseObserver
{
    public async Task StoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is not { } item)
        {
            return;
        }

        await settling.FailAsync(tx, item.OrderId, item.Id, ItemComment.OfFailure(failure, ItemComment.Request(license)), failure.Error.Remedy, cancellation);
        if (failure.Error.Code == LicensingErrors.Terminated.Code)
        {
            // Its process would wait for ever for a license that is gone, and nobody would be told.
            await work.Value.WakeAsync(tx, ProvideLicense.KindName, item.Id.Subject, cancellation);
        }
    }

    /// <summary>The subscription holds what its license is made of, so that the next period is charged for that.</summary>
    public async Task ChangedAsync(Tx tx, int? subscription, LicenseChange change, CancellationToken cancellation)
    {
        if (subscription is not { } number || await subscriptions.LockAsync(tx, SubscriptionId.Of(number), cancellation) is not { } held)
        {
            return;
        }

        var plan = (await plans.FindAsync(tx, held.PlanId, cancellation))!;
        foreach (var (codes, units) in new[] { (Codes(change.From).Except(Codes(change.To)), -1), (Codes(change.To).Except(Codes(change.From)), 1) })
        {
            foreach (var rate in codes.Select(c => plan.Rates.FirstOrDefault(r => r.Command == c)).OfType<Rate>())
            {
                await subscriptions.AddUnitsAsync(tx, held.Id, rate, units, cancellation);
            }
        }

        static IEnumerable<string> Codes(Catalog.LicenseMake make) => make.Features.Concat(make.AddOns).Prepend(make.KeyType);
    }

    public async Task WaitsAsync(Tx tx, LicenseId license, string why, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is { } item)
        {
            await settling.ContinueAsync(tx, item.OrderId, item.Id, ItemStatus.Awaiting, why, cancellation);
        }
    }

    public async Task ResumedAsync(Tx tx, LicenseId license, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is { Status: ItemStatus.Failed or ItemStatus.Awaiting } item)
        {
            await settling.ContinueAsync(tx, item.OrderId, item.Id, ItemStatus.InProgress, "", cancellation);
        }
    }
}
