using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>Bad orders: one clear sentence with the remedy on REST and on the command line, and nothing is written.</summary>
[Trait("Needs", "Processes")]
public sealed class BadOrderTests
{
    private static readonly (string What, int Customer, int Plan, string[] Resources)[] Bad =
    [
        ("unknown customer", 1009999, 1, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"]),
        ("unknown plan", 1000001, 99, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"]),
        ("unknown key type", 1000001, 1, ["PLESK_99"]),
        ("feature of another class", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS", "50_MAILBOXES"]),
        ("two features of one group", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS", "100_DOMAINS"]),
        ("missing mandatory feature", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ"]),
        ("feature without its class", 1000001, 1, ["30_DOMAINS"]),
    ];

    [Theory]
    [BothEngines]
    public async Task Each_is_refused_with_cause_and_remedy_and_nothing_is_written(Engine engine)
    {
        await using var provider = await DemoProvider.StartAsync(engine);
        foreach (var (what, customer, plan, resources) in Bad)
        {
            var (status, problem) = await provider.Rest.PostAsync("orders", new JsonObject
            {
                ["customerId"] = customer,
                ["planId"] = plan,
                ["subscriptionName"] = "bad.example",
                ["resources"] = new JsonArray([.. resources.Select(r => (JsonNode)r)]),
            });

            ((int)status).ShouldBeInRange(400, 499, what);
            var cause = (string)problem["detail"]!;
            var remedy = (string)problem["remedy"]!;
            cause.ShouldNotBeNullOrWhiteSpace(what);
            remedy.ShouldNotBeNullOrWhiteSpace(what);

            var (exit, said) = await provider.CommandAsync(
                ["order", "place", "--customer", $"{customer}", "--plan", $"{plan}", "--subscription", "bad.example", .. resources.SelectMany(r => new[] { "--resource", r })]);
            exit.ShouldBe(1, $"{what}: {said}");
            said.ShouldContain(cause, customMessage: what);
            said.ShouldContain(remedy, customMessage: what);
        }

        (await provider.Rest.CountAsync("orders")).ShouldBe(1);
        (await provider.Rest.CountAsync("subscriptions")).ShouldBe(1);
        (await provider.Rest.CountAsync("licenses")).ShouldBe(1);
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
    }

    [Fact]
    public async Task An_unpaid_order_is_not_provisioned_and_a_wrong_amount_changes_nothing()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        var (_, order) = await provider.Rest.PostAsync("orders", new JsonObject
        {
            ["customerId"] = 1000001, ["planId"] = 1, ["subscriptionName"] = "unpaid.example", ["resources"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"),
        });
        ((string)order["state"]!).ShouldBe("WP");

        var (status, problem) = await provider.Rest.PostAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = 1, ["currency"] = "EUR" });

        ((int)status).ShouldBeInRange(400, 499);
        ((string)problem["remedy"]!).ShouldNotBeNullOrWhiteSpace();
        ((string)(await provider.Rest.GetAsync($"orders/{order["id"]}"))["state"]!).ShouldBe("WP");
        (await provider.Rest.CountAsync("licenses")).ShouldBe(1);
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
    }
}
