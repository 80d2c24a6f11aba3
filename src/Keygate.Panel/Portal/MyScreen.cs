using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What a customer has.</summary>
/// <param name="Subscriptions">Their subscriptions.</param>
/// <param name="Licenses">Their licenses.</param>
/// <param name="Orders">Their newest orders.</param>
/// <param name="Invoices">Their newest invoices and credit notes.</param>
public sealed record MyModel(IReadOnlyList<SubscriptionRow> Subscriptions, IReadOnlyList<LicenseRow> Licenses, IReadOnlyList<OrderRow> Orders, IReadOnlyList<InvoiceRow> Invoices);

/// <summary>The customer portal. Whatever belongs to somebody else is not there, and is told apart from what does not exist by nobody.</summary>
internal static class MyScreen
{
    private const int RowsMax = 100;

    // In the log, where the customer says nothing.
    private const string ByCustomer = "By the customer.";

    public static void Map(IEndpointRouteBuilder customers)
    {
        customers.MapGet("/my", (Delegate)((HttpContext http) => ListAsync(http)));
        customers.MapGet("/my/orders/{id:int}", (OrderId id, HttpContext http) => OrderAsync<MyOrderPage>(http, id));
        customers.MapGet("/my/orders/{id:int}/live", (OrderId id, HttpContext http) => OrderAsync<MyOrderLive>(http, id));
        customers.MapPost("/my/orders/{id:int}/cancel", CancelOrderAsync);
        customers.MapGet("/my/licenses/{id}", ShowLicenseAsync);
        customers.MapGet("/my/licenses/{id}/file", (LicenseId id, HttpContext http, DownloadLicense handler) => OrderedAsync(
            http, id, async (s, _) => (await handler.HandleAsync(s, id, http.RequestAborted)).TryGet(out var file, out var error)
                ? Results.File(file.Content, "application/octet-stream", file.FileName)
                : Screens.Fault(http, error)));
        customers.MapGet("/my/licenses/{id}/change", ShowChangeAsync);
        customers.MapPost("/my/licenses/{id}/change", ChangeAsync).DisableAntiforgery();
        customers.MapPost("/my/licenses/{id}/change/undo", UndoAsync);
        customers.MapGet("/my/subscriptions/{id:int}", (SubscriptionId id, HttpContext http) => SubscriptionAsync(http, id));
        customers.MapPost("/my/subscriptions/{id:int}/renewal", RenewalAsync).DisableAntiforgery();
        customers.MapPost("/my/subscriptions/{id:int}/cancel", CancelAsync).DisableAntiforgery();
        customers.MapGet("/my/invoices/{number:int}", InvoiceAsync);
    }

    private static AccountId Who(HttpContext http) => new(http.Actor().Id!.Value);

    private static Task<IResult> ListAsync(HttpContext http)
    {
        var (who, page, cancellation) = (Who(http), PageRequest.Of(RowsMax, null), http.RequestAborted);
        return Screens.Get<Database>(http).ReadAsync(
            async s => Screens.Show<MyPage>(http, ("Model", new MyModel(
                (await Screens.Get<ListSubscriptions>(http).HandleAsync(s, who, false, page, cancellation)).Value.Items,
                (await Screens.Get<ListLicenses>(http).HandleAsync(s, new LicenseFilter(null, null, who.Value, null, null, null, null), page, cancellation)).Value.Items,
                (await Screens.Get<ListOrders>(http).HandleAsync(s, null, who, null, PageRequest.Of(25, null), cancellation)).Value.Items,
                (await Screens.Get<InvoiceReader>(http).ListAsync(s, who, null, PageRequest.Of(25, null), cancellation)).Value.Items))), cancellation);
    }

    private static Task<IResult> SubscriptionAsync(HttpContext http, SubscriptionId id) => Screens.Get<Database>(http).ReadAsync(
        async s => (await MineAsync(http, s, id)).TryGet(out var subscription, out var error) ? Screens.Show<MySubscriptionPage>(http, ("Model", subscription)) : Screens.Fault(http, error), http.RequestAborted);

    private static Task<IResult> ShowChangeAsync(LicenseId id, HttpContext http) =>
        WithMineAsync(http, id, () => ChangeScreen.ShowAsync<MyChangePage>(http, id, "/my/licenses", http.Request.Query));

    private static Task<IResult> ChangeAsync(LicenseId id, IFormCollection form, HttpContext http) =>
        WithMineAsync(http, id, () => ChangeScreen.ChangeAsync<MyChangePage>(http, id, "/my/licenses", form));

    private static Task<IResult> UndoAsync(LicenseId id, HttpContext http, ChangeLicense changes) => WithMineAsync(http, id, () => Screens.ActAsync(
        http, (tx, actor) => changes.UndoAsync(tx, id, actor, http.RequestAborted), _ => ($"/my/licenses/{id}", Frame.Of(http).Words["said.change-undone"]), () => ListAsync(http)));

