using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>A customer with what they have and ordered.</summary>
/// <param name="Customer">The customer.</param>
/// <param name="Subscriptions">Their subscriptions.</param>
/// <param name="Orders">Their newest orders.</param>
/// <param name="Plans">The plans that can be ordered for them.</param>
public sealed record CustomerModel(Customer Customer, Page<SubscriptionRow> Subscriptions, Page<OrderRow> Orders, IReadOnlyList<PlanView> Plans);

/// <summary>The customers, and orders placed for them.</summary>
internal static class CustomersScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/customers", (string? cursor, HttpContext http) => ListAsync(http, cursor, null, null));
        admin.MapPost("/customers", ([FromForm] string? name, [FromForm] string? email, HttpContext http, CreateCustomer handler) =>
            Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, new CreateCustomerRequest { Name = name ?? "", Email = email?.Trim() ?? "" }, actor, http.RequestAborted),
                made => ($"/admin/customers/{made.Id}", Frame.Of(http).Words["said.customer-added"]), () => ListAsync(http, null, name, email))).DisableAntiforgery();
        admin.MapGet("/customers/{id:int}", (AccountId id, HttpContext http) => ShowAsync(http, id));
        admin.MapPost("/customers/{id:int}/password-link", (AccountId id, HttpContext http, MailLink handler) => Screens.ActAsync(
            http, (tx, actor) => handler.InviteAsync(tx, LinkPerson.Customer, id.Value, actor, http.RequestAborted),
            sent => ($"/admin/customers/{id}", Frame.Of(http).Words.Of("said.link-sent", sent.To)), () => ShowAsync(http, id)));
        admin.MapPost("/customers/{id:int}/orders", (AccountId id, [FromForm] int plan, IFormCollection form, HttpContext http, PlaceOrder handler) =>
        {
            var resources = form["resource"].Where(r => !string.IsNullOrEmpty(r)).Select(r => new ResourceInput(r!)).ToList();
            var request = new PlaceOrderRequest { CustomerId = id, PlanId = PlanId.Of(plan), Resources = resources };
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
                placed => ($"/admin/orders/{placed.Id}", Frame.Of(http).Words["said.placed"]), () => ShowAsync(http, id));
        }).DisableAntiforgery();
    }

    private static Task<IResult> ListAsync(HttpContext http, string? cursor, string? name, string? email)
    {
        var (database, customers) = (Screens.Get<Database>(http), Screens.Get<CustomerStore>(http));
        return database.ReadAsync(async s => Screens.Show<CustomersPage, Page<Customer>>(
            http,
            await PageRequest.Of(null, cursor).OldestFirstAsync("customers", (after, rows) => customers.ListAsync(s, after, rows, http.RequestAborted), c => c.Id.Value, c => c),
            ("Further", cursor is not null), ("Name", name), ("Email", email)), http.RequestAborted);
    }

    private static Task<IResult> ShowAsync(HttpContext http, AccountId id)
    {
        var cancellation = http.RequestAborted;
        return Screens.Get<Database>(http).ReadAsync(
            async s =>
            {
                if (await Screens.Get<CustomerStore>(http).FindAsync(s, id, cancellation) is not { } customer)
                {
                    return Screens.Fault(http, AccountsErrors.CustomerUnknown.Because($"There is no customer {id}."));
                }

                var plans = new List<PlanView>();
                foreach (var row in (await Screens.Get<ListPlans>(http).HandleAsync(s, PageRequest.Of(PageRequest.LimitMax, null), cancellation)).Value.Items.Where(p => p.Published))
                {
                    plans.Add((await Screens.Get<ShowPlan>(http).HandleAsync(s, row.Id, cancellation)).Value);
                }

                return Screens.Show<CustomerPage>(http, ("Model", new CustomerModel(
                    customer,
                    (await Screens.Get<ListSubscriptions>(http).HandleAsync(s, id, false, PageRequest.Of(null, null), cancellation)).Value,
                    (await Screens.Get<ListOrders>(http).HandleAsync(s, null, id, null, PageRequest.Of(25, null), cancellation)).Value,
                    plans)));
            }, cancellation);
    }
}
