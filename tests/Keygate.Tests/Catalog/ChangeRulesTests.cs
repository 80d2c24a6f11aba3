using Keygate.Catalog;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog;

public sealed class ChangeRulesTests
{
    private const string Plesk = "PLESK", Next = "PLESK_NEXT", Antivirus = "ANTIVIRUS";

    [Fact]
    public void A_feature_moves_up_within_its_group_by_an_enabled_option_alone()
    {
        Path(Of("D10"), Of("D30"), Up("D10", "D30")).Value.Acts.ShouldBe([new ChangeAct(ChangeActKind.Upgrade, "D10>D30", "D10", "D30")]);
        Path(Of("D30"), Of("D30B"), Up("D30", "D30B")).Value.Acts.ShouldHaveSingleItem().Kind.ShouldBe(ChangeActKind.Upgrade);
        Path(Of("D10"), Of("D30"), Up("D10", "D30") with { Enabled = false }).Refusal().ShouldBe("catalog.upgrade-missing");
        Path(Of("D10"), Of("D30")).Refusal().ShouldBe("catalog.upgrade-missing");
        Path(Of("D10"), Of("D10")).Refusal().ShouldBe("catalog.changes-nothing");
        Path(Of("D10"), Of()).Refusal().ShouldBe("catalog.feature-group-missing");
    }

    [Fact]
    public void Down_it_goes_by_a_downgrade_option_else_by_replacement()
    {
        Path(Of("D30"), Of("D10"), Down("D30", "D10")).Value.Acts.ShouldBe([new ChangeAct(ChangeActKind.Downgrade, "D30>D10", "D30", "D10")]);
        Path(Of("D30"), Of("D10"), Up("D10", "D30")).Value.ShouldSatisfyAllConditions(p => p.Replaces.ShouldBeTrue(), p => p.Acts.ShouldBeEmpty());
        Path(Of("D10", "L2"), Of("D10")).Value.Acts.ShouldBe([new ChangeAct(ChangeActKind.Downgrade, "L2", "L2", null)]);
        Path(Of("D10"), Of("D10", "L2")).Value.Acts.ShouldBe([new ChangeAct(ChangeActKind.Upgrade, "L2", null, "L2")]);
    }

    [Fact]
    public void A_class_moves_on_by_an_option_and_never_back()
    {
        Path(Of("D10"), Of("D10") with { KeyType = Next }, Up(Plesk, Next)).Value.Acts.ShouldBe([new ChangeAct(ChangeActKind.Upgrade, $"{Plesk}>{Next}", Plesk, Next)]);
        Path(Of("D10") with { KeyType = Next }, Of("D10"), Up(Plesk, Next)).Value.Replaces.ShouldBeTrue();
        Path(Of("D10"), Of("D10") with { KeyType = Next }).Refusal().ShouldBe("catalog.upgrade-missing");
    }

    /// <summary>Acts one after the other lead from what is there to what was asked for, on random catalogs.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_acts_lead_where_the_change_goes(int seed)
    {
        var chance = new Random(seed);
        string[] domains = ["D10", "D30", "D30B"], all = [.. domains, "L2", "L3", Plesk, Next];
        var accepted = 0;
        for (var i = 0; i < 2000; i++)
        {
            var options = all.SelectMany(a => all.Select(b => (a, b))).Where(o => o.a != o.b && (o.a is Plesk or Next) == (o.b is Plesk or Next) && chance.Next(2) == 0)
                .Select(o => new UpgradeOption { From = o.a, To = o.b, Plan = $"{o.a}>{o.b}", Type = (UpgradeType)chance.Next(2), Enabled = chance.Next(3) > 0 }).ToArray();
            LicenseMake Make() => new(chance.Next(2) == 0 ? Plesk : Next, [domains[chance.Next(3)], .. chance.Next(3) switch { 0 => Array.Empty<string>(), 1 => ["L2"], _ => ["L3"] }], chance.Next(2) == 0 ? [] : [Antivirus]);
            var (from, to) = (Make(), Make());
            if (!Path(from, to, options).TryGet(out var path, out var error))
            {
                error.Code.ShouldBeOneOf("catalog.upgrade-missing", "catalog.changes-nothing");
                continue;
            }

            accepted++;
            if (path.Replaces)
            {
                path.Acts.ShouldBeEmpty();
                continue;
            }

            path.Acts.Aggregate(from, ChangeRules.After).Same(to).ShouldBeTrue($"seed {seed}, {i}");
            foreach (var act in path.Acts.Where(a => a.From is not null && a.To is not null))
            {
                options.Any(o => o.Enabled && o.From == act.From && o.To == act.To && o.Plan == act.Plan && (act.Kind == ChangeActKind.Upgrade) == (o.Type == UpgradeType.Upgrade)).ShouldBeTrue($"seed {seed}, {i}: {act}");
            }
        }

        accepted.ShouldBeGreaterThan(300);
    }

    private static LicenseMake Of(params string[] features) => new(Plesk, features, []);

    private static UpgradeOption Up(string from, string to) => new() { From = from, To = to, Plan = $"{from}>{to}" };

    private static UpgradeOption Down(string from, string to) => Up(from, to) with { Type = UpgradeType.Downgrade };

    private static Keygate.Kernel.Result<ChangePath> Path(LicenseMake from, LicenseMake to, params UpgradeOption[] options)
    {
        Feature[] features =
        [
            new() { Id = "D10", Name = "10", Group = "D", Sort = 10 }, new() { Id = "D30", Name = "30", Group = "D", Sort = 30 }, new() { Id = "D30B", Name = "30 b", Group = "D", Sort = 30 },
            new() { Id = "L2", Name = "2", Group = "L", Sort = 2 }, new() { Id = "L3", Name = "3", Group = "L", Sort = 3 },
        ];
        return ChangeRules.Path(new CatalogView(new CatalogContents
        {
            Classes =
            [
                .. new[] { Plesk, Next }.Select(k => new LicenseClass { KeyType = k, Name = k, Product = "Plesk", BillType = BillType.Lease }),
                new LicenseClass { KeyType = Antivirus, Name = "Anti-virus", Product = "Anti-virus", BillType = BillType.Lease, IsAdditional = true },
            ],
            Groups = [new FeatureGroup { Id = "D", Description = "Domains", Sort = 1, Mandatory = true }, new FeatureGroup { Id = "L", Description = "Languages", Sort = 2 }],
            Features = features,
            ClassFeatures = [.. new[] { Plesk, Next }.SelectMany(k => features.Select(f => new ClassFeature { KeyType = k, FeatureId = f.Id }))],
            AddOns = [.. new[] { Plesk, Next }.Select(k => new AddOn { Parent = k, KeyType = Antivirus })],
            UpgradeOptions = options,
        }), from, to);
    }
}

file static class Refusals
{
    public static string Refusal<T>(this Keygate.Kernel.Result<T> result) => result.TryGet(out _, out var error) ? "" : error.Code;
}
