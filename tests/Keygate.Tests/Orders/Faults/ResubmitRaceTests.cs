using System.Net;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

public sealed class ResubmitRaceTests
{
    /// <summary>Two people take up the same failed orders at once, one by the order and one by the license: each is answered, and each order ends with one key.</summary>
    [Theory, BothEngines]
    public async Task A_resubmission_and_an_act_by_hand_at_once_are_both_answered_and_the_order_goes_on(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        for (var license = 1; license <= 12; license++)
        {
            house.Installer.RefuseNext("The folder is closed.");
            var order = await house.PaidAsync(plan);
            await house.UntilStateAsync(order, "PF");

            var answers = await Task.WhenAll(
                house.SendAsync($"orders/{order}/resubmit", null, $"resubmit-{order}"),
                house.SendAsync($"licenses/{license}/install", null, $"install-{order}"));

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK || a.Status == HttpStatusCode.Conflict);
            answers.ShouldContain(a => a.Status == HttpStatusCode.OK);
            await house.UntilStateAsync(order, "CP");
        }

        house.Issuer.Asked.Count.ShouldBe(12);
    }
}
