using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>Hears from Licensing what became of the licenses of orders.</summary>
internal sealed class LicenseWatch(OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, OrderSettling settling, Renewals renewals, Lazy<WorkQueue> work, TimeProvider time) : ILicenseObserver
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
        // The order comes first, as for whoever else changes both.
        var item = await orders.FindChangeItemAsync(tx, change.License, cancellation);
        if (item is not null)
        {
            await settling.CompleteAsync(tx, item.OrderId, item.Id, "", cancellation);
        }

        if (subscription is not { } number || await subscriptions.LockAsync(tx, SubscriptionId.Of(number), cancellation) is not { } held)
        {
            return;
        }

        await renewals.ChangeHeldAsync(tx, held.Id, change, cancellation);
    }

    /// <summary>What is to begin with a period begins when that is paid; a plan without terms has no such day.</summary>
    public async Task<string?> HindersScheduledAsync(Tx tx, int? subscription, CancellationToken cancellation) =>
        subscription is { } number && await subscriptions.FindAsync(tx, SubscriptionId.Of(number), cancellation) is { ExpirationDate: { } end } held
        && end <= DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) && (await plans.FindHeadAsync(tx, held.PlanId, cancellation))!.Terms is not null
            ? $"The period of subscription {held.Id} ended on {end:yyyy-MM-dd} and the next one is not paid."
            : null;

    public async Task ChangeStoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation)
    {
        if (await orders.FindChangeItemAsync(tx, license, cancellation) is { } item)
        {
            await settling.FailAsync(tx, item.OrderId, item.Id, failure.Error.Detail, failure.Error.Remedy, cancellation);
        }
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
