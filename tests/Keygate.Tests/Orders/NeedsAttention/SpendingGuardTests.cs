using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.NeedsAttention;

public sealed class SpendingGuardTests
{
    [Theory, BothEngines]
    public async Task An_order_above_the_money_of_a_day_waits_for_an_approval_that_lets_it_through_alone(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var issuer = (int)(await house.PostAsync("plugins", Guarded()))["id"]!;
        var plan = await house.PlanAsync(p => p["issuerId"] = issuer);
        await house.UntilStateAsync(await house.PaidAsync(plan), "CP");

        var second = await house.PaidAsync(plan);
        await AttentionAsync(house, 1);
        var third = await house.PaidAsync(plan);
        var items = await AttentionAsync(house, 2);

        items.ShouldAllBe(i => (string)i!["why"]! == "approval" && ((string)i["remedy"]!).Contains("Approve"));
        var item = items.Single(i => (int)i!["orderId"]! == second)!;
        ((string)item["cause"]!).ShouldBe($"'issue' of license/2 costs 9.00 EUR, and 9.00 EUR of 10.00 EUR a day are spent on plugin/{issuer}.");
        item["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["approve"]);
        house.Issuer.Asked.ShouldHaveSingleItem();

        // Giving up the work alone would leave a paid order behind that nobody works on.
        ((string)(await house.RefusedAsync($"attention/{item["id"]}/cancel", null, HttpStatusCode.Conflict))["code"]!).ShouldBe("orders.cancel-the-order");
        await house.PostAsync($"attention/{item["id"]}/approve");

        await house.UntilStateAsync(second, "CP");
        ((string)(await house.OrderAsync(third))["state"]!).ShouldBe("PR");
        house.Issuer.Asked.Count.ShouldBe(2);
        await house.RefusedAsync($"attention/{item["id"]}/approve", null, HttpStatusCode.NotFound);
        var spending = (await house.GetAsync($"plugins/{issuer}"))["spending"]!;
        ((int)spending["keysToday"]!, (long)spending["moneyToday"]!).ShouldBe((2, 1800));

        // The next day has a bound of its own.
        house.Time.Advance(TimeSpan.FromHours(13));
        await house.UntilStateAsync(third, "CP");
    }

    [Fact]
    public async Task Costs_and_limits_of_money_are_checked_together()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        foreach (var (change, field) in new (Action<JsonObject>, string)[]
        {
            (p => p.Remove("costs"), "costs"),
            (p => p["costs"]!["currency"] = "euro", "costs.currency"),
            (p => p["costs"]!["keyTypes"]![Hosting.Plesk]!["amount"] = -1, $"costs.keyTypes.{Hosting.Plesk}.amount"),
            (p => p["limits"]!["moneyPerDay"] = -5, "limits.moneyPerDay"),
        })
        {
            var plugin = Guarded();
            change(plugin);
            (await house.RefusedAsync("plugins", plugin, HttpStatusCode.BadRequest)).ToJsonString().ShouldContain($"\"{field}\"");
        }
    }

    private static JsonObject Guarded() => new()
    {
        ["name"] = "Guarded issuer",
        ["kind"] = "issuer.test",
        ["limits"] = new JsonObject { ["moneyPerDay"] = 1000 },
        ["costs"] = new JsonObject
        {
            ["currency"] = "EUR",
            ["keyTypes"] = new JsonObject { [Hosting.Plesk] = new JsonObject { ["amount"] = 650, ["features"] = new JsonObject { [Hosting.Domains30] = 250 } } },
        },
    };

    private static async Task<JsonArray> AttentionAsync(OrdersHouse house, int count)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var items = (await house.GetAsync("attention"))["items"]!.AsArray();
            if (items.Count == count)
            {
                return items;
            }

            over.IsCancellationRequested.ShouldBeFalse(items.ToJsonString());
            await Task.Delay(20);
        }
    }
}
