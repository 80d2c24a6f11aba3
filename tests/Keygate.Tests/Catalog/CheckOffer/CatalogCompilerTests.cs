using Keygate.Catalog;
using Keygate.Plugins.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog.CheckOffer;

/// <summary>Each failure class of the administrator's guide, planted once: it is found with order, cause in the issuer's words, and repair.</summary>
public sealed class CatalogCompilerTests
{
    private static readonly CatalogContents Sound = new()
    {
        Classes =
        [
            new LicenseClass { KeyType = "PLESK", Name = "Plesk", Product = "Plesk", BillType = Keygate.Catalog.BillType.Lease },
            new LicenseClass { KeyType = "KAV", Name = "Anti-virus", Product = "Anti-virus", BillType = Keygate.Catalog.BillType.Lease, IsAdditional = true },
        ],
        Groups = [new FeatureGroup { Id = "DOMAINS", Description = "Domain Limit", Mandatory = true }],
        Features =
        [
            new Feature { Id = "10_DOMAINS", Name = "10", Group = "DOMAINS", Sort = 10 }, new Feature { Id = "30_DOMAINS", Name = "30", Group = "DOMAINS", Sort = 30 },
            new Feature { Id = "POWER_PACK", Name = "Power Pack" },
        ],
        ClassFeatures = [new ClassFeature { KeyType = "PLESK", FeatureId = "10_DOMAINS" }, new ClassFeature { KeyType = "PLESK", FeatureId = "30_DOMAINS" }, new ClassFeature { KeyType = "PLESK", FeatureId = "POWER_PACK" }],
        AddOns = [new AddOn { Parent = "PLESK", KeyType = "KAV" }],
        UpgradeOptions = [new UpgradeOption { From = "10_DOMAINS", To = "30_DOMAINS", Plan = "10_TO_30" }],
    };

    private static readonly OfferRules Rules = new(
        [new OfferedKeyType("PLESK", false, Both) { AddOns = ["KAV"] }, new OfferedKeyType("KAV", true, Both)],
        [
            new OfferedFeature("10_DOMAINS", "DOMAINS", ["PLESK"], Both), new OfferedFeature("30_DOMAINS", "DOMAINS", ["PLESK"], Both), new OfferedFeature("POWER_PACK", null, ["PLESK"], Both),
        ],
        [new OfferedGroup("DOMAINS", "Domain Limit", true)],
        [new OfferedUpgrade("10_TO_30", "10_DOMAINS", "30_DOMAINS")]);

    private static readonly Offer Plan = new([new OfferPart("PLESK", false)], [.. new[] { "10_DOMAINS", "30_DOMAINS", "POWER_PACK" }.Select(f => new OfferPart(f, false))], [new OfferPart("KAV", false)]);

    private static Keygate.Plugins.Abstractions.BillType[] Both => [Keygate.Plugins.Abstractions.BillType.Lease, Keygate.Plugins.Abstractions.BillType.Purchase];

    [Fact]
    public void A_sound_plan_passes_and_says_how_that_was_decided()
    {
        var check = Check();

        check.Passes.ShouldBeTrue();
        (check.Combinations, check.Tried, check.Failing).ShouldBe((8L, 8L, 0L));
        check.Findings.ShouldBeEmpty();
        check.How.ShouldBe("Each of 8 orders was tried, by the rules that 'KA' tells.");
    }

    [Fact]
    public void A_conflicting_feature_set_is_found_in_each_order_that_has_it()
    {
        var check = Check(rules: Rules with { Features = [.. Rules.Features.Select(f => f.Id == "POWER_PACK" ? f with { KeyTypes = ["OTHER"] } : f)] });

        check.Failing.ShouldBe(4);
        check.Failures.ShouldAllBe(f => f.Features.Contains("POWER_PACK") && f.Cause == "conflicting feature set: POWER_PACK is not a feature of PLESK.");
        check.Causes.ShouldHaveSingleItem().Repair.ShouldBe("Take POWER_PACK out of the plan or of the class PLESK; the issuer has it for OTHER.");
    }

