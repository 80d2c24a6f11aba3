using System.Text;
using Keygate.Orders;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing.BmContainer;

/// <summary>The methods of BM and TASKMAN that are built (business-automation.md 5.7 to 5.11), in the calls of an integrator's day.</summary>
public sealed class BmTests
{
    private static readonly XmlRpcValue[] NewAccount =
    [
        1, 3, "Northwind Traders", "Main Street 1", "", "Springfield", "", "12345", "DE", "", "Ada", "", "Miller", "ada@northwind.example", "49", "30", "123456", "",
    ];

    [Theory, BothEngines]
    public async Task An_order_is_placed_paid_and_completed_by_calls_alone(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        var account = await ItemAsync(house, "AccountAdd_API", NewAccount);
        var id = account[0].AsInt();
        (await ItemAsync(house, "AccountDetailsGet_API", id)).Select(v => v.ToString()).ShouldNotBeEmpty();

        var plans = await RowsAsync(house, "PlanListAvailableGet_API", 1, "", -1, -1);
        plans.Single()[0].AsInt().ShouldBe(plan);
        var period = (await RowsAsync(house, "PlanPeriodListGet_API", plan, 1)).Single()[0].AsInt();
        (await RowsAsync(house, "PlanRateListFullGet_API", plan, -1)).ShouldAllBe(row => row.Count == 24);

        var placed = await ItemAsync(house, "PlaceOrderAndAuthorize_API", Place(plan, period, id));
        placed[1].AsString().ShouldBe("WP");
        var order = await ItemAsync(house, "GetOrder_API", placed[0]);
        (order[5].AsString(), order[8].AsDouble(), order[17].AsString()).ShouldBe(("SO", 18.9, "EUR"));

        // A view that is out of date is told what was hashed; nothing is paid by it.
        var stale = await house.FaultAsync(Xml.Call("BM", "OrderStatusChange_API", placed[0], "PD", "00000000000000000000000000000000"));
        stale.Code.ShouldBe(409);
        stale.Text.ShouldContain($"'{Signed(order)}'");
        (await house.CountAsync("payments")).ShouldBe(0);
        house.Issuer.Asked.ShouldBeEmpty();

        (await ItemAsync(house, "OrderStatusChange_API", placed[0], "PD", ChangeOrderStatus.Checksum(Signed(order)))).Count.ShouldBe(19);
        var done = await house.UntilStateAsync(placed[0].AsInt(), "CP");
        ((string)done["licenses"]![0]!["status"]!).ShouldBe("Installed");
        house.Issuer.Asked.Count.ShouldBe(1);

        (await RowsAsync(house, "GetOrderLogList", placed[0], 1)).Select(row => row[1].AsString()).ShouldBe(["NW", "OP", "WP", "PD", "PR", "CP"]);
        (await RowsAsync(house, "OrderByStatusListGet_API", 1, "SO", "CP", 0, -1)).Single()[0].ShouldBe(placed[0]);
        (await RowsAsync(house, "OrderByStatusListGet_API", 1, "SO", "WP", 0, -1)).ShouldBeEmpty();
        var subscription = (await RowsAsync(house, "GetSubscriptionsListByOrder_API", placed[0], -1)).Single();
        subscription[0].ShouldBe(placed[3]);
        var details = await ItemAsync(house, "SubscriptionDetailsGetEx_API", placed[3]);
        (details[1].AsString(), details[5].AsInt(), details[6].AsInt(), details.Count).ShouldBe(("northwind.example", 30, 50, 13));
        (await RowsAsync(house, "GetCustomerSubscriptionList_API", id, -1)).Single()[0].ShouldBe(placed[3]);
        (await RowsAsync(house, "SubscriptionResourcesListGet_API", placed[3], 1)).Count.ShouldBe(2);
        (await RowsAsync(house, "GetServStatusHist", placed[3], -1))[^1][2].AsInt().ShouldBe(50);
        (await RowsAsync(house, "SalesOrderGetSalesOrderBySubscList", placed[3], 1)).Single()[0].ShouldBe(placed[0]);

        (await house.FaultAsync(Xml.Call("BM", "PlaceSubscriptionCancellationOrder_API", placed[3], 40, 1, "He leaves."))).Text.ShouldContain("Type 40 is none of 10, 20, 30.");
        var cancelled = await ItemAsync(house, "PlaceSubscriptionCancellationOrder_API", placed[3], 20, 1, "He leaves.");
        cancelled[0].AsString().ShouldBe("Cancellation Order has been placed");
        var cancellation = await ItemAsync(house, "GetOrder_API", cancelled[1]);
        (cancellation[5].AsString(), cancellation[8].AsDouble()).ShouldBe(("CL", -18.9));
        (await ItemAsync(house, "SubscriptionDetailsGet_API", placed[3]))[5].AsInt().ShouldBe(70);
    }

