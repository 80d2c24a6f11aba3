using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Provisioning;

public sealed class ProvisioningTests
{
    [Theory, BothEngines]
    public async Task Brings_a_paid_order_to_an_installed_license_and_a_running_subscription(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(), o => o["ipAddresses"] = new JsonArray("198.51.100.24"));

        var order = await house.UntilStateAsync(id, "CP");

        order["log"]!.AsArray().Select(l => (string)l!["to"]!).ShouldBe(["NW", "OP", "WP", "PD", "PR", "CP"]);
        order["items"]!.AsArray().ShouldAllBe(i => (string)i!["status"]! == "Completed");
        var license = order["licenses"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)license["status"]!).ShouldBe("Installed");
        ((string)license["subscription"]!).ShouldBe("northwind.example");
        var subscription = await house.GetAsync($"subscriptions/{order["subscriptionId"]}");
        ((int)subscription["statusCode"]!).ShouldBe(30);
        ((int)subscription["servStatusCode"]!).ShouldBe(50);
        ((string)subscription["startDate"]!).ShouldBe("2026-02-01");
        ((string)subscription["expirationDate"]!).ShouldBe("2026-03-01");
        subscription["history"]!.AsArray().Select(h => (string)h!["servStatus"]!).ShouldBe(["NotProvisioned", "Provisioning", "Running"]);

        var line = (await house.GetAsync($"orders/{id}/timeline"))["items"]!.AsArray();
        line.Where(m => ((string)m!["subject"]!).StartsWith("license/", StringComparison.Ordinal)).Select(m => (string)m!["state"]!)
            .ShouldBe(["Pending", "Issued", "Retrieving", "Retrieved", "Installing", "Installed"]);
        ((string)line[^1]!["state"]!).ShouldBe("CP");

        var asked = house.Issuer.Asked.ShouldHaveSingleItem();
        asked.KeyType.ShouldBe(Hosting.Plesk);
        asked.Features.ShouldBe([Hosting.Domains30]);
        asked.IpAddresses.ShouldBe(["198.51.100.24"]);
        house.Installer.Installed.ShouldHaveSingleItem().Target.ShouldBe("node4");
        (await house.WorkAsync()).ShouldBe(["orders.host item/1 done", "orders.license item/2 done", $"licensing.provision license/{license["id"]} done"]);
    }

    [Theory, BothEngines]
    public async Task Shows_the_request_pending_and_asks_nobody_while_the_hosting_item_is_held_back(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PayAsync(await house.PlaceAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback")));
        var id = (int)order["id"]!;

        ((string)order["state"]!).ShouldBe("PR");
        var license = order["licenses"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)license["id"]!).ShouldBeGreaterThan(0);
        ((string)license["status"]!).ShouldBe("Pending");
        license["keyNumber"].ShouldBeNull();
        ((string)order["items"]![1]!["waitsFor"]!).ShouldContain("hosting item");
        house.Issuer.Asked.ShouldBeEmpty();
        (await house.WorkAsync()).ShouldBe(["orders.host item/1 waiting", "orders.license item/2 waiting"]);

        var answer = await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = true, ["message"] = "Created on node 4" });

        ((bool)answer["accepted"]!).ShouldBeTrue();
        await house.UntilStateAsync(id, "CP");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Lists_a_second_callback_as_ignored_with_the_reason(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var placed = await house.PlaceAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));
        var yes = new JsonObject { ["issuedSuccessfully"] = true };

        ((string)(await house.PostAsync("provisioning-items/1/callback", yes.DeepClone()))["ignoredBecause"]!).ShouldContain("was not submitted");
        var id = (int)(await house.PayAsync(placed))["id"]!;
        await house.PostAsync("provisioning-items/1/callback", yes.DeepClone());
        var second = await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = false, ["message"] = "too late" });
        var ofLicense = await house.PostAsync("provisioning-items/2/callback", yes.DeepClone());

        ((bool)second["accepted"]!).ShouldBeFalse();
        ((string)second["ignoredBecause"]!).ShouldContain("was completed");
        ((string)ofLicense["ignoredBecause"]!).ShouldContain("is a license");
        var order = await house.UntilStateAsync(id, "CP");
        order["items"]![0]!["callbacks"]!.AsArray().Select(c => (string?)c!["ignoredBecause"] is null).ShouldBe([false, true, false]);
        await house.RefusedAsync("provisioning-items/99/callback", yes, HttpStatusCode.NotFound);
    }

    [Theory, BothEngines]
    public async Task Takes_the_event_creation_completed_for_a_callback(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));

        var foreign = await house.RefusedAsync(
            "events", new JsonObject { ["type"] = "Creation Completed", ["parameters"] = "OrderItemID=1; SubscrID=9; IssuedSuccessfully=1" }, HttpStatusCode.BadRequest);
        foreign.ToJsonString().ShouldContain("orders.subscription-foreign");
        var other = await house.RefusedAsync("events", new JsonObject { ["type"] = "Renewal Completed", ["parameters"] = "OrderItemID=1" }, HttpStatusCode.BadRequest);
        other.ToJsonString().ShouldContain("orders.event-unknown");
        await house.PostAsync("events", new JsonObject { ["type"] = "Creation Completed", ["parameters"] = "OrderItemID=1; SubscrID=1; IssuedSuccessfully=1; Message=done" });

        await house.UntilStateAsync(id, "CP");
    }

    [Theory, BothEngines]
    public async Task Fails_with_the_hosting_sides_words_and_goes_on_after_a_resubmission(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));

        await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = false, ["message"] = "no free IP addresses" });
        var failed = await house.UntilStateAsync(id, "PF");
        ((string)failed["items"]![0]!["status"]!).ShouldBe("Failed");
        ((string)failed["items"]![0]!["comment"]!).ShouldBe("no free IP addresses");
        ((string)failed["items"]![0]!["remedy"]!).ShouldContain("resubmit");

        await house.PostAsync($"orders/{id}/resubmit");
        ((string)(await house.OrderAsync(id))["state"]!).ShouldBe("PR");
        await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = true });
        await house.UntilStateAsync(id, "CP");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Takes_a_late_success_of_a_failed_hosting_item(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));
        await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = false });
        await house.UntilStateAsync(id, "PF");

        ((bool)(await house.PostAsync("provisioning-items/1/callback", new JsonObject { ["issuedSuccessfully"] = true }))["accepted"]!).ShouldBeTrue();

        await house.UntilStateAsync(id, "CP");
    }

    [Theory, BothEngines]
    public async Task Fails_with_the_issuers_words_and_asks_once_more_after_a_resubmission(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("conflicting feature set");
        var id = await house.PaidAsync(await house.PlanAsync());

        var failed = await house.UntilStateAsync(id, "PF");
        var item = failed["items"]![1]!;
        ((string)item["status"]!).ShouldBe("Failed");
        ((string)item["comment"]!).ShouldStartWith("Could not create License into Subscription: ");
        ((string)item["comment"]!).ShouldContain("conflicting feature set");
        ((string)item["remedy"]!).ShouldNotBeNullOrWhiteSpace();
        ((string)failed["licenses"]![0]!["status"]!).ShouldBe("Pending");
        ((int)(await house.GetAsync($"subscriptions/{failed["subscriptionId"]}"))["statusCode"]!).ShouldBe(10);

        await house.PostAsync($"orders/{id}/resubmit");
        var order = await house.UntilStateAsync(id, "CP");
        order["licenses"]!.AsArray().Count.ShouldBe(1);
        house.Issuer.Keys.Count.ShouldBe(1);
        await house.RefusedAsync($"orders/{id}/resubmit", null, HttpStatusCode.Conflict);
    }

    [Theory, BothEngines]
    public async Task Keeps_the_key_when_the_installation_fails(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");
        var id = await house.PaidAsync(await house.PlanAsync());

        var failed = await house.UntilStateAsync(id, "PF");
        ((string)failed["items"]![1]!["comment"]!).ShouldContain("The disk is full.");
        ((string)failed["licenses"]![0]!["status"]!).ShouldBe("Retrieved");
        (await house.RefusedAsync($"orders/{id}/cancel", new JsonObject { ["reason"] = "changed my mind" }, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.key-alive");

        await house.PostAsync($"orders/{id}/resubmit");
        await house.UntilStateAsync(id, "CP");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Completes_the_order_when_somebody_installs_the_license_by_hand(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");
        var id = await house.PaidAsync(await house.PlanAsync());
        var failed = await house.UntilStateAsync(id, "PF");

        await house.PostAsync($"licenses/{failed["licenses"]![0]!["id"]}/install");

        await house.UntilStateAsync(id, "CP");
    }

    [Theory, BothEngines]
    public async Task Adopts_the_key_whose_answer_was_lost(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.LoseNextAnswer();
        var id = await house.PaidAsync(await house.PlanAsync());

        await house.UntilStateAsync(id, "CP");

        house.Issuer.Asked.Count.ShouldBe(1);
        house.Issuer.Keys.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Makes_one_item_for_each_license_and_resubmits_only_the_one_that_failed(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("Invalid Key configuration");
        var plan = await house.PlanAsync(p => p["rates"]![0]!["maxUnits"] = 5);
        var id = await house.PaidAsync(plan, o => o["resources"] = new JsonArray(new JsonObject { ["resource"] = Hosting.Plesk, ["quantity"] = 3 }, Hosting.Domains30));

        var failed = await house.UntilAsync(id, o => (string)o["state"]! == "PF" && o["items"]!.AsArray().Count(i => (string)i!["status"]! == "Completed") == 3);
        failed["items"]!.AsArray().Count(i => (string)i!["status"]! == "Failed").ShouldBe(1);
        failed["licenses"]!.AsArray().Count.ShouldBe(3);

        await house.PostAsync($"orders/{id}/resubmit");
        var order = await house.UntilStateAsync(id, "CP");
        house.Issuer.Asked.Count.ShouldBe(4);
        order["licenses"]!.AsArray().Select(l => (string)l!["keyNumber"]!).Distinct().Count().ShouldBe(3);
    }

    [Theory, BothEngines]
    public async Task Brings_add_ons_with_their_base_license_in_one_item(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(), o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10, Hosting.Antivirus));

        var order = await house.UntilStateAsync(id, "CP");

        order["items"]!.AsArray().Count.ShouldBe(2);
        order["licenses"]!.AsArray().Select(l => ((string)l!["keyType"]!, (string)l["status"]!)).ShouldBe([(Hosting.Plesk, "Installed"), (Hosting.Antivirus, "Installed")]);
        house.Issuer.Asked.ShouldHaveSingleItem().AddOns.ShouldBe([Hosting.Antivirus]);
    }

    [Theory, BothEngines]
    public async Task Shows_an_order_as_long_running_while_its_license_waits_for_activation_data(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(), o => o["resources"] = new JsonArray(Hosting.Activated));

        var waiting = await house.UntilAsync(id, o => (string)o["state"]! == "LO" && (string?)o["licenses"]![0]!["status"] == "Issued");
        ((string)waiting["items"]![1]!["status"]!).ShouldBe("Awaiting");
        ((string)waiting["items"]![1]!["comment"]!).ShouldContain("HardwareId");

        await house.PostAsync($"licenses/{waiting["licenses"]![0]!["id"]}/activate", new JsonObject { ["hardwareId"] = "HW-17" });
        await house.UntilStateAsync(id, "CP");
    }

    [Theory, BothEngines]
    public async Task Needs_nobody_where_the_activation_data_came_with_the_order(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(), o =>
        {
            o["resources"] = new JsonArray(Hosting.Activated);
            o["activation"] = new JsonObject { ["hardwareId"] = "HW-18" };
        });

        (await house.UntilStateAsync(id, "CP"))["log"]!.AsArray().ShouldNotContain(l => (string)l!["to"]! == "LO");
    }

    [Theory, BothEngines]
    public async Task Ends_with_the_file_where_the_plan_has_no_installer(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = await house.PaidAsync(await house.PlanAsync(p => p.Remove("installerId")));

        var order = await house.UntilStateAsync(id, "CP");

        ((string)order["licenses"]![0]!["status"]!).ShouldBe("Retrieved");
        house.Installer.Installed.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Completes_hosting_without_a_license_with_its_payment(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var order = await house.PayAsync(await house.PlaceAsync(await house.PlanAsync(), o => o["resources"] = new JsonArray()));

        ((string)order["state"]!).ShouldBe("CP");
        order["licenses"]!.AsArray().ShouldBeEmpty();
        house.Issuer.Asked.ShouldBeEmpty();
    }
}
