using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.ByHandSlice;

public sealed class ByHandOrderTests
{
    [Theory, BothEngines]
    public async Task An_order_of_an_offline_issuer_waits_for_the_upload_and_completes_by_itself(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await OfflinePlanAsync(house));
        var waiting = await house.UntilStateAsync(id, "LO");
        var license = (int)waiting["licenses"]!.AsArray().ShouldHaveSingleItem()!["id"]!;
        var why = $"License {license} waits for an upload: 'By mail' has no connection. Pass its request on and upload the keys and files that come back.";
        ((string)waiting["items"]![1]!["status"]!, (string)waiting["items"]![1]!["comment"]!).ShouldBe(("Awaiting", why));
        ((string)waiting["log"]!.AsArray()[^1]!["why"]!).ShouldBe(why);
        ((string)(await house.GetAsync("orders/stalled?minutes=0"))["items"]!.AsArray().ShouldHaveSingleItem()!["nextStep"]!).ShouldBe(why);
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();

        // What was waited for is there, and what comes then fails: the order says that, and not that it waits for a file.
        house.Installer.RefuseNext("The disk is full.");
        await house.PostAsync($"licenses/{license}/upload", Upload("PLSK.00000001.0000.xml"));

        var failed = await house.UntilStateAsync(id, "PF");
        ((string)failed["items"]![1]!["comment"]!).ShouldContain("The disk is full.");
        failed["log"]!.AsArray().Select(l => (string)l!["to"]!).TakeLast(3).ShouldBe(["LO", "PR", "PF"]);
        await house.PostAsync($"orders/{id}/resubmit");

        await house.UntilStateAsync(id, "CP");
        house.Issuer.Asked.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task An_order_that_waits_for_an_upload_can_be_cancelled_and_takes_none_then(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await OfflinePlanAsync(house));
        var license = (int)(await house.UntilStateAsync(id, "LO"))["licenses"]![0]!["id"]!;

        await house.PostAsync($"orders/{id}/cancel", new JsonObject { ["reason"] = "The vendor has none left." });

        ((string)(await house.OrderAsync(id))["state"]!).ShouldBe("CL");
        (await house.RefusedAsync($"licenses/{license}/upload", Upload("PLSK.00000001.0000.xml"), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.withdrawn");
    }

    [Theory, BothEngines]
    public async Task An_order_whose_installation_stopped_completes_when_it_is_recorded_as_installed(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");
        var id = await house.PaidAsync(await house.PlanAsync());
        var license = (int)(await house.UntilStateAsync(id, "PF"))["licenses"]![0]!["id"]!;

        await house.PostAsync($"licenses/{license}/record-installed", new JsonObject { ["where"] = "node4" });

        await house.UntilStateAsync(id, "CP");
        ((string?)(await house.GetAsync($"licenses/{license}"))["installedByHand"]).ShouldNotBeNullOrEmpty();
    }

    [Theory, BothEngines]
    public async Task The_request_of_a_cancelled_order_is_withdrawn_and_cannot_be_issued_by_hand(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("Wrong feature set.");
        var id = await house.PaidAsync(await house.PlanAsync());
        var license = (int)(await house.UntilStateAsync(id, "PF"))["licenses"]![0]!["id"]!;

        await house.PostAsync($"orders/{id}/cancel", new JsonObject { ["reason"] = "wrong plan" });

        (await house.RefusedAsync($"licenses/{license}/issue", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.withdrawn");
        var withdrawn = await house.GetAsync($"licenses/{license}");
        ((string)withdrawn["status"]!).ShouldBe("Pending");
        withdrawn["possible"]!.AsArray().ShouldBeEmpty();
        ((string)(await house.GetAsync($"licenses/{license}/history"))["items"]!.AsArray()[^1]!["what"]!).ShouldBe($"Withdrawn: order {id} is cancelled");
    }

    [Theory, BothEngines]
    public async Task Stock_is_assigned_where_a_resource_is_free_and_taken_back_until_it_is_installed(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PlaceAsync(await house.PlanAsync());
        var subscription = (int)order["subscriptionId"]!;
        var stock = await StockAsync(house, "PLSK.00000001.0000.xml", Hosting.Domains30);
        var second = await StockAsync(house, "PLSK.00000002.0000.xml", Hosting.Domains30);
        var other = await StockAsync(house, "PLSK.00000003.0000.xml", Hosting.Domains10);
        var to = new JsonObject { ["subscriptionId"] = subscription };
        await house.RefusedAsync($"licenses/{stock}/unassign", null, HttpStatusCode.Conflict);
        (await house.RefusedAsync($"licenses/{other}/assign", to.DeepClone(), HttpStatusCode.Conflict)).ToJsonString().ShouldContain($"has no resource for {Hosting.Domains10}");

        var assigned = await house.PostAsync($"licenses/{stock}/assign", to.DeepClone());

        ((int)assigned["license"]!["subscriptionId"]!).ShouldBe(subscription);
        ((string)assigned["license"]!["subscription"]!).ShouldBe("northwind.example");
        (await house.RefusedAsync($"licenses/{second}/assign", to.DeepClone(), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.resource-lacking");
        (await house.RefusedAsync($"licenses/{stock}/assign", to.DeepClone(), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.not-stock");

        (await house.PostAsync($"licenses/{stock}/unassign"))["license"]!["subscriptionId"].ShouldBeNull();
        // It came without an installer, and that of the plan puts it where the subscription is.
        (await house.RefusedAsync($"licenses/{second}/install", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.installer-missing");
        await house.PostAsync($"licenses/{second}/assign", to.DeepClone());
        await house.PostAsync($"licenses/{second}/install");
        await house.UntilLicenseAsync(second, "Installed");
        var installed = house.Installer.Installed.ShouldHaveSingleItem();
        (installed.LicenseId, installed.SubscriptionId, installed.Target).ShouldBe((second, subscription, "node4"));
        (await house.RefusedAsync($"licenses/{second}/unassign", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.not-assigned");
        (await house.GetAsync($"licenses/{stock}/history"))["items"]!.AsArray().Select(h => (string)h!["what"]!).TakeLast(2)
            .ShouldBe([$"Assigned to subscription {subscription} (northwind.example)", $"Taken from subscription {subscription} (northwind.example): stock"]);
    }

    private static async Task<int> OfflinePlanAsync(OrdersHouse house)
    {
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;
        await house.PutAsync($"plugins/{issuer}/offer", new JsonObject
        {
            ["keyTypes"] = new JsonArray(Hosting.Plesk, Hosting.Antivirus, Hosting.Activated), ["features"] = new JsonArray(Hosting.Domains10, Hosting.Domains30),
        });
        return await house.PlanAsync(p => p["issuerId"] = issuer);
    }

    private static async Task<int> StockAsync(OrdersHouse house, string file, string feature)
    {
        var body = Upload(file);
        body["license"] = new JsonObject { ["keyType"] = Hosting.Plesk, ["features"] = new JsonArray(feature), ["issuer"] = house.IssuerId };
        return (int)(await house.PostAsync("licenses/upload", body))["licenseId"]!;
    }

    private static JsonObject Upload(string name) => new()
    {
        ["files"] = new JsonArray(new JsonObject { ["name"] = name, ["content"] = Convert.ToBase64String("<key/>"u8) }),
        ["expirationDate"] = "2026-03-11",
    };
}
