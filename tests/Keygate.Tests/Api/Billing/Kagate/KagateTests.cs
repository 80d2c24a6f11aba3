using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing.KagateContainer;

/// <summary>The six methods on the catalog (business-automation.md 5.6), and the source article's own requests to them, byte for byte.</summary>
public sealed class KagateTests
{
    [Theory, BothEngines]
    public async Task The_requests_of_the_source_article_work_once_the_classes_exist(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        await house.ChangeCatalogAsync(c => c with
        {
            Classes =
            [
                .. c.Classes, Class("ACME_LICENSE_CLASS"), Class("ACME_LICENSE_CLASS_ADDON") with { IsAdditional = true }, Class("ACME_FROM"), Class("ACME_TO"),
            ],
        });

        // Twice: adding after MoveToArc puts it back.
        for (var round = 0; round < 2; round++)
        {
            foreach (var subject in new[] { "Addon", "FeatureGroup", "Upgrade" })
            {
                await DoneAsync(house, $"KA_{subject}Add");
                (await house.FaultAsync(Source($"KA_{subject}Add"))).Code.ShouldBe(409);
                (await ShowAsync(house, subject))["archivedAt"].ShouldBeNull();
                await DoneAsync(house, $"KA_{subject}MoveToArc");
                (await house.FaultAsync(Source($"KA_{subject}MoveToArc"))).Text.ShouldContain("is archived already");
                (await ShowAsync(house, subject))["archivedAt"].ShouldNotBeNull();
            }
        }

        var group = await house.GetAsync("feature-groups/ACME_FEATURE_GROUP");
        ((string)group["description"]!, (int)group["sort"]!, (bool)group["mandatory"]!).ShouldBe(("Custom feature group", 1000, true));
        var option = await house.GetAsync("upgrade-options/ACME_FROM/ACME_TO");
        ((string)option["plan"]!, (string)option["description"]!, (string)option["type"]!, (bool)option["enabled"]!).ShouldBe(("ACME_FROM_TO_ACME_TO", "Custom upgrade", "Upgrade", true));
    }

    [Theory, BothEngines]
    public async Task Each_refusal_names_the_value(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        foreach (var (call, code, says) in new (string, int, string)[]
        {
            (Xml.Call("KAGATE", "KA_AddonAdd", Hosting.Plesk, Hosting.Antivirus), 409, $"{Hosting.Plesk}/{Hosting.Antivirus} is in the catalog already"),
            (Xml.Call("KAGATE", "KA_AddonAdd", Hosting.Plesk, "NONE_SUCH"), 400, "no license class NONE_SUCH"),
            (Xml.Call("KAGATE", "KA_AddonAdd", "NONE_SUCH", Hosting.Antivirus), 400, "no license class NONE_SUCH"),
            (Xml.Call("KAGATE", "KA_AddonAdd", Hosting.Plesk, Hosting.Virtuozzo), 400, $"{Hosting.Virtuozzo} (Virtuozzo 4) is not additional"),
            (Xml.Call("KAGATE", "KA_AddonMoveToArc", Hosting.Virtuozzo, Hosting.Antivirus), 404, $"no add-on {Hosting.Virtuozzo}/{Hosting.Antivirus}"),
            (Xml.Call("KAGATE", "KA_FeatureGroupAdd", "DOMAINS", "Again", 1, 1), 409, "DOMAINS is in the catalog already"),
            (Xml.Call("KAGATE", "KA_FeatureGroupAdd", "ACME", "Acme", 1, 2), 400, "mandatory is 2; it must be 0 or 1"),
            (Xml.Call("KAGATE", "KA_FeatureGroupAdd", "ACME", "Acme", -1, 0), 400, "sort is negative"),
            (Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", "NONE_SUCH"), 404, "no feature group NONE_SUCH"),
            (Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", "DOMAINS"), 409, $"The feature {Hosting.Domains30} is in use and its group DOMAINS"),
            (Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", "DOMAINS"), 409, $"The feature {Hosting.Domains10} is in use and its group DOMAINS"),
            (Xml.Call("KAGATE", "KA_UpgradeAdd", Hosting.Domains10, Hosting.Domains30, "UP", "Up", 3, 1), 400, "type is 3; it must be 1 (upgrade) or 2 (downgrade)"),
            (Xml.Call("KAGATE", "KA_UpgradeAdd", Hosting.Domains10, Hosting.Domains30, "UP", "Up", 1, 7), 400, "enabled is 7; it must be 0 or 1"),
            (Xml.Call("KAGATE", "KA_UpgradeAdd", Hosting.Domains30, Hosting.Domains10, "UP", "Up", 1, 1), 400, $"{Hosting.Domains30} has the sort number 30"),
            (Xml.Call("KAGATE", "KA_UpgradeAdd", "NONE_SUCH", Hosting.Domains10, "UP", "Up", 1, 1), 400, "starts at NONE_SUCH"),
            (Xml.Call("KAGATE", "KA_UpgradeMoveToArc", Hosting.Domains10, Hosting.Domains30), 404, $"no upgrade option {Hosting.Domains10}/{Hosting.Domains30}"),
        })
        {
            var fault = await house.FaultAsync(call);
            fault.Text.ShouldContain(says);
            fault.Code.ShouldBe(code, fault.Text);
            fault.Text.ShouldEndWith("]\n");
        }

        (await house.CountAsync("feature_groups")).ShouldBe(3);
        (await house.CountAsync("upgrade_options")).ShouldBe(0);
        (await house.CountAsync("add_ons")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_downgrade_and_a_disabled_option_are_kept_as_they_were_given(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        await house.DoneAsync(Xml.Call("KAGATE", "KA_UpgradeAdd", Hosting.Domains30, Hosting.Domains10, "DOWN", "Down", 2, 0));

        var option = await house.GetAsync($"upgrade-options/{Hosting.Domains30}/{Hosting.Domains10}");
        ((string)option["type"]!, (bool)option["enabled"]!).ShouldBe(("Downgrade", false));
    }

    private static LicenseClass Class(string keyType) => new() { KeyType = keyType, Name = $"Acme {keyType}", Product = "Acme", BillType = Keygate.Catalog.BillType.Lease };

    private static string Source(string method) => File.ReadAllText(Path.Combine(Repository.Root, "tests/Keygate.Tests/Api/Billing/Kagate/source", $"{method}.xml"));

    private static async Task DoneAsync(OrdersHouse house, string method) =>
        (await house.ResultAsync(Source(method))).AsStruct()["Status"].AsString().ShouldBe("Operation done.");

    private static Task<JsonNode> ShowAsync(OrdersHouse house, string subject) => house.GetAsync(subject switch
    {
        "Addon" => "add-ons/ACME_LICENSE_CLASS/ACME_LICENSE_CLASS_ADDON",
        "FeatureGroup" => "feature-groups/ACME_FEATURE_GROUP",
        _ => "upgrade-options/ACME_FROM/ACME_TO",
    });
}