    [Fact]
    public void An_invalid_key_configuration_is_found_where_a_group_is_optional_here_and_mandatory_there()
    {
        var check = Check(Sound with { Groups = [Sound.Groups[0] with { Mandatory = false }] });

        check.Combinations.ShouldBe(12);
        check.Failing.ShouldBe(4);
        check.Causes.ShouldHaveSingleItem().Cause.ShouldBe("Invalid Key configuration: PLESK needs a feature of the group DOMAINS (Domain Limit).");
        check.Causes[0].Repair.ShouldContain("10_DOMAINS, 30_DOMAINS");
    }

    [Fact]
    public void A_wrong_billing_type_is_an_unknown_base_keytype_in_every_order()
    {
        var check = Check(rules: Rules with { KeyTypes = [.. Rules.KeyTypes.Select(k => k with { BillTypes = [Keygate.Plugins.Abstractions.BillType.Purchase] })] });

        check.Failing.ShouldBe(8);
        check.Causes.ShouldHaveSingleItem().Cause.ShouldBe("Unknown base keytype PLESK for billing.");
        check.Causes[0].Repair.ShouldBe("Correct the billing type of the license class PLESK: the issuer offers it as Purchase.");
    }

    [Theory]
    [InlineData("missing", false, "there is no upgrade option")]
    [InlineData("disabled", false, "the upgrade option is disabled")]
    [InlineData("not offered", true, "the upgrade plan is not available for the account of 'KA'")]
    [InlineData("leading elsewhere", true, "leads from 30_DOMAINS to 10_DOMAINS at the issuer")]
    public void A_way_up_that_cannot_be_sold_is_told_and_one_that_would_fail_blocks(string how, bool blocks, string words)
    {
        var check = how switch
        {
            "missing" => Check(Sound with { UpgradeOptions = [] }),
            "disabled" => Check(Sound with { UpgradeOptions = [Sound.UpgradeOptions[0] with { Enabled = false }] }),
            "not offered" => Check(rules: Rules with { Upgrades = [] }),
            _ => Check(rules: Rules with { Upgrades = [new OfferedUpgrade("10_TO_30", "30_DOMAINS", "10_DOMAINS")] }),
        };

        var finding = check.Findings.ShouldHaveSingleItem();
        finding.Cause.ShouldStartWith("Could not find appropriate Upgrade Plan");
        finding.Cause.ShouldContain(words);
        finding.Repair.ShouldNotBeNullOrWhiteSpace();
        (finding.Blocks, check.Passes, check.Failing).ShouldBe((blocks, !blocks, 0L));
    }

    [Fact]
    public void Add_ons_that_do_not_fit_and_keys_that_exclude_each_other_are_found()
    {
        Check(rules: Rules with { KeyTypes = [Rules.KeyTypes[0] with { AddOns = [] }, Rules.KeyTypes[1]] }).Causes.ShouldHaveSingleItem().Cause.ShouldBe("KAV cannot be attached to PLESK.");
        Check(rules: Rules with { KeyTypes = [Rules.KeyTypes[0] with { Conflicts = ["KAV"] }, Rules.KeyTypes[1]] }).Causes.ShouldHaveSingleItem().Cause.ShouldBe("PLESK and KAV exclude each other.");
        Check(rules: Rules with { Features = [.. Rules.Features.Select(f => f.Id == "POWER_PACK" ? f with { Brings = ["KAV"] } : f)] }).Causes.ShouldHaveSingleItem().Cause.ShouldBe("KAV comes with a feature already.");
    }

