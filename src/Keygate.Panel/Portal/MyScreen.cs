using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What a customer has.</summary>
/// <param name="Subscriptions">Their subscriptions.</param>
/// <param name="Licenses">Their licenses.</param>
/// <param name="Orders">Their newest orders.</param>
public sealed record MyModel(IReadOnlyList<SubscriptionRow> Subscriptions, IReadOnlyList<LicenseRow> Licenses, IReadOnlyList<OrderRow> Orders);

/// <summary>The customer portal. Whatever belongs to somebody else is not there, and is told apart from what does not exist by nobody.</summary>
internal static class MyScreen
{
    private const int RowsMax = 100;

    public static void Map(IEndpointRouteBuilder customers)
    {
        customers.MapGet("/my", (Delegate)((HttpContext http) => ListAsync(http)));
        customers.MapGet("/my/orders/{id:int}", (OrderId id, HttpContext http) => OrderAsync<MyOrderPage>(http, id));
        customers.MapGet("/my/orders/{id:int}/live", (OrderId id, HttpContext http) => OrderAsync<MyOrderLive>(http, id));
        customers.MapGet("/my/licenses/{id}", (LicenseId id, HttpContext http) => LicenseAsync(
            http, id, (_, license) => Task.FromResult(Screens.Show<MyLicensePage>(http, ("Model", license)))));
        customers.MapGet("/my/licenses/{id}/file", (LicenseId id, HttpContext http, DownloadLicense handler) => LicenseAsync(
            http, id, async (s, _) => (await handler.HandleAsync(s, id, http.RequestAborted)).TryGet(out var file, out var error)
                ? Results.File(file.Content, "application/octet-stream", file.FileName)
                : Screens.Fault(http, error)));
    }

    private static AccountId Who(HttpContext http) => new(http.Actor().Id!.Value);

    private static Task<IResult> ListAsync(HttpContext http)
    {
        var (who, page, cancellation) = (Who(http), PageRequest.Of(RowsMax, null), http.RequestAborted);
        return Screens.Get<Database>(http).ReadAsync(
            async s => Screens.Show<MyPage>(http, ("Model", new MyModel(
                (await Screens.Get<ListSubscriptions>(http).HandleAsync(s, who, false, page, cancellation)).Value.Items,
                (await Screens.Get<ListLicenses>(http).HandleAsync(s, new LicenseFilter(null, null, who.Value, null, null, null, null), page, cancellation)).Value.Items,
                (await Screens.Get<ListOrders>(http).HandleAsync(s, null, who, null, PageRequest.Of(25, null), cancellation)).Value.Items))), cancellation);
    }

    private static Task<IResult> OrderAsync<TPage>(HttpContext http, OrderId id)
        where TPage : Page => Screens.Get<Database>(http).ReadAsync(
        async s => (await Screens.Get<OrderReader>(http).ShowAsync(s, id, http.RequestAborted)).TryGet(out var order, out _) && order.CustomerId == Who(http)
            ? Screens.Show<TPage>(http, ("Model", order))
            : Screens.Fault(http, OrdersErrors.NotFound.Because($"You have no order {id}.")), http.RequestAborted);

    private static Task<IResult> LicenseAsync(HttpContext http, LicenseId id, Func<Session, LicenseDetails, Task<IResult>> show) => Screens.Get<Database>(http).ReadAsync(
        async s => (await Screens.Get<LicenseReader>(http).ShowAsync(s, id, http.RequestAborted)).TryGet(out var license, out _) && license.License.CustomerId == Who(http).Value
            ? await show(s, license)
            : Screens.Fault(http, LicensingErrors.NotFound.Because($"You have no license {id}.")), http.RequestAborted);
}
