using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.PlaceOrderSlice;

public sealed class PlaceOrderTests
{
    [Theory, BothEngines]
    public async Task Writes_order_subscription_lines_and_items_and_waits_for_payment(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();

        var order = await house.PlaceAsync(plan, o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains30, Hosting.Antivirus));

        ((string)order["state"]!).ShouldBe("WP");
        ((long)order["total"]!).ShouldBe(990 + 650 + 250 + 130);
        order["log"]!.AsArray().Select(l => (string)l!["to"]!).ShouldBe(["NW", "OP", "WP"]);
        order["details"]!.AsArray().Sum(d => (long)d!["amount"]!).ShouldBe((long)order["total"]!);
        var items = order["items"]!.AsArray();
        items.Select(i => (string)i!["kind"]!).ShouldBe(["Hosting", "License"]);
        items.ShouldAllBe(i => (string)i!["status"]! == "NotSubmitted" && (int)i["typeCode"]! == 10);
        items[1]!["features"]!.AsArray().Select(f => (string)f!).ShouldBe([Hosting.Domains30]);
        items[1]!["addOns"]!.AsArray().Select(f => (string)f!).ShouldBe([Hosting.Antivirus]);

        var subscription = await house.GetAsync($"subscriptions/{order["subscriptionId"]}");
        ((int)subscription["statusCode"]!).ShouldBe(10);
        ((int)subscription["servStatusCode"]!).ShouldBe(10);
        subscription["resources"]!.AsArray().Count.ShouldBe(3);

        (await house.CountAsync("licenses")).ShouldBe(0);
        (await house.WorkAsync()).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Refuses_with_all_faults_at_once_and_writes_nothing(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();

        var problem = await house.RefusedAsync("orders", new JsonObject
        {
            ["customerId"] = 4711,
            ["planId"] = plan,
            ["planPeriodId"] = 99,
            ["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10, Hosting.Domains30, Hosting.Containers),
        }, HttpStatusCode.BadRequest);

        var text = problem.ToJsonString();
        foreach (var code in new[] { "orders.customer-unknown", "orders.period-unknown", "orders.resource-not-in-plan", "catalog.feature-group-taken" })
        {
            text.ShouldContain(code);
        }

        foreach (var table in new[] { "orders", "subscriptions", "subscription_resources", "order_details", "provisioning_items", "order_log" })
        {
            (await house.CountAsync(table)).ShouldBe(0, table);
        }
    }

    [Theory, BothEngines]
    public async Task Refuses_an_unknown_plan_and_one_that_is_not_for_sale(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var unpublished = await house.PlanAsync(p => p["published"] = false);

        (await house.RefusedAsync("orders", new JsonObject { ["customerId"] = house.Customer, ["planId"] = 77 }, HttpStatusCode.BadRequest))
            .ToJsonString().ShouldContain("orders.plan-unknown");
        (await house.RefusedAsync(
            "orders", new JsonObject { ["customerId"] = house.Customer, ["planId"] = unpublished, ["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10) },
            HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.plan-not-published");
    }

    [Theory, BothEngines]
    public async Task Needs_an_idempotency_key_and_makes_one_order_of_two_calls_with_the_same(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        var body = new JsonObject { ["customerId"] = house.Customer, ["planId"] = plan, ["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10) };

        await house.RefusedAsync("orders", body, HttpStatusCode.BadRequest, key: null);
        var first = await house.SendAsync("orders", body, "shop-1");
        var second = await house.SendAsync("orders", body, "shop-1");

        first.Status.ShouldBe(HttpStatusCode.OK);
        ((int)second.Answer["id"]!).ShouldBe((int)first.Answer["id"]!);
        (await house.CountAsync("orders")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Lets_an_order_that_costs_nothing_go_straight_on(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync(p =>
        {
            p["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "year" });
            p["rates"] = new JsonArray(OrdersHouse.Rate(Hosting.Plesk, 0), OrdersHouse.Rate(Hosting.Domains10, 0));
        });

        var order = await house.PlaceAsync(plan, o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10));

        ((long)order["total"]!).ShouldBe(0);
        (await house.UntilStateAsync((int)order["id"]!, "CP"))["log"]!.AsArray().Select(l => (string)l!["to"]!).ShouldBe(["NW", "OP", "PD", "PR", "CP"]);
        await house.RefusedAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = 0, ["currency"] = "EUR" }, HttpStatusCode.Conflict);
    }
}
