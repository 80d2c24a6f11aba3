using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Issuers;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.CheckPlan;

/// <summary>The gate before a plan is on sale, and what a withdrawal at the issuer means for orders after it.</summary>
public sealed class CheckPlanTests
{
    private const string All = $"{Hosting.Plesk} {Hosting.Virtuozzo} {Hosting.Antivirus} {Hosting.Activated}";
    private const string AllFeatures = $"{Hosting.Domains10} {Hosting.Domains30} {Hosting.Languages2} {Hosting.Containers}";

    [Theory, BothEngines]
    public async Task A_plan_of_which_orders_would_fail_is_not_put_on_sale_and_says_which_and_why(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new SimulatedFactory());
        var issuer = await IssuerAsync(house, All, $"{Hosting.Domains10} {Hosting.Languages2}");

        var refused = await house.RefusedAsync("plans", Plan(house, issuer), HttpStatusCode.Conflict);
        var plan = (int)(await house.PostAsync("plans", Plan(house, issuer, published: false)))["id"]!;
        var check = await house.GetAsync($"plans/{plan}/check");
        await house.RefusedAsync($"plans/{plan}/publish", null, HttpStatusCode.Conflict);
        var all = (await house.GetAsync("catalog/check"))["items"]!.AsArray();

        ((string)refused["type"]!).ShouldEndWith("orders.plan-would-fail");
        ((string)refused["detail"]!).ShouldContain($"conflicting feature set: the feature {Hosting.Domains30}");
        ((string)refused["detail"]!).ShouldContain($"For example {Hosting.Plesk} with {Hosting.Domains30}.");
        ((bool)check["passes"]!, (long)check["check"]!["combinations"]!, (long)check["check"]!["failing"]!).ShouldBe((false, 5L, 2L));
        check["check"]!["failures"]!.AsArray().ShouldAllBe(f => f!["features"]!.AsArray().Any(x => (string)x! == Hosting.Domains30) && ((string)f["repair"]!).StartsWith("Address your account manager"));
        all.Select(p => $"{p!["id"]} {p["published"]} {p["passes"]} {p["failing"]}").ShouldBe([$"{plan} false false 2"]);
        (await house.RefusedAsync("orders", Order(house, plan), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.plan-not-published");

        await house.PostAsync($"plugins/{issuer}/offer/synchronize");
        await ChangeAsync(house, issuer, AllFeatures);
        ((bool)(await house.PostAsync($"plans/{plan}/publish"))["published"]!).ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task What_the_issuer_has_withdrawn_is_not_ordered_any_more(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new SimulatedFactory());
        var issuer = await IssuerAsync(house, All, AllFeatures);
        var plan = (int)(await house.PostAsync("plans", Plan(house, issuer)))["id"]!;
        await house.PostAsync("orders", Order(house, plan));

        await ChangeAsync(house, issuer, $"{Hosting.Domains10} {Hosting.Languages2}");
        var refused = await house.RefusedAsync("orders", Order(house, plan), HttpStatusCode.Conflict);
        await house.PostAsync("orders", Order(house, plan, Hosting.Domains10));

        ((string)refused["type"]!).ShouldEndWith("orders.not-offered");
        ((string)refused["detail"]!).ShouldContain($"no longer offers {Hosting.Domains30}");
        ((bool)(await house.GetAsync($"plans/{plan}/check"))["passes"]!).ShouldBeFalse();
        (await house.CountAsync("orders")).ShouldBe(2);
    }

    [Fact]
    public async Task A_plan_of_a_plug_in_that_is_not_configured_is_not_put_on_sale()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, new SimulatedFactory());
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Away", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["down"] = "true" },
        }))["id"]!;

        var refused = await house.RefusedAsync("plans", Plan(house, issuer), HttpStatusCode.Conflict);

        ((string)refused["detail"]!).ShouldStartWith("The plug-in 'Away' is not Configured: The simulated issuer is down");
        (await house.CountAsync("plans")).ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_sold_that_nobody_ticked_at_an_issuer_without_a_connection()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;

        var refused = await house.RefusedAsync("plans", Plan(house, issuer), HttpStatusCode.Conflict);

        ((string)refused["detail"]!).ShouldContain($"Unknown base keytype {Hosting.Plesk}: the license class is not ticked for 'By mail'.");
        ((string)refused["remedy"]!).ShouldContain("Tick the license class");
    }

    [Fact]
    public async Task A_license_is_sold_by_the_resource_that_follows_from_the_catalog_and_by_no_other()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var taken = await house.RefusedAsync("resources", new JsonObject { ["command"] = Hosting.Plesk, ["name"] = "Plesk", ["category"] = "Products" }, HttpStatusCode.Conflict);

        // A resource that was made by hand before the catalog had the class.
        await house.PostAsync("resources", new JsonObject { ["command"] = "LATER", ["name"] = "Later", ["category"] = "Products" });
        var plan = await house.PlanAsync(p => p["rates"]!.AsArray().Add(OrdersHouse.Rate("LATER", 100)));
        await house.PostAsync($"plans/{plan}/withdraw");
        await house.ChangeCatalogAsync(c => c with
        {
            Classes = [.. c.Classes, new LicenseClass { KeyType = "LATER", Name = "Later", Product = "Later", BillType = BillType.Lease }],
        });
        var refused = await house.RefusedAsync($"plans/{plan}/publish", null, HttpStatusCode.Conflict);

        ((string)taken["detail"]!).ShouldContain("whose resource follows from there by itself");
        ((string)refused["detail"]!).ShouldStartWith("LATER is sold by a resource of DUMMYGATE and not of KAGATE");
    }

    [Fact]
    public async Task Two_classes_that_every_order_would_have_are_refused()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var plan = Plan(house, house.IssuerId);
        foreach (var of in new[] { Hosting.Plesk, Hosting.Virtuozzo })
        {
            var rate = OrdersHouse.Rate(of, 100);
            rate["minUnits"] = 1;
            plan["rates"]!.AsArray().Add(rate);
        }

        plan["rates"]!.AsArray().RemoveAt(0);
        (await house.RefusedAsync("plans", plan, HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("orders.classes-conflict");
    }

    private static async Task<int> IssuerAsync(OrdersHouse house, string keyTypes, string features) => (int)(await house.PostAsync("plugins", new JsonObject
    {
        ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["keyTypes"] = keyTypes, ["features"] = features },
    }))["id"]!;

    private static async Task ChangeAsync(OrdersHouse house, int issuer, string features)
    {
        await house.PatchAsync($"plugins/{issuer}", new JsonObject { ["settings"] = new JsonObject { ["features"] = features } });
        await house.PostAsync($"plugins/{issuer}/offer/synchronize");
    }

    private static JsonObject Plan(OrdersHouse house, int issuer, bool published = true) => new()
    {
        ["name"] = "Virtual server", ["currency"] = "EUR", ["hostingGate"] = "Dummy", ["issuerId"] = issuer, ["installerId"] = house.InstallerId, ["published"] = published,
        ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["subscriptionFee"] = 990 }),
        ["rates"] = new JsonArray(
            OrdersHouse.Rate(Hosting.Plesk, 650), OrdersHouse.Rate(Hosting.Domains10, 0), OrdersHouse.Rate(Hosting.Domains30, 250), OrdersHouse.Rate(Hosting.Antivirus, 130),
            OrdersHouse.Rate(Hosting.Activated, 4900)),
    };

    private static JsonObject Order(OrdersHouse house, int plan, string domains = Hosting.Domains30) => new()
    {
        ["customerId"] = house.Customer, ["planId"] = plan, ["subscriptionName"] = "northwind.example", ["resources"] = new JsonArray(Hosting.Plesk, domains),
    };
}
