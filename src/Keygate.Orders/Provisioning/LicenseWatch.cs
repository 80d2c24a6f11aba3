using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>Hears from Licensing what became of the licenses of orders.</summary>
internal sealed class LicenseWatch(OrderStore orders, OrderSettling settling) : ILicenseObserver
{
    public async Task StoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is { } item)
        {
            await settling.FailAsync(tx, item.OrderId, item.Id, ItemComment.OfFailure(failure, ItemComment.Request(license)), failure.Error.Remedy, cancellation);
        }
    }

    public async Task ResumedAsync(Tx tx, LicenseId license, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is { Status: ItemStatus.Failed } item)
        {
            await settling.ContinueAsync(tx, item.OrderId, item.Id, ItemStatus.InProgress, "", cancellation);
        }
    }
}