    [Theory, BothEngines]
    public async Task An_account_comes_back_as_it_was_given(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var id = (await ItemAsync(house, "AccountAdd_API", NewAccount))[0].AsInt();

        id.ShouldBeGreaterThanOrEqualTo(1000001);
        var shown = await ItemAsync(house, "AccountDetailsGet_API", id);
        shown.Count.ShouldBe(26);
        shown[3].AsString().ShouldBe("Northwind Traders");
        shown[14].AsString().ShouldBe("ada@northwind.example");
        (shown[15].AsString(), shown[16].AsString(), shown[17].AsString()).ShouldBe(("49", "30", "123456"));
        (await house.FaultAsync(Xml.Call("BM", "AccountDetailsGet_API", 99999999))).Text.ShouldStartWith("Table Account does not contain row with ID 99999999.");
        (await house.FaultAsync(Xml.Call("BM", "AccountAdd_API", [7, .. NewAccount[1..]]))).Text.ShouldContain("VendorAccountID is 7");
        (await house.FaultAsync(Xml.Call("BM", "AccountAdd_API", [1, 3, "N", "", "", "", "", "", "Germany", "", "", "", "", "nobody"]))).Text.ShouldContain("CountryID has 7 characters; 2 are the most");
    }

    [Theory, BothEngines]
    public async Task All_faults_of_an_order_come_at_once_and_nothing_is_stored(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        var customers = await house.CountAsync("customers");

        foreach (var (parameters, says) in new (XmlRpcValue[], string[])[]
        {
            ([1, 2, "1=1=0=-1"], ["2 items are announced"]),
            ([1, 1, "1=1=0"], ["The item '1=1=0' is not PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID"]),
            ([1, 1, $"{plan}=1=0=-1", 1, "0", 2, "Domain=x", "Resource=A:many", 1, "AccountID=1", 1, 0, 0], ["'Domain' is no name of a data slot", "'many' is no quantity", "1 pay tools are announced"]),
            ([1, 1, $"{plan}=999=0=-1", 1, "0", 1, "Resource=NONE_SUCH", 1, "AccountID=99999999"], ["no customer 99999999", "has no period 999", "NONE_SUCH"]),
            ([1, 1, $"{plan}=1=0=-1", 0, 1, "CompanyName=Nobody"], ["'' is no mail address"]),
            ([1, 1, $"{plan}=999=0=-1", 0, 2, "CompanyName=Nobody", "AdminEmail=nobody@example.org"], ["has no period 999"]),
        })
        {
            var fault = await house.FaultAsync(Xml.Call("BM", "CreateAccountAndPlaceOrder_API", parameters));
            fault.Code.ShouldBe(400, fault.Text);
            says.ShouldAllBe(text => fault.Text.Contains(text, StringComparison.Ordinal), fault.Text);
        }

        (await house.CountAsync("orders")).ShouldBe(0);
        (await house.CountAsync("customers")).ShouldBe(customers);
    }

    [Theory, BothEngines]
    public async Task A_status_that_no_act_leads_to_is_refused_and_a_cancellation_ends_the_order(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        var placed = await ItemAsync(house, "PlaceOrderForAccount_API", Place(plan, (await RowsAsync(house, "PlanPeriodListGet_API", plan, 1)).Single()[0].AsInt(), house.Customer));
        var signature = ChangeOrderStatus.Checksum(Signed(await ItemAsync(house, "GetOrder_API", placed[0])));

        (await house.FaultAsync(Xml.Call("BM", "OrderStatusChange_API", placed[0], "CP", signature))).Text.ShouldContain("is WP (Waiting for Payment), and no act leads from there to CP");
        (await house.FaultAsync(Xml.Call("BM", "OrderStatusChange_API", placed[0], "QQ", signature))).Text.ShouldContain("'QQ' is no order state");
        (await ItemAsync(house, "OrderStatusChange_API", placed[0], "CL", signature))[4].AsString().ShouldBe("CL");
        (await house.CountAsync("licenses")).ShouldBe(0);
        house.Issuer.Asked.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task An_event_of_the_hosting_side_is_taken_once(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));
        var item = (int)(await house.UntilStateAsync(order, "PR"))["items"]![0]!["id"]!;
        var post = Xml.Call("TASKMAN", "PostEvent", "Creation Completed", $"OrderItemID={item}; IssuedSuccessfully=1; Message=done", 0);

