using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.OpenOrderSlice;

public sealed class OpenOrderTests
{
    [Theory, BothEngines]
    public async Task Opens_an_order_that_was_left_new(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var placed = await house.PlaceAsync(await house.PlanAsync(), o => o["open"] = false);

        ((string)placed["state"]!).ShouldBe("NW");
        ((string)(await house.PostAsync($"orders/{placed["id"]}/open"))["state"]!).ShouldBe("WP");
    }

    [Theory, BothEngines]
    public async Task Holds_an_order_that_no_longer_fits_and_says_why_until_it_does(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        var id = (int)(await house.PlaceAsync(plan))["id"]!;
        await house.PostAsync($"orders/{id}/hold", new JsonObject { ["reason"] = "address to be checked" });
        await house.PostAsync($"plans/{plan}/withdraw");

        var held = await house.PostAsync($"orders/{id}/open");
        ((string)held["state"]!).ShouldBe("HL");
        ((string)held["log"]!.AsArray()[^1]!["why"]!).ShouldContain("no longer published");
        await house.RefusedAsync($"orders/{id}/pay", new JsonObject { ["amount"] = (long)held["total"]!, ["currency"] = "EUR" }, HttpStatusCode.Conflict);

        await house.PostAsync($"plans/{plan}/publish");
        ((string)(await house.PostAsync($"orders/{id}/open"))["state"]!).ShouldBe("WP");
    }

    [Theory, BothEngines]
    public async Task Ends_an_order_as_fraud(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var id = (int)(await house.PlaceAsync(await house.PlanAsync()))["id"]!;

        ((string)(await house.PostAsync($"orders/{id}/mark-fraud", new JsonObject { ["reason"] = "stolen card" }))["state"]!).ShouldBe("FR");
        await house.RefusedAsync($"orders/{id}/open", null, HttpStatusCode.Conflict);
    }
}
