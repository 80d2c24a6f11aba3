using System.Net;
using System.Text.Json.Nodes;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.NeedsAttention;

public sealed class AttentionTests
{
    [Theory, BothEngines]
    public async Task A_refused_order_is_listed_with_cause_and_remedy_until_its_resubmission_goes_through(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("244 Conflicting feature set");
        var order = await house.PaidAsync(await house.PlanAsync());
        await house.UntilStateAsync(order, "PF");

        var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;

        ((string)item["why"]!).ShouldBe("stopped");
        ((string)item["step"]!).ShouldBe("issue");
        ((string)item["cause"]!).ShouldContain("244 Conflicting feature set");
        ((string)item["remedy"]!).ShouldNotBeEmpty();
        ((int)item["orderId"]!).ShouldBe(order);
        ((int)item["licenseId"]!).ShouldBe(1);
        ((int)item["subscriptionId"]!).ShouldBeGreaterThan(0);
        Names(item).ShouldBe(["resubmit", "cancel"]);
        item["actions"]!.AsArray().Select(a => (string)a!["command"]!).ShouldBe([$"keygate order resubmit {order}", $"keygate order cancel {order} --reason WHY"]);
        ((string)(await house.RefusedAsync($"attention/{item["id"]}/cancel", null, HttpStatusCode.Conflict))["code"]!).ShouldBe("orders.cancel-the-order");
        ((string)(await house.RefusedAsync("licenses/1/confirm-no-key", null, HttpStatusCode.Conflict))["code"]!).ShouldBe("work.nothing-unknown");

        await house.PostAsync($"attention/{item["id"]}/resubmit");

        await house.UntilStateAsync(order, "CP");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
        await house.RefusedAsync($"attention/{item["id"]}/resubmit", null, HttpStatusCode.NotFound);
    }

