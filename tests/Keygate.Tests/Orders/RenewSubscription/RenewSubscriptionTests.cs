using System.Net;
using System.Text.Json.Nodes;
using Keygate.Orders;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.RenewSubscription;

/// <summary>A subscription's period is renewed by an order of its own; what is not paid runs on, stops, and ends, each on its day.</summary>
public sealed class RenewSubscriptionTests
{
    private static readonly DateOnly Begun = new(2026, 2, 1);

    [Theory, BothEngines]
    public async Task The_renewal_order_comes_before_the_end_and_its_payment_adds_a_period(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        (await OrdersAsync(life, subscription)).Count.ShouldBe(1);

        await life.House.AfterAsync(TimeSpan.FromDays(20));
        (await OrdersAsync(life, subscription)).Count.ShouldBe(1);
        await life.House.AfterAsync(TimeSpan.FromDays(1));
        await life.House.AfterAsync(TimeSpan.FromHours(2));

        var renewal = (await OrdersAsync(life, subscription))[0];
        (await OrdersAsync(life, subscription)).Count.ShouldBe(2);
        ((string)renewal["type"]!, (string)renewal["state"]!, (string)renewal["renewsFrom"]!, (long)renewal["total"]!).ShouldBe(("RN", "WP", "2026-03-01", 990 + 650 + 250));
        var order = await life.House.OrderAsync((int)renewal["id"]!);
        order["details"]!.AsArray().Select(d => ((string)d!["kind"]!, (long)d["amount"]!)).ShouldBe([("Renewal", 990), ("ResourceRecurring", 650), ("ResourceRecurring", 250)], ignoreOrder: true);
        var item = order["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["type"]!, (int)item["typeCode"]!, (string)item["status"]!).ShouldBe(("OI_RENEW", 20, "NotSubmitted"));

        var paid = await life.House.PayAsync(order);
        ((string)paid["state"]!, (string)paid["items"]![0]!["status"]!).ShouldBe(("CP", "Completed"));
        await ShowsAsync(life, subscription, "Active", 50, Begun.AddMonths(2));
        (await life.House.RefusedAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = 1890, ["currency"] = "EUR" }, HttpStatusCode.Conflict)).ShouldNotBeNull();

