using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.PayOrderSlice;

public sealed class PayOrderTests
{
    [Theory, BothEngines]
    public async Task Refuses_another_amount_another_currency_and_a_second_payment(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PlaceAsync(await house.PlanAsync());
        var pay = $"orders/{order["id"]}/pay";
        var total = (long)order["total"]!;

        var problem = await house.RefusedAsync(pay, new JsonObject { ["amount"] = total - 1, ["currency"] = "EUR" }, HttpStatusCode.BadRequest);
        problem.ToJsonString().ShouldContain("orders.amount-wrong");
        await house.RefusedAsync(pay, new JsonObject { ["amount"] = total, ["currency"] = "USD" }, HttpStatusCode.BadRequest);
        (await house.CountAsync("payments")).ShouldBe(0);
        (await house.WorkAsync()).ShouldBeEmpty();

        await house.PayAsync(order);
        (await house.RefusedAsync(pay, new JsonObject { ["amount"] = total, ["currency"] = "EUR" }, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.nothing-owed");
        (await house.CountAsync("payments")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Takes_one_of_two_payments_that_come_at_once(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PlaceAsync(await house.PlanAsync());
        var body = new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = "EUR" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => house.SendAsync($"orders/{order["id"]}/pay", body.DeepClone(), $"pay-{i}")));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.Status == HttpStatusCode.Conflict).ShouldBe(3);
        (await house.CountAsync("payments")).ShouldBe(1);
        await house.UntilStateAsync((int)order["id"]!, "CP");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Refuses_to_provision_an_unpaid_order(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PlaceAsync(await house.PlanAsync());

        var problem = await house.RefusedAsync($"orders/{order["id"]}/resubmit", null, HttpStatusCode.Conflict);

        problem.ToJsonString().ShouldContain("orders.unpaid");
        (await house.CountAsync("licenses")).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Waits_for_approval_where_the_plan_wants_it(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var order = await house.PayAsync(await house.PlaceAsync(await house.PlanAsync(p => p["approvalNeeded"] = true)));

        ((string)order["state"]!).ShouldBe("WA");
        (await house.CountAsync("licenses")).ShouldBe(0);

        await house.PostAsync($"orders/{order["id"]}/approve", new JsonObject { ["reason"] = "Known customer" });
        (await house.UntilStateAsync((int)order["id"]!, "CP"))["log"]!.AsArray().Select(l => (string)l!["to"]!).ShouldBe(["NW", "OP", "WP", "WA", "PD", "PR", "CP"]);
    }

    [Theory, BothEngines]
    public async Task Keeps_the_payment_when_the_catalog_no_longer_allows_the_license(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var placed = await house.PlaceAsync(await house.PlanAsync());
        await house.ChangeCatalogAsync(c => c with { Features = [.. c.Features.Select(f => f.Id == Hosting.Domains30 ? f with { ArchivedAt = house.Time.GetUtcNow() } : f)] });

        var order = await house.PayAsync(placed);

        ((string)order["state"]!).ShouldBe("PF");
        ((long)order["paid"]!).ShouldBe((long)order["total"]!);
        ((string)order["items"]![1]!["comment"]!).ShouldStartWith("Could not create License into Subscription: The feature 30_DOMAINS");
        (await house.CountAsync("licenses")).ShouldBe(0);

        await house.ChangeCatalogAsync(c => c with { Features = [.. c.Features.Select(f => f.Id == Hosting.Domains30 ? f with { ArchivedAt = null } : f)] });
        await house.PostAsync($"orders/{order["id"]}/resubmit");
        await house.UntilStateAsync((int)order["id"]!, "CP");
    }
}