    [Theory, BothEngines]
    public async Task A_key_that_nobody_can_look_for_is_adopted_by_a_person_and_not_bought_again(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var (order, item) = await UnknownAsync(house);
        Names(item).ShouldBe(["adopt-key", "confirm-no-key", "resubmit"]);
        ((string)(await house.RefusedAsync($"orders/{order}/cancel", new JsonObject { ["reason"] = "It takes too long." }, HttpStatusCode.Conflict))["code"]!).ShouldBe("work.intent-open");
        ((string)item["trace"]!).ShouldMatch("^([0-9a-f]{2}:){5}[0-9a-f]{2}$");

        await house.RefusedAsync("licenses/1/adopt-key", new JsonObject { ["keyNumber"] = " " }, HttpStatusCode.Conflict);
        await house.PostAsync("licenses/1/adopt-key", new JsonObject { ["keyNumber"] = "TEST.00000099.0000" });

        await house.UntilStateAsync(order, "CP");
        house.Issuer.Asked.ShouldHaveSingleItem();
        ((string)(await house.GetAsync("licenses/1"))["keyNumber"]!).ShouldBe("TEST.00000099.0000");
        (await house.GetAsync("licenses/1/history"))["items"]!.ToJsonString().ShouldContain("a person found it at the issuer");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();

        // The same key is no other license's.
        var (_, second) = await UnknownAsync(house);
        var refusal = await house.RefusedAsync("licenses/2/adopt-key", new JsonObject { ["keyNumber"] = "TEST.00000099.0001" }, HttpStatusCode.Conflict);
        ((string)refusal["code"]!).ShouldBe("licensing.key-unfit");
        (await house.GetAsync($"attention/{second["id"]}"))["licenseId"]!.GetValue<int>().ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task A_key_that_a_person_confirms_was_not_made_is_asked_for_again_with_the_same_trace(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var (order, item) = await UnknownAsync(house);

        await house.PostAsync("licenses/1/confirm-no-key");

        await house.UntilStateAsync(order, "CP");
        house.Issuer.Asked.Count.ShouldBe(2);
        house.Issuer.Asked.Select(a => a.Trace).Distinct().ShouldHaveSingleItem().ShouldBe((string)item["trace"]!);
    }

    [Theory, BothEngines]
    public async Task A_license_that_cannot_be_installed_is_recorded_by_a_person_and_its_order_is_stalled_until_then(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Installer.RefuseNext("The folder is closed.");
        var order = await house.PaidAsync(await house.PlanAsync());
        await house.UntilStateAsync(order, "PF");
        (await house.GetAsync("orders/stalled"))["items"]!.AsArray().ShouldBeEmpty();

        house.Time.Advance(TimeSpan.FromMinutes(20));

        var stalled = (await house.GetAsync("orders/stalled"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)stalled["id"]!).ShouldBe(order);
        ((int)stalled["ageMinutes"]!).ShouldBe(20);
        ((string)stalled["nextStep"]!).ShouldContain("The folder is closed.");
        var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        Names(item).ShouldBe(["record-installed", "resubmit", "terminate"]);
        ((int)item["pluginId"]!).ShouldBe(house.InstallerId);

        await house.PostAsync("licenses/1/record-installed", new JsonObject { ["where"] = "handed to the customer" });

        await house.UntilStateAsync(order, "CP");
        (await house.GetAsync("orders/stalled?minutes=0"))["items"]!.AsArray().ShouldBeEmpty();
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>Its key is paid for each month: it is ended first, then the order is cancelled, and each of the two is offered when it would be accepted.</summary>
    [Theory, BothEngines]
    public async Task An_order_whose_key_is_there_is_cancelled_after_its_license_is_terminated(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new Keygate.Issuers.SimulatedFactory());
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Sandbox", ["kind"] = "issuer.simulated" }))["id"]!;
        house.Installer.RefuseNext("The folder is closed.");
        var order = await house.PaidAsync(await house.PlanAsync(p => p["issuerId"] = issuer));
        await house.UntilStateAsync(order, "PF");
        var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        var terminate = item["actions"]!.AsArray().Single(a => (string)a!["name"]! == "terminate")!;
        ((string)terminate["path"]!).ShouldBe($"/api/v1/licenses/{item["licenseId"]}/terminate");

        await house.PostAsync($"licenses/{item["licenseId"]}/terminate", new JsonObject { ["reason"] = "The customer has gone." });

        await house.UntilLicenseAsync((int)item["licenseId"]!, "Terminated");
        var left = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)left["orderId"]!, (string)left["work"]!).ShouldBe((order, "orders.license"));
        Names(left).ShouldContain("cancel");
        await house.PostAsync($"orders/{order}/cancel", new JsonObject { ["reason"] = "The customer has gone." });
        ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("CL");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>A Purchase goes to stock and a request without a key is withdrawn: no order waits for either in silence.</summary>
    [Theory, BothEngines]
    public async Task An_order_whose_license_is_gone_says_so_and_can_be_cancelled(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var bought = await house.PaidAsync(await house.PlanAsync(), o => o["resources"] = new JsonArray(Hosting.Activated));
        await house.UntilAsync(bought, o => (string)o["state"]! == "LO" && (string?)o["licenses"]![0]!["status"] == "Issued");
        var offline = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;
        await house.PutAsync($"plugins/{offline}/offer", new JsonObject { ["keyTypes"] = new JsonArray(Hosting.Plesk, Hosting.Antivirus, Hosting.Activated), ["features"] = new JsonArray(Hosting.Domains10, Hosting.Domains30) });
        var asked = await house.PaidAsync(await house.PlanAsync(p => (p["issuerId"], p["name"]) = (offline, "By mail")));
        await house.UntilStateAsync(asked, "LO");

        foreach (var (order, license, gone) in new[] { (bought, 1, "stock"), (asked, 2, "withdrawn") })
        {
            await house.PostAsync($"licenses/{license}/terminate", new JsonObject { ["reason"] = "The customer has gone." });

            var failed = await house.UntilStateAsync(order, "PF");
            ((string)failed["items"]![1]!["comment"]!).ShouldContain($"License {license} is {gone}: it cannot be brought into the subscription any more.");
            var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
            ((int)item["orderId"]!).ShouldBe(order);
            Names(item).ShouldContain("cancel");
            await house.PostAsync($"orders/{order}/cancel", new JsonObject { ["reason"] = "The customer has gone." });
            ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("CL");
        }

        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>The order is complete with its base license; what the issuer has left out is asked for until it is there.</summary>
    [Theory, BothEngines]
    public async Task An_additional_key_that_was_left_out_is_brought_in_by_the_act_that_is_offered(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000001.0000" }));
        await house.UntilStateAsync(await house.PaidAsync(await house.PlanAsync(), o => o["resources"]!.AsArray().Add(Hosting.Antivirus)), "CP");
        var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        Names(item).ShouldBe(["adopt-key", "upload", "resubmit", "cancel"]);
        (await house.AttentionCountAsync()).ShouldBe(1);

        await house.PostAsync($"licenses/{item["licenseId"]}/adopt-key", new JsonObject { ["keyNumber"] = "TXTR.00000002.0000" });

        await house.AfterAsync(TimeSpan.Zero);
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
        ((string)(await house.GetAsync($"licenses/{item["licenseId"]}"))["status"]!).ShouldBe("Installed");
        (await house.AttentionCountAsync()).ShouldBe(0);
    }

    // The answer is lost, no key carries the trace, and none ever was found by it here: only a person can tell.
    private static async Task<(int Order, JsonNode Item)> UnknownAsync(OrdersHouse house)
    {
        house.Issuer.Next(_ => Answer.Unknown<IssuedKey>(new Reason("The answer was cut short.", "It is looked into.")));
        var order = await house.PaidAsync(await house.PlanAsync(p => p["name"] = $"Plan {Guid.NewGuid()}"));
        await house.UntilStateAsync(order, "PF");
        return (order, (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!);
    }

    private static IEnumerable<string> Names(JsonNode item) => item["actions"]!.AsArray().Select(a => (string)a!["name"]!);
}
