using Keygate.Catalog;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog;

public sealed class CatalogRulesTests
{
    // Two groups, one of them mandatory, a feature of neither, one of another class, an archived one, one that does not exist.
    private static readonly string[] Features = ["M1", "M2", "O1", "O2", "FREE", "FOREIGN", "OLD", "NONE"];
    private static readonly string[] AddOns = ["ADD", "ADD_FOREIGN", "ADD_OLD", "OTHER", "NONE"];

    private static readonly CatalogView Small = new(CatalogContents.Of(
    [
        new FeatureGroup { Id = "MUST", Description = "Must", Sort = 1, Mandatory = true },
        new FeatureGroup { Id = "MAY", Description = "May", Sort = 2 },
        Class("MAIN"), Class("OTHER"), Class("GONE") with { ArchivedAt = At },
        Class("ADD") with { IsAdditional = true }, Class("ADD_FOREIGN") with { IsAdditional = true }, Class("ADD_OLD") with { IsAdditional = true, ArchivedAt = At },
        Feature("M1", "MUST"), Feature("M2", "MUST"), Feature("O1", "MAY"), Feature("O2", "MAY"), Feature("FREE", null), Feature("FOREIGN", null),
        Feature("OLD", "MUST") with { ArchivedAt = At },
        Has("MAIN", "M1"), Has("MAIN", "M2"), Has("MAIN", "O1"), Has("MAIN", "O2"), Has("MAIN", "FREE"), Has("MAIN", "OLD"),
        Has("OTHER", "FOREIGN"), Has("OTHER", "O1"), Has("MAIN", "FOREIGN") with { ArchivedAt = At },
        new AddOn { Parent = "MAIN", KeyType = "ADD" }, new AddOn { Parent = "MAIN", KeyType = "ADD_OLD" }, new AddOn { Parent = "OTHER", KeyType = "ADD_FOREIGN" },
    ]));

    private static DateTimeOffset At => DateTimeOffset.UnixEpoch;

    [Fact]
    public void Says_of_every_choice_of_features_just_what_is_wrong_with_it()
    {
        foreach (var chosen in Subsets(Features))
        {
            var expected = new List<string>();
            expected.AddRange(chosen.Select(f => f switch { "FOREIGN" => "catalog.feature-foreign", "OLD" => "catalog.feature-archived", "NONE" => "catalog.feature-unknown", _ => "" }).Where(c => c != ""));
            var must = chosen.Count(f => f is "M1" or "M2");
            expected.AddRange(must == 2 ? ["catalog.feature-group-taken"] : []);
            expected.AddRange(chosen.Count(f => f is "O1" or "O2") == 2 ? ["catalog.feature-group-taken"] : []);
            expected.AddRange(must == 0 ? ["catalog.feature-group-missing"] : []);

            Codes("MAIN", chosen, []).ShouldBe(expected, string.Join(' ', chosen));
        }
    }

    [Fact]
    public void Says_of_every_choice_of_add_ons_just_what_is_wrong_with_it()
    {
        foreach (var chosen in Subsets(AddOns))
        {
            var expected = chosen.Select(a => a switch
            {
                "ADD_FOREIGN" => "catalog.add-on-foreign",
                "ADD_OLD" => "catalog.class-archived",
                "OTHER" => "catalog.add-on-not-additional",
                "NONE" => "catalog.class-unknown",
                _ => "",
            }).Where(c => c != "");

            Codes("MAIN", ["M1"], chosen).ShouldBe(expected, string.Join(' ', chosen));
        }
    }

    [Theory]
    [InlineData("MAIN", "M1", "")]
    [InlineData("OTHER", "", "")]
    [InlineData("OTHER", "O1", "")]
    [InlineData("NONE", "", "catalog.class-unknown")]
    [InlineData("NONE", "M1 M2", "catalog.class-unknown")]
    [InlineData("GONE", "", "catalog.class-archived")]
    [InlineData("ADD", "", "catalog.class-additional")]
    [InlineData("ADD_OLD", "", "catalog.class-archived catalog.class-additional")]
    [InlineData("ADD", "M1", "catalog.class-additional catalog.feature-foreign")]
    public void Says_which_classes_can_be_ordered(string keyType, string features, string codes) =>
        Codes(keyType, Words(features), []).ShouldBe(Words(codes));

    [Fact]
    public void Refuses_the_same_feature_or_add_on_twice() =>
        Codes("MAIN", ["M1", "M1", "FREE"], ["ADD", "ADD"]).ShouldBe(["catalog.feature-twice", "catalog.add-on-twice"]);

    [Fact]
    public void Tells_all_faults_at_once_in_the_order_of_the_rules_with_their_fields()
    {
        var errors = CatalogRules.Check(Small, "ADD_OLD", ["M1", "NONE"], ["OTHER"]);

        errors.Select(e => (e.Code, e.Field)).ShouldBe(
        [
            ("catalog.class-archived", "keyType"), ("catalog.class-additional", "keyType"), ("catalog.feature-foreign", "features"),
            ("catalog.feature-unknown", "features"), ("catalog.add-on-not-additional", "addOns"),
        ]);
        CatalogRules.Names.Count.ShouldBe(5);
    }

