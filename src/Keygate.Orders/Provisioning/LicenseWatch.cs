using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>Hears from Licensing what became of the licenses of orders.</summary>
internal sealed class LicenseWatch(OrderStore orders, OrderSettling settling) : ILicenseObserver
{
    public async Task StoppedAsync(Tx tx, LicenseId license, Error error, CancellationToken cancellation)
    {
        if (await orders.FindItemAsync(tx, license, cancellation) is { } item)
        {
            await settling.FailAsync(tx, item.OrderId, item.Id, OrderSettling.Comment(error.Detail), error.Remedy, cancellation);
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
