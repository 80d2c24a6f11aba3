using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.AssignServerSlice;

/// <summary>Licenses of a subscription whose dedicated server is not assigned yet: Not Assigned, waiting, and going on by themselves.</summary>
public sealed class AssignServerTests
{
    [Theory, BothEngines]
    public async Task Licenses_are_not_assigned_until_a_server_is_and_then_go_on_by_themselves(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await PaidAsync(house, Hosting.Antivirus);

        var waiting = await house.OrderAsync(id);
        ((string)waiting["state"]!).ShouldBe("LO");
        ((string)waiting["items"]![0]!["status"]!).ShouldBe("Awaiting");
        waiting["licenses"]!.AsArray().Select(l => ((string)l!["status"]!, (string)l["assignment"]!)).ShouldBe([("Pending", "NotAssigned"), ("Pending", "NotAssigned")]);
        (await house.WorkAsync()).ShouldBe(["orders.host item/1 waiting", "orders.license item/2 waiting"]);
        house.Issuer.Asked.ShouldBeEmpty();

        ((string)(await house.GetAsync("orders/stalled?minutes=0"))["items"]!.AsArray().ShouldHaveSingleItem()!["nextStep"]!)
            .ShouldBe("Subscription 1 waits for its dedicated server: assign one with 'keygate subscription assign-server 1 --server NAME'.");
        (await house.GetAsync("subscriptions?awaitsServer=true"))["items"]!.AsArray().ShouldHaveSingleItem();
        (await house.GetAsync("licenses?assignment=NotAssigned"))["items"]!.AsArray().Count.ShouldBe(2);
        (await house.GetAsync("licenses?assignment=Subscription"))["items"]!.AsArray().ShouldBeEmpty();

        var subscription = await house.PostAsync("subscriptions/1/assign-server", Server("ded7", "198.51.100.7", "198.51.100.8"));

        ((string)subscription["server"]!).ShouldBe("ded7");
        var order = await house.UntilStateAsync(id, "CP");
        order["licenses"]!.AsArray().Select(l => ((string)l!["status"]!, (string)l["assignment"]!)).ShouldBe([("Installed", "Subscription"), ("Installed", "Subscription")]);
        house.Issuer.Asked.ShouldHaveSingleItem().IpAddresses.ShouldBe(["198.51.100.7", "198.51.100.8"]);
        house.Installer.Installed.ShouldHaveSingleItem().Target.ShouldBe("ded7");
        var license = await house.GetAsync($"licenses/{order["licenses"]![0]!["id"]}");
        license["request"]!["ipAddresses"]!.AsArray().ShouldBeEmpty();
        (await house.GetAsync("subscriptions?awaitsServer=true"))["items"]!.AsArray().ShouldBeEmpty();
        (await house.GetAsync($"licenses/{license["id"]}/history"))["items"]!.AsArray().Select(h => (string)h!["what"]!).Take(3).ShouldBe(
            ["License request written", "Not Assigned: it waits for the dedicated server of its subscription", "Dedicated server ded7 was assigned to subscription 1"]);
    }