    [Fact]
    public void Refuses_Power_Pack_Light_with_Plesk_10_Plus_as_the_source_article_describes()
    {
        var error = CatalogRules.Check(Catalogs.SampleView("hosting"), "PLESK_10_PLUS", ["10_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT"], []).ShouldHaveSingleItem();

        error.Code.ShouldBe("catalog.feature-foreign");
        error.Detail.ShouldBe("The feature PLESK_RELOADED_POWER_PACK_LIGHT (Plesk Reloaded(TM) Power Pack Light) does not belong to the license class PLESK_10_PLUS (Plesk 10 Plus for Unix/Linux)");
        error.Remedy.ShouldBe("The license class has 10_DOMAINS, 30_DOMAINS, 100_DOMAINS, 300_DOMAINS, UNLIMITED_DOMAINS, LANGUAGE_PACK_1, LANGUAGE_PACK_2, LANGUAGE_PACK_3 and LANGUAGE_PACK_4.");
    }

    [Fact]
    public void Demands_a_domain_limit_for_Plesk_10_as_the_source_article_describes()
    {
        var error = CatalogRules.Check(Catalogs.SampleView("hosting"), "PLESK_10_AND_LATER_FOR_VZ", ["LANGUAGE_PACK_1"], ["KAV_FOR_PLESK"]).ShouldHaveSingleItem();

        error.Code.ShouldBe("catalog.feature-group-missing");
        error.Detail.ShouldBe("The license class PLESK_10_AND_LATER_FOR_VZ (Plesk 10 for Unix/Linux for Virtuozzo containers) needs a feature of the group DOMAIN_LIMIT (Domain Limit)");
        error.Remedy.ShouldBe("Add one of 10_DOMAINS, 30_DOMAINS, 100_DOMAINS, 300_DOMAINS and UNLIMITED_DOMAINS.");
    }

    [Fact]
    public void Names_the_main_classes_of_an_additional_one_that_was_asked_for_alone() =>
        CatalogRules.Check(Catalogs.SampleView("hosting"), "KAV_FOR_PLESK", [], []).ShouldHaveSingleItem().Remedy.ShouldBe(
            "Order it as add-on of PLESK_10_AND_LATER, PLESK_10_AND_LATER_FOR_VZ, PLESK_10_PLUS, PLESK_10_PLUS_FOR_VZ and PLESK_9_FOR_VZ.");

    [Fact]
    public void Finds_archived_entries_by_code_and_leaves_them_out_of_lists()
    {
        Small.Class("GONE").ShouldNotBeNull();
        Small.Feature("OLD").ShouldNotBeNull();
        Small.FeaturesOf("MAIN").Select(f => f.Id).ShouldBe(["M1", "M2", "O1", "O2", "FREE"]);
        Small.AddOnsOf("MAIN").Select(a => a.KeyType).ShouldBe(["ADD"]);
    }

    [Fact]
    public void Puts_resources_into_the_categories_of_the_source_article()
    {
        var catalog = Catalogs.SampleView("hosting");

        catalog.CategoryOf("PLESK_9_FOR_VZ").ShouldBe("Additional Products");
        catalog.CategoryOf("30_DOMAINS").ShouldBe("Domain Limit");
        catalog.CategoryOf("PLESK_RELOADED_POWER_PACK_LIGHT").ShouldBe("Additional Products");
    }

    [Fact]
    public void Lists_the_upgrades_that_may_be_sold()
    {
        var catalog = Catalogs.SampleView("hosting");

        catalog.UpgradesFrom("30_DOMAINS").Select(o => (o.To, o.Plan)).ShouldBe(
        [
            ("100_DOMAINS", "30_DOMAINS_TO_100_DOMAINS"), ("300_DOMAINS", "30_DOMAINS_TO_300_DOMAINS"),
            ("UNLIMITED_DOMAINS", "30_DOMAINS_TO_UNLIMITED_DOMAINS"),
        ]);
        new CatalogView(CatalogContents.Of(catalog.Contents.Entries.Select(e => e is UpgradeOption o ? o with { Enabled = o.To == "300_DOMAINS" } : e)))
            .UpgradesFrom("30_DOMAINS").Select(o => o.To).ShouldBe(["300_DOMAINS"]);
    }

    private static IEnumerable<string> Codes(string keyType, IReadOnlyList<string> features, IReadOnlyList<string> addOns) =>
        CatalogRules.Check(Small, keyType, features, addOns).Select(e => e.Code);

    private static IEnumerable<string[]> Subsets(string[] all) =>
        Enumerable.Range(0, 1 << all.Length).Select(bits => all.Where((_, i) => (bits & (1 << i)) != 0).ToArray());

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static LicenseClass Class(string keyType) => new() { KeyType = keyType, Name = keyType, Product = "P", BillType = BillType.Lease };

    private static Feature Feature(string id, string? group) => new() { Id = id, Name = id, Group = group, Sort = 1 };

    private static ClassFeature Has(string keyType, string feature) => new() { KeyType = keyType, FeatureId = feature };
}