    [Fact]
    public void What_is_missing_in_the_account_is_found_where_the_issuer_tells_identifiers_alone()
    {
        IssuerTerms Listed(string keyTypes, string features) => new() { Name = "KA", KeyTypes = keyTypes.Split(' ').ToHashSet(), Features = features.Split(' ').ToHashSet() };

        CatalogCompiler.Check(new CatalogView(Sound), Plan, Listed("PLESK KAV", "10_DOMAINS 30_DOMAINS POWER_PACK 10_TO_30")).Passes.ShouldBeTrue();
        var noClass = CatalogCompiler.Check(new CatalogView(Sound), Plan, Listed("KAV", "10_DOMAINS 30_DOMAINS POWER_PACK 10_TO_30"));
        var noFeature = CatalogCompiler.Check(new CatalogView(Sound), Plan, Listed("PLESK KAV", "10_DOMAINS POWER_PACK 10_TO_30"));

        (noClass.Failing, noFeature.Failing).ShouldBe((8L, 4L));
        noClass.Causes[0].Cause.ShouldBe("Unknown base keytype PLESK: the license class is not available for the account of 'KA'.");
        noFeature.Causes[0].Cause.ShouldBe("conflicting feature set: the feature 30_DOMAINS: the feature is not available for the account of 'KA'.");
        noFeature.How.ShouldContain("it does not tell its rules");
    }

    [Fact]
    public void A_class_of_which_nothing_can_be_ordered_blocks()
    {
        var archived = Check(Sound with { Classes = [Sound.Classes[0] with { ArchivedAt = DateTimeOffset.UnixEpoch }, Sound.Classes[1]] });
        var without = CatalogCompiler.Check(new CatalogView(Sound), Plan with { Features = [new OfferPart("POWER_PACK", false)] }, new IssuerTerms { Name = "KA", Rules = Rules });

        archived.Findings.ShouldContain(f => f.Blocks && f.Cause == "No order for PLESK can be placed: The license class PLESK (Plesk) is archived.");
        without.Findings.ShouldContain(f => f.Blocks && f.Cause.Contains("needs a feature of the group DOMAINS"));
        (archived.Combinations, without.Combinations).ShouldBe((0L, 0L));
    }

    [Fact]
    public void A_plan_of_more_orders_than_can_be_counted_is_decided_by_its_parts_in_bounded_work()
    {
        const int groups = 60;
        var ids = Enumerable.Range(0, groups * 5).Select(i => FormattableString.Invariant($"F{i:000}")).ToArray();
        string Group(int i) => FormattableString.Invariant($"G{i / 5}");
        var catalog = new CatalogView(Sound with
        {
            Groups = [.. Enumerable.Range(0, groups).Select(i => new FeatureGroup { Id = FormattableString.Invariant($"G{i}"), Description = "A group" })],
            Features = [.. ids.Select((id, i) => new Feature { Id = id, Name = id, Group = Group(i), Sort = 1 })],
            ClassFeatures = [.. ids.Select(id => new ClassFeature { KeyType = "PLESK", FeatureId = id })],
            UpgradeOptions = [],
        });
        OfferedFeature[] offered = [.. ids.Select((id, i) => new OfferedFeature(id, Group(i), ["PLESK"], Both))];
        CatalogCheck Try(OfferedFeature[] features) => CatalogCompiler.Check(
            catalog, new Offer([new OfferPart("PLESK", false)], [.. ids.Select(id => new OfferPart(id, false))], []),
            new IssuerTerms { Name = "KA", Rules = Rules with { Features = features, Groups = [] } });

        var sound = Try(offered);
        var conflicting = Try([.. offered.Select(f => f.Id == "F007" ? f with { Conflicts = ["F250"] } : f)]);

        (sound.Passes, sound.Combinations, sound.Tried < 1_000).ShouldBe((true, long.MaxValue, true));
        sound.How.ShouldStartWith("More orders than can be counted are too many to try each");
        conflicting.Failures.ShouldHaveSingleItem().Features.ShouldBe(["F007", "F250"]);
        conflicting.Failures[0].Cause.ShouldBe("conflicting feature set: F007 and F250 exclude each other.");
    }

    private static CatalogCheck Check(CatalogContents? contents = null, OfferRules? rules = null) =>
        CatalogCompiler.Check(new CatalogView(contents ?? Sound), Plan, new IssuerTerms { Name = "KA", Rules = rules ?? Rules });
}
