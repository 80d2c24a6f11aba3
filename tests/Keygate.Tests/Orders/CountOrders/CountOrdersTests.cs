using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.CountOrdersSlice;

public sealed class CountOrdersTests
{
    [Theory, BothEngines]
    public async Task Counts_orders_by_state_and_day_and_licenses_by_state_and_class(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        await house.UntilStateAsync(await house.PaidAsync(plan), "CP");
        house.Time.Advance(TimeSpan.FromDays(2));
        await house.PlaceAsync(plan);
        await house.PlaceAsync(plan);
        await house.PostAsync("orders/3/cancel", new JsonObject { ["reason"] = "test" });

        var orders = await house.GetAsync("orders/counts");
        orders["byState"]!.AsArray().Select(s => ((string)s!["state"]!, (int)s["count"]!)).ShouldBe([("WP", 1)]);
        var days = orders["byDay"]!.AsArray().Select(d => ((int)d!["placed"]!, (int)d["completed"]!)).ToList();
        days.Count.ShouldBe(14);
        days[^3].ShouldBe((1, 1));
        days[^2].ShouldBe((0, 0));
        days[^1].ShouldBe((2, 0));

        var licenses = await house.GetAsync("licenses/counts");
        licenses["byStatus"]!.AsArray().Select(s => ((string)s!["status"]!, (int)s["count"]!)).ShouldBe([("Installed", 1)]);
        licenses["byClass"]!.AsArray().Sum(c => (int)c!["count"]!).ShouldBe(1);
        ((int)licenses["expiringSoon"]!).ShouldBe(0);
        house.Time.Advance(TimeSpan.FromDays(27));
        ((int)(await house.GetAsync("licenses/counts"))["expiringSoon"]!).ShouldBe(1);
    }
}