        (await house.ResultAsync(post)).AsStruct()["Status"].AsString().ShouldBe("Operation done.");
        await house.UntilStateAsync(order, "CP");
        (await house.ResultAsync(post)).AsStruct()["Status"].AsString().ShouldStartWith("Passed over: ");
        (await house.FaultAsync(Xml.Call("TASKMAN", "PostEvent", "Renewal Completed", "OrderItemID=1", 0))).Text.ShouldContain("'Renewal Completed' is no event type");
        (await house.FaultAsync(Xml.Call("TASKMAN", "PostEvent", "Creation Completed", "OrderItemID=1", 60))).Text.ShouldContain("delay is 60");
    }

    [Fact]
    public async Task The_wire_forms_are_these()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var plan = await house.PlanAsync();
        var page = new StringBuilder();
        foreach (var xml in new[]
        {
            Xml.Call("BM", "AccountAdd_API", NewAccount), Xml.Call("BM", "AccountDetailsGet_API", 1000002), Xml.Call("BM", "PlanListAvailableGet_API", 1, "DUMMYGATE", -1, -1),
            Xml.Call("BM", "PlanDetailsGet_API", plan), Xml.Call("BM", "PlanPeriodListGet_API", plan, 1), Xml.Call("BM", "PlanPeriodDetailsGet_API", 1), Xml.Call("BM", "PlanRateListFullGet_API", plan, -1),
            Xml.Call("BM", "PlaceOrderAndAuthorize_API", Place(plan, 1, 1000002)), Xml.Call("BM", "GetOrder_API", 1), Xml.Call("BM", "OrderByStatusListGet_API", 1, "SO", "WP", 0, -1),
            Xml.Call("BM", "GetOrderLogList", 1, 1), Xml.Call("BM", "GetSubscriptionsListByOrder_API", 1, -1), Xml.Call("BM", "SubscriptionDetailsGet_API", 1), Xml.Call("BM", "SubscriptionDetailsGetEx_API", 1),
            Xml.Call("BM", "GetCustomerSubscriptionList_API", 1000002, -1), Xml.Call("BM", "SubscriptionResourcesListGet_API", 1, 1), Xml.Call("BM", "GetServStatusHist", 1, 1), Xml.Call("BM", "GetOrder_API", 99),
        })
        {
            var (status, text, _) = await house.XmlRpcAsync(xml);
            page.Append(Xml.Exchange(XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(xml)).Parameters[0].AsStruct()["Method"].AsString(), xml, status, text));
        }

        Approve.That(page.ToString(), nameof(BmTests));
    }

    private static XmlRpcValue[] Place(int plan, int period, int account) =>
    [
        1, 1, $"{plan}={period}=0=-1", 1, "0", 4, "DomainName=northwind.example", "Target=node4", $"Resource={Hosting.Plesk}", $"Resource={Hosting.Domains30}", 1, $"AccountID={account}", 0, 0, 0,
    ];

    // As a client makes it of what GetOrder_API said.
    private static string Signed(XmlRpcArray order) => $"{order[0].AsInt()}{order[1].AsString()}{order[6].AsInt()}{order[17].AsString()} {order[8].AsDouble().ToString("F2", System.Globalization.CultureInfo.InvariantCulture)}{order[12].AsString()}";

    private static async Task<XmlRpcArray> ItemAsync(OrdersHouse house, string method, params XmlRpcValue[] parameters) => (await house.ResultAsync(Xml.Call("BM", method, parameters))).AsArray();

    private static async Task<List<XmlRpcArray>> RowsAsync(OrdersHouse house, string method, params XmlRpcValue[] parameters) =>
        [.. (await ItemAsync(house, method, parameters)).Select(row => row.AsArray())];
}