    private static Task<IResult> ShowLicenseAsync(LicenseId id, HttpContext http) => LicenseAsync(
        http, id, async (s, license) => Screens.Show<MyLicensePage>(
            http, ("Model", license), ("Change", (await Screens.Get<ChangeLicense>(http).ShowAsync(s, id, http.RequestAborted)).TryGet(out var change, out _) ? change : null)));

    private static Task<IResult> InvoiceAsync(int number, HttpContext http, InvoiceReader invoices) => Screens.Get<Database>(http).ReadAsync(
        async s => (await invoices.ShowAsync(s, number, http.RequestAborted)).TryGet(out var invoice, out _) && invoice.CustomerId == Who(http)
            ? Screens.Show<MyInvoicePage>(http, ("Model", invoice))
            : Screens.Fault(http, OrdersErrors.InvoiceNotFound.Because($"You have no invoice {number}.")), http.RequestAborted);

    // Whose it is, is asked in the transaction of the act.
    private static Task<IResult> RenewalAsync(SubscriptionId id, [FromForm] bool automatic, HttpContext http, SetRenewal handler) => ActAsync(
        http, id, (tx, actor) => handler.HandleAsync(tx, id, new SetRenewalRequest { Automatic = automatic }, actor, http.RequestAborted), automatic ? "said.renews-again" : "said.ends-with-period");

    private static Task<IResult> CancelAsync(SubscriptionId id, [FromForm] string? reason, HttpContext http, CancelSubscription handler) => ActAsync(
        http, id, (tx, actor) => handler.HandleAsync(tx, id, new CancelSubscriptionRequest { Reason = string.IsNullOrWhiteSpace(reason) ? ByCustomer : reason.Trim() }, actor, http.RequestAborted), "said.cancelled-subscription");

    private static Task<IResult> CancelOrderAsync(OrderId id, HttpContext http, CancelOrder handler) => Screens.ActAsync(
        http,
        async (tx, actor) =>
        {
            // What is paid for is under way: that is the provider's to take back.
            var mine = (await Screens.Get<OrderReader>(http).ShowAsync(tx, id, http.RequestAborted)).TryGet(out var order, out _) && order.CustomerId == Who(http);
            return !mine ? OrdersErrors.NotFound.Because($"You have no order {id}.")
                : order!.State != nameof(OrderState.WP) ? OrdersErrors.MoveNotAllowed.Because($"Order {id} is {order.State}; only one that waits for its payment is cancelled here.")
                : await handler.HandleAsync(tx, id, new OrderReason { Reason = ByCustomer }, actor, http.RequestAborted);
        },
        _ => ($"/my/orders/{id}", Frame.Of(http).Words["said.cancelled"]), () => OrderAsync<MyOrderPage>(http, id));

    private static Task<IResult> ActAsync(HttpContext http, SubscriptionId id, Func<Tx, Actor, Task<Result<SubscriptionView>>> act, string said) => Screens.ActAsync(
        http, async (tx, actor) => (await MineAsync(http, tx, id)).TryGet(out _, out var missing) ? await act(tx, actor) : missing,
        _ => ($"/my/subscriptions/{id}", Frame.Of(http).Words[said]), () => SubscriptionAsync(http, id));

    private static async Task<Result<SubscriptionView>> MineAsync(HttpContext http, Session session, SubscriptionId id) =>
        (await Screens.Get<ShowSubscription>(http).HandleAsync(session, id, http.RequestAborted)).TryGet(out var subscription, out _) && subscription.CustomerId == Who(http)
            ? subscription
            : OrdersErrors.SubscriptionNotFound.Because($"You have no subscription {id}.");

    // A license does not change hands by any act of customers, so that it may be looked at before the act's own transaction.
    private static async Task<IResult> WithMineAsync(HttpContext http, LicenseId id, Func<Task<IResult>> go)
    {
        var refused = await LicenseAsync(http, id, (_, license) => Task.FromResult(license.License.Ordered ? Results.Empty : Screens.Fault(http, NotOrdered(id))));
        return refused == Results.Empty ? await go() : refused;
    }

    private static Task<IResult> OrderedAsync(HttpContext http, LicenseId id, Func<Session, LicenseDetails, Task<IResult>> show) =>
        LicenseAsync(http, id, (s, license) => license.License.Ordered ? show(s, license) : Task.FromResult(Screens.Fault(http, NotOrdered(id))));

    private static Error NotOrdered(LicenseId id) => PanelErrors.LicenseNotOrdered.Because($"License {id} came along with another one and was not ordered.");

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