        // Paid in time, nobody notices the end of the first period; the second is renewed in its turn, by the anchor day.
        await life.House.AfterAsync(TimeSpan.FromDays(8));
        await ShowsAsync(life, subscription, "Active", 50, Begun.AddMonths(2));
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Installed");
        await life.House.AfterAsync(TimeSpan.FromDays(23));
        ((string)(await OrdersAsync(life, subscription))[0]["renewsFrom"]!).ShouldBe("2026-04-01");
        (await OrdersAsync(life, subscription)).Count.ShouldBe(3);
    }

    [Theory, BothEngines]
    public async Task Unpaid_it_runs_on_then_stops_and_a_late_payment_brings_all_back(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();

        await life.House.AfterAsync(TimeSpan.FromDays(28));
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        var graced = await ShowsAsync(life, subscription, "Graced", 50, Begun.AddMonths(1));
        ((string)graced["history"]!.AsArray().Last()!["why"]!).ShouldContain("runs on until 2026-03-08");
        var running = await life.House.GetAsync($"licenses/{license}");
        running["suspendedAt"].ShouldBeNull();
        ((bool)running["renewal"]!["goodStanding"]!).ShouldBeFalse();
        ((string)running["status"]!).ShouldBe("Installed");

        await life.House.AfterAsync(TimeSpan.FromDays(6));
        await ShowsAsync(life, subscription, "Graced", 50, Begun.AddMonths(1));
        await life.House.AfterAsync(TimeSpan.FromHours(26));
        await ShowsAsync(life, subscription, "Expired", 30, Begun.AddMonths(1));
        await life.UntilAsync(license, l => l["suspendedAt"] is not null && l["removedAt"] is not null && l["goingOn"] is null);

        await life.House.PayAsync(await life.House.OrderAsync((int)(await OrdersAsync(life, subscription))[0]["id"]!));
        await ShowsAsync(life, subscription, "Active", 50, Begun.AddMonths(2));
        var back = await life.UntilAsync(license, l => (string)l["status"]! == "Installed" && l["suspendedAt"] is null && l["goingOn"] is null);
        ((bool)back["renewal"]!["goodStanding"]!).ShouldBeTrue();
        (await life.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Paid_after_its_lease_ran_out_it_gets_a_new_license_and_no_second_one_later(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync(Hosting.Antivirus);
        await life.House.AfterAsync(TimeSpan.FromDays(28));
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        await life.House.AfterAsync(TimeSpan.FromDays(7) + TimeSpan.FromHours(2));
        await life.UntilAsync(license, l => l["suspendedAt"] is not null && l["goingOn"] is null);
        await life.House.AfterAsync(TimeSpan.FromDays(10));
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Expired");

        var renewal = (int)(await OrdersAsync(life, subscription))[0]["id"]!;
        await life.House.PayAsync(await life.House.OrderAsync(renewal));
        var done = await life.House.UntilStateAsync(renewal, "CP");

        done["items"]!.AsArray().Select(i => (string)i!["kind"]!).ShouldBe(["Renewal", "License"]);
        var made = done["licenses"]!.AsArray().Select(l => ((string)l!["keyType"]!, (string)l["status"]!)).ToList();
        made.ShouldBe([(Hosting.Plesk, "Installed"), (Hosting.Antivirus, "Installed")], ignoreOrder: true);
        await ShowsAsync(life, subscription, "Active", 50, Begun.AddMonths(2));

        // The next renewal finds all there.
        var next = await life.House.PostAsync($"subscriptions/{subscription}/renew");
        ((string)(await life.House.PayAsync(next))["state"]!).ShouldBe("CP");
        (await life.House.GetAsync($"subscriptions/{subscription}"))["licenses"]!.AsArray().Count.ShouldBe(4);
    }

    [Theory, BothEngines]
    public async Task Never_paid_it_ends_with_its_licenses_and_the_order_with_it(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        await life.House.AfterAsync(TimeSpan.FromDays(28));
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        await life.House.AfterAsync(TimeSpan.FromDays(7) + TimeSpan.FromHours(2));
        await ShowsAsync(life, subscription, "Expired", 30, Begun.AddMonths(1));
        await life.House.AfterAsync(TimeSpan.FromDays(29));
        await ShowsAsync(life, subscription, "Expired", 30, Begun.AddMonths(1));

        await life.House.AfterAsync(TimeSpan.FromDays(2));
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");
        var renewal = (await OrdersAsync(life, subscription))[0];
        ((string)renewal["type"]!, (string)renewal["state"]!, (long)renewal["paid"]!).ShouldBe(("RN", "CL", 0));
        (await life.House.GetAsync($"licenses/{license}"))["status"]!.ToString().ShouldBeOneOf("Terminated", "Expired");
        (await OrdersAsync(life, subscription)).Count.ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task One_that_is_to_end_with_its_period_does_and_that_can_be_taken_back(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, _) = await life.SoldAsync();
        var (kept, _) = await life.SoldAsync(change: o => o["subscriptionName"] = "kept.example");
        await life.House.AfterAsync(TimeSpan.FromDays(22));
        foreach (var id in new[] { subscription, kept })
        {
            ((bool)(await life.House.PostAsync($"subscriptions/{id}/renewal", new JsonObject { ["automatic"] = false }))["endsWithPeriod"]!).ShouldBeTrue();
            ((string)(await OrdersAsync(life, id))[0]["state"]!).ShouldBe("CL");
        }

        // The order that was cancelled does not come back by itself; one by hand does.
        await life.House.PostAsync($"subscriptions/{kept}/renewal", new JsonObject { ["automatic"] = true });
        await life.House.AfterAsync(TimeSpan.FromHours(2));
        (await OrdersAsync(life, kept)).Count.ShouldBe(2);
        var placed = await life.House.PostAsync($"subscriptions/{kept}/renew");
        ((string)placed["type"]!, (string)placed["state"]!).ShouldBe(("RN", "WP"));
        ((string)(await life.House.RefusedAsync($"subscriptions/{kept}/renew", null, HttpStatusCode.Conflict))["code"]!).ShouldBe("orders.subscription-busy");
        await life.House.PayAsync(placed);

        // One that ends takes an open renewal with it.
        var late = await life.House.PostAsync($"subscriptions/{subscription}/renew");
        await life.House.AfterAsync(TimeSpan.FromDays(7));
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");
        ((string)(await life.House.OrderAsync((int)late["id"]!))["state"]!).ShouldBe("CL");
        await ShowsAsync(life, kept, "Active", 50, Begun.AddMonths(2));
        ((string)(await life.House.RefusedAsync($"subscriptions/{subscription}/renew", null, HttpStatusCode.Conflict))["code"]!).ShouldBe("orders.subscription-move-not-allowed");
    }

    [Theory, BothEngines]
    public async Task An_open_renewal_keeps_nobody_from_stopping_or_ending_the_subscription(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, _) = await life.SoldAsync();
        await life.House.AfterAsync(TimeSpan.FromDays(22));
        var renewal = (await OrdersAsync(life, subscription))[0];

        await life.House.PostAsync($"subscriptions/{subscription}/suspend", new JsonObject { ["reason"] = "A dispute." });
        await life.House.PayAsync(await life.House.OrderAsync((int)renewal["id"]!));
        await ShowsAsync(life, subscription, "Suspended", 30, Begun.AddMonths(2));
        await life.House.PostAsync($"subscriptions/{subscription}/resume", new JsonObject { ["reason"] = "It is settled." });

        var next = await life.House.PostAsync($"subscriptions/{subscription}/renew");
        await life.House.PostAsync($"subscriptions/{subscription}/cancel", new JsonObject { ["reason"] = "He leaves." });
        ((string)(await life.House.OrderAsync((int)next["id"]!))["state"]!).ShouldBe("CL");
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");
    }

    [Theory, BothEngines]
    public async Task Without_terms_it_runs_on_and_they_can_be_given_later(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine);
        var (subscription, _) = await life.SoldAsync();
        await life.House.AfterAsync(TimeSpan.FromDays(45));
        await ShowsAsync(life, subscription, "Active", 50, Begun.AddMonths(1));
        (await OrdersAsync(life, subscription)).Count.ShouldBe(1);

        (await life.House.RefusedAsync("plans", new JsonObject { ["name"] = "x", ["terms"] = new JsonObject { ["graceDays"] = -1 } }, HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("terms.graceDays");
        await life.House.PutAsync($"plans/{life.Plan}/terms", new JsonObject { ["terms"] = new JsonObject { ["graceDays"] = 10 } });
        ((int)(await life.House.GetAsync($"plans/{life.Plan}"))["terms"]!["holdDays"]!).ShouldBe(30);

        // Its period is long over: the order comes at once, and he has his days of grace from now on.
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        await ShowsAsync(life, subscription, "Graced", 50, Begun.AddMonths(1));
        ((string)(await OrdersAsync(life, subscription))[0]["state"]!).ShouldBe("WP");
        await life.House.AfterAsync(TimeSpan.FromDays(9));
        await ShowsAsync(life, subscription, "Graced", 50, Begun.AddMonths(1));
    }

    [Theory]
    [InlineData(PeriodType.Month, 1, "2026-01-31", "2026-02-28", "2026-03-31")]
    [InlineData(PeriodType.Month, 1, "2026-01-31", "2026-03-31", "2026-04-30")]
    [InlineData(PeriodType.Month, 3, "2026-01-15", "2026-04-15", "2026-07-15")]
    [InlineData(PeriodType.Year, 1, "2024-02-29", "2025-02-28", "2026-02-28")]
    [InlineData(PeriodType.Year, 1, "2024-02-29", "2027-02-28", "2028-02-29")]
    [InlineData(PeriodType.Day, 30, "2026-01-31", "2026-03-02", "2026-04-01")]
    [InlineData(PeriodType.Hour, 1, "2026-01-31", "2026-01-31", "2026-02-01")]
    public void A_period_follows_the_last_one_by_the_anchor_day(PeriodType type, int length, string start, string ended, string next) =>
        new PlanPeriod { Period = length, PeriodType = type }.EndAfter(Day(start), Day(ended)).ShouldBe(Day(next));

    private static Task<SandboxLife> StartAsync(Engine engine) => SandboxLife.StartAsync(engine, planned: plan => plan["terms"] = new JsonObject());

    private static async Task<List<JsonNode>> OrdersAsync(SandboxLife life, int subscription) => [.. (await life.House.GetAsync($"orders?subscriptionId={subscription}"))["items"]!.AsArray().Select(o => o!)];

    private static async Task<JsonNode> ShowsAsync(SandboxLife life, int subscription, string status, int service, DateOnly ends)
    {
        var shown = await life.House.GetAsync($"subscriptions/{subscription}");
        ((string)shown["status"]!, (int)shown["servStatusCode"]!, (string)shown["expirationDate"]!).ShouldBe((status, service, $"{ends:yyyy-MM-dd}"));
        return shown;
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
