using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Subscriptions;

/// <summary>A subscription that is not paid for stops and goes on, and one that is cancelled leaves no key behind that nobody sees.</summary>
public sealed class SubscriptionLifeTests
{
    [Theory, BothEngines]
    public async Task A_suspended_subscription_stops_key_and_copy_and_a_resumed_one_goes_on(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();

        var suspended = await life.House.PostAsync($"subscriptions/{subscription}/suspend", Because("Invoice 17 is not paid."));
        ((int)suspended["statusCode"]!, (int)suspended["servStatusCode"]!).ShouldBe((80, 30));
        suspended["possible"]!.AsArray().Select(p => p!.ToString()).ShouldBe(["Resume", "Cancel", "Renew"]);
        var held = await life.UntilAsync(license, l => l["suspendedAt"] is not null && l["removedAt"] is not null && l["goingOn"] is null);

        (held["status"]!.ToString(), held["renewal"]!["badStanding"]!.ToString()).ShouldBe(("Retrieved", $"Subscription {subscription} is suspended: Invoice 17 is not paid."));
        (await life.House.RefusedAsync($"licenses/{license}/renew", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.bad-standing");
        (await life.House.RefusedAsync($"licenses/{license}/install", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.bad-standing");
        (await life.House.RefusedAsync($"subscriptions/{subscription}/suspend", Because("again"), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("Possible now: Resume, Cancel, Renew.");

        // Suspended is not renewed, and what is paid runs to its date.
        life.House.Time.Advance(TimeSpan.FromDays(30));
        var resumed = await life.House.PostAsync($"subscriptions/{subscription}/resume", Because("Invoice 17 was paid."));
        ((int)resumed["statusCode"]!, (int)resumed["servStatusCode"]!).ShouldBe((30, 50));
        var back = await life.UntilAsync(license, l => (string)l["status"]! == "Installed" && l["suspendedAt"] is null && l["goingOn"] is null);
        ((bool)back["renewal"]!["goodStanding"]!).ShouldBeTrue();
        (await life.WhatAsync(license)).ShouldContain("Installed again after the hold");
    }

    [Theory, BothEngines]
    public async Task One_that_is_resumed_while_it_is_being_stopped_ends_installed(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine, "suspend *: refuse 201 Method denied");
        var (subscription, license) = await life.SoldAsync();
        await life.House.PostAsync($"subscriptions/{subscription}/suspend", Because("Invoice 17 is not paid."));
        await life.UntilAsync(license, l => (string?)l["goingOn"]?["state"] == "stopped");

        await life.House.PostAsync($"subscriptions/{subscription}/resume", Because("It was paid."));
        var back = await life.UntilAsync(license, l => (string)l["status"]! == "Installed" && l["goingOn"] is null);

        back["suspendedAt"].ShouldBeNull();
        (await life.House.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task What_issuer_and_installer_cannot_do_is_noted_and_passed_over(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.UntilStateAsync(await house.PaidAsync(await house.PlanAsync()), "CP");
        var license = (int)order["licenses"]![0]!["id"]!;

        await house.PostAsync($"subscriptions/{order["subscriptionId"]}/suspend", Because("Invoice 17 is not paid."));
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await house.GetAsync($"licenses/{license}"))["goingOn"] is not null)
        {
            over.IsCancellationRequested.ShouldBeFalse();
            await Task.Delay(20);
        }

        var what = (await house.GetAsync($"licenses/{license}/history"))["items"]!.AsArray().Select(h => (string)h!["what"]!).ToList();
        what.ShouldContain(w => w.EndsWith("stays valid at the issuer: 'Issuer' cannot suspend keys", StringComparison.Ordinal));
        what.ShouldContain(w => w.StartsWith("The installed copy stays: its installer cannot remove", StringComparison.Ordinal));
        ((string)(await house.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Installed");
        await house.PostAsync($"subscriptions/{order["subscriptionId"]}/resume", Because("It was paid."));
        ((bool)(await house.GetAsync($"licenses/{license}"))["renewal"]!["goodStanding"]!).ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task A_cancelled_subscription_terminates_its_licenses_and_is_over_when_none_is_left(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine, "terminate 2: refuse 221 The key is marked as problem");
        var (subscription, license) = await life.SoldAsync(Hosting.Antivirus);

        var cancelled = await life.House.PostAsync($"subscriptions/{subscription}/cancel", Because("Contract ended."));
        ((int)cancelled["statusCode"]!, (int)cancelled["servStatusCode"]!).ShouldBe((70, 70));
        cancelled["possible"]!.AsArray().ShouldBeEmpty();

        // One key is kept by the issuer: that needs attention, and the subscription is not over before it is dealt with.
        await life.UntilAsync(license, l => (string?)l["goingOn"]?["state"] == "stopped");
        var item = (await life.House.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["work"]!, (int)item["licenseId"]!).ShouldBe(("licensing.terminate", license));
        item["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["record-terminated", "resubmit", "cancel"]);
        ((int)(await life.House.GetAsync($"subscriptions/{subscription}"))["statusCode"]!).ShouldBe(70);

        // Asked for again it goes on where it stands, by the same order.
        ((int)(await life.House.PostAsync($"subscriptions/{subscription}/cancel", Because("Contract ended.")))["statusCode"]!).ShouldBe(70);
        ((string)(await life.House.OrderAsync(2))["state"]!, await life.House.CountAsync("orders")).ShouldBe(("PR", 2));
        await life.House.PostAsync($"attention/{item["id"]}/resubmit");

        var over = await life.UntilSubscriptionAsync(subscription, s => (int)s["statusCode"]! == 60);
        ((int)over["servStatusCode"]!).ShouldBe(90);
        over["licenses"]!.AsArray().ShouldAllBe(l => (string)l!["status"]! == "Terminated");
        ((bool)(await life.House.GetAsync($"licenses/{license}/termination"))["ended"]!).ShouldBeTrue();
        await life.House.RefusedAsync($"subscriptions/{subscription}/cancel", Because("again"), HttpStatusCode.Conflict);
    }

    [Theory, BothEngines]
    public async Task A_termination_that_a_person_gives_up_does_not_keep_the_subscription_open(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine, "terminate *: refuse 232 No");
        var (subscription, license) = await life.SoldAsync();
        await life.House.PostAsync($"subscriptions/{subscription}/cancel", Because("Contract ended."));
        await life.UntilAsync(license, l => (string?)l["goingOn"]?["state"] == "stopped");
        var item = (await life.House.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;

        await life.House.PostAsync($"attention/{item["id"]}/cancel", Because("It runs out by itself."));

        await life.UntilSubscriptionAsync(subscription, s => (int)s["statusCode"]! == 60);
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Retrieved");
    }

    [Theory, BothEngines]
    public async Task A_purchase_of_a_cancelled_subscription_is_stock_and_can_be_assigned_to_another(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine);
        var (subscription, license) = await life.SoldAsync(change: o =>
        {
            o["resources"] = new JsonArray(Hosting.Activated);
            o["activation"] = new JsonObject { ["hardwareId"] = "HW-1" };
        });
        await life.House.PostAsync($"subscriptions/{subscription}/suspend", Because("Invoice 17 is not paid."));
        await life.UntilAsync(license, l => l["suspendedAt"] is not null && l["goingOn"] is null);

        await life.House.PostAsync($"subscriptions/{subscription}/cancel", Because("Contract ended."));
        await life.UntilSubscriptionAsync(subscription, s => (int)s["statusCode"]! == 60);

        var stock = (await life.House.GetAsync("licenses?assignment=Stock"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)stock["id"]!, (string)stock["status"]!).ShouldBe((license, "Retrieved"));
        (await life.UntilAsync(license, l => l["suspendedAt"] is null && l["goingOn"] is null))["installedAt"]!.AsArray().ShouldBeEmpty();
        (await life.House.RefusedAsync($"licenses/{license}/assign", new JsonObject { ["subscriptionId"] = subscription }, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.not-in-good-standing");
    }

    [Theory, BothEngines]
    public async Task While_an_order_is_open_and_without_a_reason_nothing_is_done(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine);
        var placed = await life.House.PlaceAsync(life.Plan);
        foreach (var act in new[] { "suspend", "cancel" })
        {
            (await life.House.RefusedAsync($"subscriptions/{placed["subscriptionId"]}/{act}", Because("no"), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.subscription-busy");
            (await life.House.RefusedAsync($"subscriptions/{placed["subscriptionId"]}/{act}", Because(" "), HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("orders.reason-missing");
        }

        (await life.House.WorkAsync()).ShouldBeEmpty();
    }

    private static JsonObject Because(string reason) => new() { ["reason"] = reason };
}
