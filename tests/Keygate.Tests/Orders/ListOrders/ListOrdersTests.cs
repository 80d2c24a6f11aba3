using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.ListOrdersSlice;

public sealed class ListOrdersTests
{
    [Theory, BothEngines]
    public async Task Pages_newest_first_and_filters_by_state_and_subscription(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await house.PlaceAsync(plan, o => o.Remove("subscriptionName"));
        }

        await house.PostAsync("orders/2/cancel", new JsonObject { ["reason"] = "test" });

        var first = await house.GetAsync("orders?limit=3");
        Ids(first).ShouldBe([5, 4, 3]);
        Ids(await house.GetAsync($"orders?limit=3&cursor={first["next"]}")).ShouldBe([2, 1]);
        Ids(await house.GetAsync("orders?state=CL")).ShouldBe([2]);
        Ids(await house.GetAsync("orders?state=MO")).ShouldBeEmpty();
        Ids(await house.GetAsync("orders?subscriptionId=4")).ShouldBe([4]);
        Ids(await house.GetAsync($"orders?customerId={house.Customer + 1}")).ShouldBeEmpty();
        ((string)(await house.OrderAsync(4))["subscription"]!).ShouldBe("Virtual server 4");
        (await house.GetAsync("subscriptions?limit=2"))["items"]!.AsArray().Select(s => (int)s!["id"]!).ShouldBe([5, 4]);
    }

    private static int[] Ids(JsonNode page) => [.. page["items"]!.AsArray().Select(o => (int)o!["id"]!)];
}