    [Theory, BothEngines]
    public async Task The_event_server_assigned_does_the_same_and_a_repeat_is_listed_as_ignored(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await PaidAsync(house);
        var said = new JsonObject { ["type"] = "Server Assigned", ["parameters"] = "SubscrID=1; Server=ded7; IPAddresses=198.51.100.7, 198.51.100.8; Target=rack 4" };

        var answer = await house.PostAsync("events", said.DeepClone());

        ((bool)answer["accepted"]!).ShouldBeTrue();
        ((int)answer["itemId"]!).ShouldBe(1);
        ((string)answer["itemStatus"]!).ShouldBe("Completed");
        await house.UntilStateAsync(id, "CP");
        house.Installer.Installed.ShouldHaveSingleItem().Target.ShouldBe("rack 4");
        house.Issuer.Asked.ShouldHaveSingleItem().IpAddresses.ShouldBe(["198.51.100.7", "198.51.100.8"]);

        var second = await house.PostAsync("events", said);
        ((bool)second["accepted"]!).ShouldBeFalse();
        ((string)second["ignoredBecause"]!).ShouldContain("'ded7' was assigned at 2026-02-01 12:00:00 UTC");
        (await house.OrderAsync(id))["items"]![0]!["callbacks"]!.AsArray().Select(c => c!["ignoredBecause"] is null).ShouldBe([true, false]);
        (await house.RefusedAsync("events", new JsonObject { ["type"] = "Server Assigned", ["parameters"] = "SubscrID=1" }, HttpStatusCode.BadRequest)).ToJsonString()
            .ShouldContain("Server is missing.");
        house.Issuer.Keys.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Nothing_that_needs_the_server_is_done_by_hand_before_it_is_known(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await PaidAsync(house);
        var license = (int)(await house.OrderAsync(id))["licenses"]![0]!["id"]!;

        var refusal = await house.RefusedAsync($"licenses/{license}/issue", null, HttpStatusCode.Conflict);

        ((string)refusal["code"]!).ShouldBe("licensing.server-not-assigned");
        ((string)refusal["remedy"]!).ShouldContain("subscription assign-server 1");
        (await house.GetAsync($"licenses/{license}"))["possible"]!.AsArray().ShouldBeEmpty();
        house.Issuer.Asked.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task An_order_that_waits_for_its_server_can_be_cancelled_and_leaves_nothing_behind(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await PaidAsync(house);

        var cancelled = await house.PostAsync($"orders/{id}/cancel", new JsonObject { ["reason"] = "no rack space" });

        ((string)cancelled["state"]!).ShouldBe("CL");
        (await house.WorkAsync()).ShouldBe(["orders.host item/1 cancelled", "orders.license item/2 cancelled"]);
        (await house.GetAsync($"licenses/{cancelled["licenses"]![0]!["id"]}"))["withdrawnAt"].ShouldNotBeNull();
        var late = await house.RefusedAsync("subscriptions/1/assign-server", Server("ded7"), HttpStatusCode.Conflict);
        ((string)late["detail"]!).ShouldBe("Subscription 1 is Canceled.");
        house.Issuer.Asked.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_server_that_was_assigned_before_the_payment_is_not_waited_for(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PlaceAsync(await house.PlanAsync(Dedicated), o => o["target"] = "");
        await house.PostAsync("subscriptions/1/assign-server", Server("ded7", "198.51.100.7"));

        var id = (int)(await house.PayAsync(order))["id"]!;

        (await house.UntilStateAsync(id, "CP"))["log"]!.AsArray().ShouldNotContain(l => (string)l!["to"]! == "LO");
        house.Issuer.Asked.ShouldHaveSingleItem().IpAddresses.ShouldBe(["198.51.100.7"]);
        house.Installer.Installed.ShouldHaveSingleItem().Target.ShouldBe("ded7");
    }

    [Theory, BothEngines]
    public async Task Refuses_a_second_server_a_server_of_somebody_else_and_a_plan_without_one(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        await PaidAsync(house);
        await PaidAsync(house);
        await house.PlaceAsync(await house.PlanAsync());
        await house.PostAsync("subscriptions/1/assign-server", Server("ded7"));
        await house.PostAsync("subscriptions/1/assign-server", Server("ded7"));

        (string Path, JsonObject Body, HttpStatusCode Status, string Code)[] bad =
        [
            ("subscriptions/1/assign-server", Server("ded8"), HttpStatusCode.Conflict, "orders.server-assigned"),
            ("subscriptions/2/assign-server", Server("ded7"), HttpStatusCode.Conflict, "orders.server-taken"),
            ("subscriptions/2/assign-server", Server(" "), HttpStatusCode.BadRequest, "orders.name-invalid"),
            ("subscriptions/2/assign-server", Server("ded9", "198.51.100.700"), HttpStatusCode.BadRequest, "orders.address-invalid"),
            ("subscriptions/3/assign-server", Server("ded9"), HttpStatusCode.Conflict, "orders.server-not-awaited"),
            ("subscriptions/99/assign-server", Server("ded9"), HttpStatusCode.NotFound, "orders.subscription-not-found"),
        ];
        foreach (var (path, body, status, code) in bad)
        {
            ((string)(await house.RefusedAsync(path, body, status))["code"]!).ShouldBe(code);
        }

        (await house.GetAsync("subscriptions/2"))["server"].ShouldBeNull();
    }

    private static async Task<int> PaidAsync(OrdersHouse house, params string[] also) => await house.PaidAsync(await house.PlanAsync(Dedicated), o =>
    {
        o["target"] = "";
        o["resources"] = new JsonArray([Hosting.Plesk, Hosting.Domains30, .. also.Select(a => (JsonNode)a)]);
    });

    private static void Dedicated(JsonObject plan) => plan["hostingGate"] = "DedicatedServer";

    private static JsonObject Server(string name, params string[] addresses) =>
        new() { ["server"] = name, ["ipAddresses"] = new JsonArray([.. addresses.Select(a => (JsonNode)a)]) };
}
