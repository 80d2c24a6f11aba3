using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.CancelOrderSlice;

public sealed class CancelOrderTests
{
    [Theory, BothEngines]
    public async Task Ends_an_unpaid_order_with_its_items_and_its_subscription(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var placed = await house.PlaceAsync(await house.PlanAsync());

        var order = await house.PostAsync($"orders/{placed["id"]}/cancel", Because("ordered twice"));

        ((string)order["state"]!).ShouldBe("CL");
        ((string)order["log"]!.AsArray()[^1]!["why"]!).ShouldBe("ordered twice");
        order["items"]!.AsArray().ShouldAllBe(i => (string)i!["status"]! == "Cancelled");
        order["possible"]!.AsArray().ShouldBeEmpty();
        ((int)(await house.GetAsync($"subscriptions/{order["subscriptionId"]}"))["statusCode"]!).ShouldBe(70);
        (await house.RefusedAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = "EUR" }, HttpStatusCode.Conflict))
            .ToJsonString().ShouldContain("orders.move-not-allowed");
    }

    [Theory, BothEngines]
    public async Task Needs_a_reason(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var placed = await house.PlaceAsync(await house.PlanAsync());

        (await house.RefusedAsync($"orders/{placed["id"]}/cancel", Because(" "), HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("orders.reason-missing");
        ((string)(await house.OrderAsync((int)placed["id"]!))["state"]!).ShouldBe("WP");
    }

    [Theory, BothEngines]
    public async Task Is_refused_while_items_are_under_way_and_when_all_is_done(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));

        await house.RefusedAsync($"orders/{id}/cancel", Because("changed my mind"), HttpStatusCode.Conflict);
        await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = true });
        await house.UntilStateAsync(id, "CP");
        await house.RefusedAsync($"orders/{id}/cancel", Because("changed my mind"), HttpStatusCode.Conflict);
    }

    [Theory, BothEngines]
    public async Task Ends_a_failed_order_and_all_its_work_where_no_key_was_made(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("Unknown base keytype");
        var id = await house.PaidAsync(await house.PlanAsync());
        await house.UntilStateAsync(id, "PF");

        var order = await house.PostAsync($"orders/{id}/cancel", Because("not to be had"));

        ((string)order["state"]!).ShouldBe("CL");
        ((string)order["log"]!.AsArray()[^1]!["why"]!).ShouldContain("are to be refunded by hand");
        (await house.WorkAsync()).ShouldBe(["orders.host item/1 done", "orders.license item/2 cancelled", $"licensing.provision license/{order["licenses"]![0]!["id"]} cancelled"]);
        ((int)(await house.GetAsync($"subscriptions/{order["subscriptionId"]}"))["servStatusCode"]!).ShouldBe(30);
        house.Issuer.Keys.ShouldBeEmpty();
    }

    private static JsonObject Because(string reason) => new() { ["reason"] = reason };
}
