using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>
/// A catalog that has drifted from what the issuer offers: a plan over it is not put on sale. Where the issuer withdraws something only later, what was sold and paid is
/// refused there: each order needs attention, in the issuer's words and with a remedy, and goes on by one act once the issuer offers it; one key for each.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class IssuerRefusalTests
{
    private const string Plesk = "PLESK_10_AND_LATER";

    private static readonly (string[] Resources, string Cause, string Remedy)[] Refused =
    [
        (["PLESK_99"], "260 Unknown base keytype PLESK_99", "Check the billing type of the license class"),
        (["PLESK_9_FOR_VZ"], "260 Unknown base keytype PLESK_9_FOR_VZ for purchase", "Check the billing type of the license class"),
        ([Plesk, "30_DOMAINS", "50_MAILBOXES"], "244 conflicting feature set: 50_MAILBOXES is not a feature of PLESK_10_AND_LATER", "Have the features that are named offered"),
        ([Plesk], "266 Invalid Key configuration: PLESK_10_AND_LATER needs a feature of the group DOMAIN_LIMIT", "Have the group that is named made optional"),
    ];

    [Fact]
    public async Task Needs_attention_and_goes_on_by_one_act_when_the_issuer_offers_what_was_sold()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        await DriftAsync(provider);
        string[] sold = [.. Refused.SelectMany(r => r.Resources).Distinct()];
        var early = await provider.PlanRefusedAsync(sold);
        await OfferAsync(provider);
        await provider.DoAsync("plugins/1/offer/synchronize");
        var plan = await provider.PlanOverAsync(null, null, sold);
        await ImportAsync(provider, Path.Combine(Programs.Samples, "hosting", "price-list.json"));
        foreach (var (_, cause, _) in Refused)
        {
            early.ShouldContain(cause[4..], customMessage: "what is known before is said before");
        }

        var orders = new List<int>();
        foreach (var (resources, _, _) in Refused)
        {
            orders.Add(await provider.OrderAndPayAsync(plan, resources));
        }

        foreach (var (order, (resources, cause, remedy)) in orders.Zip(Refused))
        {
            var failed = await provider.UntilAsync(order, o => (string)o["state"]! == "PF");
            var comment = (string)DemoProvider.LicenseItem(failed)["comment"]!;
            comment.ShouldStartWith("Could not create License into Subscription: ");
            comment.ShouldContain(cause);
            ((string)failed["licenses"]![0]!["status"]!).ShouldBe("Pending");

            var item = await provider.AttentionAsync(order);
            ((string)item["cause"]!).ShouldContain(cause);
            ((string)item["remedy"]!).ShouldContain(remedy);
            item["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["resubmit", "cancel"], ignoreOrder: true);
            foreach (var door in new[] { new[] { "attention", "list" }, ["attention", "show", $"{item["id"]}"], ["order", "show", $"{order}"] })
            {
                var (_, said) = await provider.CommandAsync(door);
                said.ShouldContain(cause, customMessage: string.Join(' ', door));
                said.ShouldContain(remedy, customMessage: string.Join(' ', door));
            }
        }

        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
        await OfferAsync(provider);

        // One act each: by the address that the item gives, or by its command.
        foreach (var (order, n) in orders.Select((o, n) => (o, n)))
        {
            var item = await provider.AttentionAsync(order);
            await (n % 2 == 0 ? provider.ActAsync(item, "resubmit") : provider.ActByCommandAsync(item, "resubmit"));
        }

        foreach (var order in orders)
        {
            (await provider.UntilAsync(order, o => (string)o["state"]! == "CP"))["licenses"]!.AsArray().Count.ShouldBe(1);
        }

        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1 + Refused.Length);
        (await provider.Rest.CountAsync("licenses")).ShouldBe(1 + Refused.Length);
        (await provider.Rest.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    // The provider's catalog says more than the issuer offers.
    private static async Task DriftAsync(DemoProvider provider)
    {
        var catalog = await SampleAsync("catalog.json");
        var classes = catalog["licenseClasses"]!.AsArray();
        var added = classes.Single(c => (string)c!["keyType"]! == Plesk)!.DeepClone();
        added["keyType"] = "PLESK_99";
        added["name"] = "Plesk 99";
        classes.Add(added);
        classes.Single(c => (string)c!["keyType"]! == "PLESK_9_FOR_VZ")!["billType"] = "Purchase";
        catalog["features"]!.AsArray().Add(new JsonObject { ["id"] = "50_MAILBOXES", ["name"] = "50 mailboxes", ["sort"] = 1, ["classes"] = new JsonArray(Plesk) });
        catalog["featureGroups"]!.AsArray().Single(g => (string)g!["id"]! == "DOMAIN_LIMIT")!["mandatory"] = false;
        var (status, answer) = await provider.Rest.SendAsync(HttpMethod.Put, "catalog", catalog);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
    }

    private static async Task OfferAsync(DemoProvider provider)
    {
        var list = await SampleAsync("price-list.json");
        var types = list["keyTypes"]!.AsArray();
        var added = types.Single(c => (string)c!["id"]! == Plesk)!.DeepClone();
        added["id"] = "PLESK_99";
        added["name"] = "Plesk 99";
        types.Add(added);
        var purchased = types.Single(c => (string)c!["id"]! == "PLESK_9_FOR_VZ")!;
        purchased["billing"] = new JsonArray("lease", "purchase");
        purchased["susMonths"] = new JsonObject { ["lease"] = 1, ["purchase"] = 12 };
        list["features"]!.AsArray().Add(new JsonObject { ["id"] = "50_MAILBOXES", ["name"] = "50 mailboxes", ["sort"] = 1, ["keyTypes"] = new JsonArray(Plesk) });
        list["groups"]!.AsArray().Single(g => (string)g!["id"]! == "DOMAIN_LIMIT")!["mandatory"] = false;
        var file = Path.Combine(provider.Data, "price-list.json");
        await File.WriteAllTextAsync(file, list.ToJsonString());
        await ImportAsync(provider, file);
    }

    private static async Task ImportAsync(DemoProvider provider, string file)
    {
        var (exit, said) = await provider.CommandAsync("keyserver", "price-list", "import", file);
        exit.ShouldBe(0, said);
    }

    private static async Task<JsonNode> SampleAsync(string name) => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Programs.Samples, "hosting", name)))!;
}
