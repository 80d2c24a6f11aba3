using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using System.Text.Json.Nodes;
using Xunit;

namespace Keygate.Tests.Orders.Provisioning;

/// <summary>What the comment of a license item says in each failure: cause, time, try, request. Never an empty one.</summary>
public sealed class ItemCommentTests
{
    private const string NotReached = "HTTP request error: Nothing listens at 127.0.0.1:7050. Check the port, and that the server runs.";

    [Theory, BothEngines]
    public async Task Names_the_issuers_refusal_with_time_try_and_request(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Issuer.RefuseNext("ka.example:7050: 244 conflicting feature set");

        var failed = await house.UntilStateAsync(await house.PaidAsync(await house.PlanAsync()), "PF");

        Comment(failed).ShouldBe(
            $"Could not create License into Subscription: ka.example:7050: 244 conflicting feature set (2026-02-01 12:00:00 UTC, attempt 1 of 8, license request {License(failed)})");
        ((string)failed["log"]!.AsArray()[^1]!["why"]!).ShouldContain(Comment(failed));
    }

    [Theory, BothEngines]
    public async Task Names_the_transport_error_while_it_is_tried_again_and_when_all_tries_are_spent(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        for (var i = 0; i < 8; i++)
        {
            house.Issuer.Next(_ => Answer.NotDone<IssuedKey>(new Reason(NotReached, "Check the plug-in's port.")));
        }

        var id = await house.PaidAsync(await house.PlanAsync());
        var tried = await house.UntilAsync(id, o => o["items"]![1]!["nextAttemptAt"] is not null);

        ((string)tried["state"]!).ShouldBe("PR");
        Comment(tried).ShouldBe($"{NotReached} (2026-02-01 12:00:00 UTC, attempt 1 of 8, license request {License(tried)})");
        ((string)tried["items"]![1]!["remedy"]!).ShouldBe("Check the plug-in's port.");
        tried["items"]![1]!["nextAttemptAt"].ShouldNotBeNull();

        for (var attempt = 2; attempt <= 8; attempt++)
        {
            // A person's test that goes well closes the breaker, which is not what this test is about.
            await house.PostAsync($"plugins/{house.IssuerId}/test");
            house.Time.Advance(TimeSpan.FromMinutes(20));
            var tries = attempt;
            await house.UntilAsync(id, o => Comment(o).Contains($"attempt {tries} of 8", StringComparison.Ordinal));
        }

        var failed = await house.UntilStateAsync(id, "PF");
        Comment(failed).ShouldBe($"{NotReached} (2026-02-01 14:20:00 UTC, attempt 8 of 8, license request {License(failed)})");
        ((string)failed["items"]![1]!["remedy"]!).ShouldBe("Check the plug-in's port. Then resubmit; it goes on where it stopped.");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["correct-plugin", "resubmit", "cancel"]);
        house.Issuer.Keys.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Keeps_naming_the_transport_error_while_the_issuer_is_left_alone(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        for (var i = 0; i < 5; i++)
        {
            house.Issuer.Next(_ => Answer.NotDone<IssuedKey>(new Reason(NotReached, "Check the plug-in's port.")));
        }

        var id = await house.PaidAsync(await house.PlanAsync());
        for (var attempt = 2; attempt <= 5; attempt++)
        {
            var tries = attempt - 1;
            await house.UntilAsync(id, o => Comment(o).Contains($"attempt {tries} of 8", StringComparison.Ordinal));
            house.Time.Advance(TimeSpan.FromMinutes(20));
        }

        await house.UntilAsync(id, o => Comment(o).Contains("attempt 5 of 8", StringComparison.Ordinal));
        house.Time.Advance(TimeSpan.FromMinutes(20));
        var alone = await house.UntilAsync(id, o => Comment(o).Contains("in a row", StringComparison.Ordinal));

        Comment(alone).ShouldContain($"The last cause: {NotReached}");
        ((string)alone["items"]![1]!["remedy"]!).ShouldStartWith("Check the plug-in's port.");
        house.Issuer.Asked.Count.ShouldBe(5);
    }

    [Theory, BothEngines]
    public async Task Names_the_installers_cause_and_the_step_it_stands_at(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");

        var failed = await house.UntilStateAsync(await house.PaidAsync(await house.PlanAsync()), "PF");

        Comment(failed).ShouldBe($"Could not create License into Subscription: The disk is full. (2026-02-01 12:00:00 UTC, attempt 1 of 8, license request {License(failed)})");
        ((string)failed["items"]![1]!["step"]!).ShouldBe("licensing.provision: install");
    }

    private static string Comment(JsonNode order) => (string?)order["items"]![1]!["comment"] ?? "";

    private static int License(JsonNode order) => (int)order["items"]![1]!["licenseId"]!;
}
