using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.AddPlanSlice;

public sealed class AddPlanTests
{
    [Theory, BothEngines]
    public async Task Keeps_a_plan_with_periods_and_rates(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var plan = await house.GetAsync($"plans/{await house.PlanAsync()}");

        ((string)plan["hostingGate"]!).ShouldBe("Dummy");
        ((int)plan["periods"]![0]!["periodTypeCode"]!).ShouldBe(2);
        plan["rates"]!.AsArray().Select(r => ((string)r!["command"]!, (string)r["category"]!, (long)r["recurringFee"]!)).Take(3)
            .ShouldBe([(Hosting.Plesk, "Additional Products", 650L), (Hosting.Domains10, "Domain Limit", 0L), (Hosting.Domains30, "Domain Limit", 250L)]);
        (await house.GetAsync("plans"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Refuses_with_all_faults_at_once_and_writes_nothing(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var problem = (await house.RefusedAsync("plans", new JsonObject
        {
            ["name"] = "",
            ["currency"] = "euro",
            ["issuerId"] = house.InstallerId,
            ["installerId"] = 99,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1 }),
            ["rates"] = new JsonArray(OrdersHouse.Rate("PLEKS", 1), OrdersHouse.Rate(Hosting.Domains10, 1)),
        }, HttpStatusCode.BadRequest)).ToJsonString();

        foreach (var code in new[]
        {
            "orders.name-invalid", "orders.currency-invalid", "orders.plugin-unfit", "orders.plugin-unknown", "orders.resource-unknown", "orders.class-missing",
        })
        {
            problem.ShouldContain(code);
        }

        (await house.CountAsync("plans")).ShouldBe(0);
        (await house.CountAsync("resources")).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Has_resources_follow_from_the_catalog(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var before = (await house.GetAsync("resources"))["items"]!.AsArray();
        before.Count.ShouldBe(8);

        await house.ChangeCatalogAsync(c => c with
        {
            Features = [.. c.Features.Select(f => f.Id == Hosting.Domains10 ? f with { Name = "Ten domains" } : f), new Feature { Id = "100_DOMAINS", Name = "100 domains", Group = "DOMAINS", Sort = 100 }],
        });
        await house.PostAsync("resources", new JsonObject { ["command"] = "DISK", ["name"] = "Disk space", ["category"] = "Hosting" });

        var after = (await house.GetAsync("resources"))["items"]!.AsArray();
        after.Count.ShouldBe(10);
        after.Single(r => (string)r!["command"]! == Hosting.Domains10)!["name"]!.ToString().ShouldBe("Ten domains");
        ((string)after.Single(r => (string)r!["command"]! == "100_DOMAINS")!["category"]!).ShouldBe("Domain Limit");
        after.Where(r => (string)r!["gate"]! == "KAGATE").Select(r => (int)r!["id"]!).Take(8).ShouldBe(before.Select(r => (int)r!["id"]!));
        (await house.GetAsync("resources?category=Hosting"))["items"]!.AsArray().Count.ShouldBe(1);
        await house.RefusedAsync("resources", new JsonObject { ["command"] = "DISK", ["name"] = "Disk", ["category"] = "Hosting" }, HttpStatusCode.Conflict);
    }
}
