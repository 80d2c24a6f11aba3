using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
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
        ("unknown feature", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS", "50_MAILBOXES"]),
        ("feature of another class", 1000001, 2, ["PLESK_10_PLUS", "30_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT"]),
        ("two features of one group", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS", "100_DOMAINS"]),
        ("missing mandatory feature", 1000001, 1, ["PLESK_10_AND_LATER_FOR_VZ"]),
        ("feature without its class", 1000001, 1, ["30_DOMAINS"]),
    ];

    [Theory]
    [BothEngines]
    public async Task Each_is_refused_with_cause_and_remedy_and_nothing_is_written(Engine engine)
    {
        await using var provider = await DemoProvider.StartAsync(engine);
        (await provider.PlanOverAsync(null, null, "PLESK_10_PLUS", "PLESK_10_AND_LATER", "30_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT")).ShouldBe(2);
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

            if (engine == Engine.Sqlite)
            {
                var (exit, said) = await provider.CommandAsync(
                    ["order", "place", "--customer", $"{customer}", "--plan", $"{plan}", "--subscription", "bad.example", .. resources.SelectMany(r => new[] { "--resource", r })]);
                exit.ShouldBe(1, $"{what}: {said}");
                said.ShouldContain(cause, customMessage: what);
                said.ShouldContain(remedy, customMessage: what);
            }
        }

        (await provider.Rest.CountAsync("orders")).ShouldBe(1);
        (await provider.Rest.CountAsync("subscriptions")).ShouldBe(1);
        (await provider.Rest.CountAsync("licenses")).ShouldBe(1);
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
    }

    [Theory]
    [BothEngines]
    public async Task The_key_server_refuses_them_from_any_partner_in_the_known_words_and_makes_no_key(Engine engine)
    {
        await using var provider = await DemoProvider.StartAsync(engine);
        (string What, string Client, string KeyType, string[] Features, string Billing, int Code, string Words)[] bad =
        [
            ("unknown key type", "northwind", "PLESK_99", ["30_DOMAINS"], "billing", 260, "Unknown base keytype PLESK_99"),
            ("not in this billing type", "northwind", "PLESK_10_AND_LATER_FOR_VZ", ["30_DOMAINS"], "purchase", 260, "Unknown base keytype PLESK_10_AND_LATER_FOR_VZ for purchase"),
            ("unknown feature", "northwind", "PLESK_10_AND_LATER_FOR_VZ", ["30_DOMAINS", "50_MAILBOXES"], "billing", 244, "conflicting feature set: 50_MAILBOXES is not a feature of"),
            ("feature of another class", "northwind", "PLESK_10_PLUS", ["30_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT"], "billing", 244, "conflicting feature set: PLESK_RELOADED_POWER_PACK_LIGHT is not a feature of PLESK_10_PLUS"),
            ("two features of one group", "northwind", "PLESK_10_AND_LATER_FOR_VZ", ["30_DOMAINS", "100_DOMAINS"], "billing", 244, "30_DOMAINS and 100_DOMAINS belong to the group DOMAIN_LIMIT, of which a key carries one"),
            ("missing mandatory feature", "northwind", "PLESK_10_AND_LATER_FOR_VZ", [], "billing", 266, "Invalid Key configuration: PLESK_10_AND_LATER_FOR_VZ needs a feature of the group DOMAIN_LIMIT"),
            ("unknown client", "nobody", "PLESK_10_AND_LATER_FOR_VZ", ["30_DOMAINS"], "billing", 250, "The client was not found"),
        ];
        foreach (var (what, client, keyType, features, billing, code, words) in bad)
        {
            var answer = await provider.PartnerAsync("createKey", DemoProvider.Address, client, keyType, XmlRpcArray.Of(features), billing);
            answer["resultCode"].AsInt().ShouldBe(code, what);
            answer["resultDesc"].AsString().ShouldContain(words, customMessage: what);
            answer.GetOrNil("mainKeyNumber").TryGetString(out _).ShouldBeFalse(what);
        }

        var stranger = await provider.PartnerAsync("wrong", "createKey", [DemoProvider.Address, "northwind", "PLESK_10_AND_LATER_FOR_VZ", XmlRpcArray.Of(["30_DOMAINS"]), "billing"]);
        stranger["resultCode"].AsInt().ShouldBe(200);
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
        foreach (var (path, command) in new[] { ($"orders/{order["id"]}/resubmit", "resubmit"), ($"orders/{order["id"]}/approve", "approve") })
        {
            var (refused, why) = await provider.Rest.PostAsync(path, new JsonObject());
            refused.ShouldBe(HttpStatusCode.Conflict, path);
            var (exit, said) = await provider.CommandAsync("order", command, $"{order["id"]}");
            exit.ShouldBe(1, said);
            said.ShouldContain((string)why["detail"]!);
            said.ShouldContain((string)why["remedy"]!);
        }

        ((string)(await provider.Rest.GetAsync($"orders/{order["id"]}"))["state"]!).ShouldBe("WP");
        (await provider.Rest.CountAsync("licenses")).ShouldBe(1);
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
    }
}
