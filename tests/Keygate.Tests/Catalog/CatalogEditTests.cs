using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog;

/// <summary>The slices that add, archive and put back, on both databases.</summary>
public sealed class CatalogEditTests
{
    [Theory, BothEngines]
    public async Task Extends_the_offer_as_the_source_article_does(Engine engine)
    {
        await using var catalogs = await Catalogs.CreateAsync(engine);
        var editor = catalogs.Editor;

        await Done(catalogs, tx => new AddLicenseClass(editor).HandleAsync(tx, Plesk10, Actor.Keygate, default));
        await Done(catalogs, tx => new AddLicenseClass(editor).HandleAsync(tx, Antivirus, Actor.Keygate, default));
        await Done(catalogs, tx => new AddAddOn(editor).HandleAsync(tx, new AddAddOnRequest { Parent = "PLESK_10", AddOn = "KAV" }, Actor.Keygate, default));
        await Done(catalogs, tx => new AddFeatureGroup(editor).HandleAsync(tx, new AddFeatureGroupRequest { Id = "LIMIT", Description = "Domain Limit", Sort = 1000, Mandatory = true }, Actor.Keygate, default));
        await Done(catalogs, tx => new AddFeature(editor).HandleAsync(tx, Domains(10), Actor.Keygate, default));
        await Done(catalogs, tx => new AddFeature(editor).HandleAsync(tx, Domains(30), Actor.Keygate, default));
        await Done(catalogs, tx => new AddUpgradeOption(editor).HandleAsync(tx, Upgrade(10, 30), Actor.Keygate, default));

        var view = await catalogs.ViewAsync();
        view.Class("PLESK_10").ShouldBe(new LicenseClass
        {
            KeyType = "PLESK_10", Name = "Plesk 10 for Unix/Linux", Product = "Plesk", Version = "10", Description = "A panel", BillType = BillType.Purchase,
            RenewedAutomatically = true, ApsLicenseType = "urn:pla:plesk:10", Activation = Activation.HardwareId,
        });
        view.FeaturesOf("PLESK_10").Select(f => f.Id).ShouldBe(["10_DOMAINS", "30_DOMAINS"]);
        view.AddOnsOf("PLESK_10").Select(a => a.KeyType).ShouldBe(["KAV"]);
        view.UpgradesFrom("10_DOMAINS").ShouldHaveSingleItem().Plan.ShouldBe("10_TO_30");
        CatalogRules.Check(view, "PLESK_10", ["30_DOMAINS"], ["KAV"]).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Refuses_a_code_that_is_taken_and_changes_nothing(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "hosting");
        var before = await catalogs.ExportAsync();

        (await catalogs.WriteAsync(tx => new AddLicenseClass(catalogs.Editor).HandleAsync(tx, Plesk10 with { KeyType = "PLESK_10_PLUS" }, Actor.Keygate, default)))
            .Refused().ShouldHaveSingleItem().Detail.ShouldBe("The license class PLESK_10_PLUS is in the catalog already");
        (await catalogs.WriteAsync(tx => new AddLicenseClass(catalogs.Editor).HandleAsync(tx, Plesk10 with { KeyType = "30_DOMAINS" }, Actor.Keygate, default)))
            .Refused().ShouldHaveSingleItem().Detail.ShouldBe("The code 30_DOMAINS is already that of a license class");
        (await catalogs.WriteAsync(tx => new AddAddOn(catalogs.Editor).HandleAsync(tx, new AddAddOnRequest { Parent = "PLESK_10_PLUS", AddOn = "KAV_FOR_PLESK" }, Actor.Keygate, default)))
            .Refused().ShouldHaveSingleItem().Code.ShouldBe("catalog.code-taken");

        (await catalogs.ExportAsync()).ShouldBe(before);
    }

    [Fact]
    public void Tells_all_faults_of_a_class_by_itself_at_once() =>
        new AddLicenseClassRequest { KeyType = "a b", Name = " ", Description = "bell \a", ApsLicenseType = "no address", Features = ["X", "X"] }.Faults()
            .Select(e => (e.Code, e.Field)).ShouldBe(
            [
                ("catalog.value-missing", "billType"), ("catalog.code-malformed", "keyType"), ("catalog.value-missing", "name"), ("catalog.value-missing", "product"),
                ("catalog.value-malformed", "description"), ("catalog.value-malformed", "apsLicenseType"), ("catalog.feature-twice", "features"),
            ]);

    [Theory]
    [InlineData("PLESK", null)]
    [InlineData("1YR_PREMIUM_SUPPORT_PACK", null)]
    [InlineData("a.b-c:d+e", null)]
    [InlineData("", "catalog.value-missing")]
    [InlineData("_A", "catalog.code-malformed")]
    [InlineData("A/B", "catalog.code-malformed")]
    [InlineData("A\n", "catalog.code-malformed")]
    [InlineData("Ä", "catalog.code-malformed")]
    public void Knows_a_code_when_it_sees_one(string code, string? refusal) =>
        new AddFeatureGroupRequest { Id = code, Description = "G" }.Faults().Select(e => e.Code).ShouldBe(refusal is null ? [] : [refusal]);

    [Theory, BothEngines]
    public async Task Archives_and_puts_back_and_repeating_changes_nothing(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "hosting");
        var before = await catalogs.ExportAsync();

        var archived = (await catalogs.ArchiveAsync(CatalogKind.LicenseClass, "KAV_FOR_PLESK")).Value.Changes.ShouldHaveSingleItem();
        (archived.Change, archived.Kind, archived.Code).ShouldBe((CatalogChangeKind.Archived, CatalogKind.LicenseClass, "KAV_FOR_PLESK"));
        (await catalogs.ArchiveAsync(CatalogKind.LicenseClass, "KAV_FOR_PLESK")).Value.Changes.ShouldBeEmpty();

        var view = await catalogs.ViewAsync();
        view.Class("KAV_FOR_PLESK")!.ArchivedAt.ShouldBe(catalogs.Time.GetUtcNow());
        view.AddOnsOf("PLESK_10_PLUS").ShouldBeEmpty();

        (await catalogs.ArchiveAsync(CatalogKind.LicenseClass, "KAV_FOR_PLESK", archived: false)).Value.Changes.ShouldHaveSingleItem().Change.ShouldBe(CatalogChangeKind.PutBack);
        (await catalogs.ExportAsync()).ShouldBe(before);
    }

    [Theory, BothEngines]
    public async Task Archives_a_group_only_without_features(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");

        var refusals = (await catalogs.ArchiveAsync(CatalogKind.FeatureGroup, "MAILBOXES")).Refused();
        refusals.Select(e => e.Code).ShouldBe(["catalog.group-in-use", "catalog.group-in-use", "catalog.group-in-use"]);
        (await catalogs.ViewAsync()).Group("MAILBOXES")!.ArchivedAt.ShouldBeNull();

        foreach (var feature in new[] { "50_MAILBOXES", "250_MAILBOXES", "UNLIMITED_MAILBOXES" })
        {
            (await catalogs.ArchiveAsync(CatalogKind.Feature, feature)).IsDone.ShouldBeTrue();
        }

        (await catalogs.ArchiveAsync(CatalogKind.FeatureGroup, "MAILBOXES")).IsDone.ShouldBeTrue();
        (await catalogs.ArchiveAsync(CatalogKind.Feature, "50_MAILBOXES", archived: false)).Refused().ShouldHaveSingleItem().Code.ShouldBe("catalog.group-in-use");
    }

    [Theory, BothEngines]
    public async Task Replaces_an_archived_upgrade_option_but_not_an_archived_feature(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");
        await catalogs.ArchiveAsync(CatalogKind.UpgradeOption, "50_MAILBOXES/250_MAILBOXES");
        await catalogs.ArchiveAsync(CatalogKind.Feature, "ACME_ARCHIVE");

        var again = new AddUpgradeOptionRequest { From = "50_MAILBOXES", To = "250_MAILBOXES", Plan = "MORE", Enabled = false };
        await Done(catalogs, tx => new AddUpgradeOption(catalogs.Editor).HandleAsync(tx, again, Actor.Keygate, default));
        var option = (await catalogs.ViewAsync()).Contents.UpgradeOptions.Single(o => o.Key == "50_MAILBOXES/250_MAILBOXES");
        (option.Plan, option.Enabled, option.ArchivedAt).ShouldBe(("MORE", false, null));

        var feature = new AddFeatureRequest { Id = "ACME_ARCHIVE", Name = "Another" };
        (await catalogs.WriteAsync(tx => new AddFeature(catalogs.Editor).HandleAsync(tx, feature, Actor.Keygate, default)))
            .Refused().ShouldHaveSingleItem().Remedy.ShouldBe("Put it back, or choose another code.");
    }

    [Theory, BothEngines]
    public async Task Relates_a_feature_to_a_class_and_takes_it_away_again(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "hosting");
        var request = new AddClassFeatureRequest("PLESK_10_PLUS", "PLESK_RELOADED_POWER_PACK_LIGHT");

        for (var i = 0; i < 2; i++)
        {
            await Done(catalogs, tx => new AddClassFeature(catalogs.Editor, catalogs.Reader).HandleAsync(tx, request, Actor.Keygate, default));
            (await catalogs.ViewAsync()).FeaturesOf("PLESK_10_PLUS").ShouldContain(f => f.Id == request.Feature);
        }

        (await catalogs.ArchiveAsync(CatalogKind.ClassFeature, "PLESK_10_PLUS/PLESK_RELOADED_POWER_PACK_LIGHT")).IsDone.ShouldBeTrue();
        (await catalogs.ViewAsync()).FeaturesOf("PLESK_10_PLUS").ShouldNotContain(f => f.Id == request.Feature);

        (await catalogs.WriteAsync(tx => new AddClassFeature(catalogs.Editor, catalogs.Reader).HandleAsync(tx, new AddClassFeatureRequest("NONE", "NEITHER"), Actor.Keygate, default)))
            .Refused().Select(e => e.Code).ShouldBe(["catalog.class-unknown", "catalog.feature-unknown"]);
    }

    [Theory, BothEngines]
    public async Task Says_that_an_entry_does_not_exist(Engine engine)
    {
        await using var catalogs = await Catalogs.CreateAsync(engine);

        var error = (await catalogs.ArchiveAsync(CatalogKind.AddOn, "A/B")).Refused().ShouldHaveSingleItem();

        (error.Code, error.Detail).ShouldBe(("catalog.entry-not-found", "The catalog has no add-on A/B"));
    }

    [Theory, BothEngines]
    public async Task Writes_down_who_changed_what(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");
        var ada = new Actor(ActorKind.Staff, 7, "Ada");

        await catalogs.WriteAsync(tx => new ArchiveEntry(catalogs.Editor).HandleAsync(tx, new ArchiveEntryRequest(CatalogKind.LicenseClass, "ACME_MAILER_3", true), ada, default));
        await catalogs.WriteAsync(tx => new ArchiveEntry(catalogs.Editor).HandleAsync(tx, new ArchiveEntryRequest(CatalogKind.LicenseClass, "NONE", true), ada, default));
        await catalogs.WriteAsync(tx => new AddLicenseClass(catalogs.Editor).HandleAsync(tx, Plesk10 with { Features = ["ACME_ARCHIVE"] }, ada, default));

        (await catalogs.Database.ReadAsync(s => s.QueryAsync<string>("select act || ' ' || subject from audit where actor_name = 'Ada' order by id", null, default), default)).ShouldBe(
            ["catalog.archived license-class/ACME_MAILER_3", "catalog.added license-class/PLESK_10", "catalog.added class-feature/PLESK_10/ACME_ARCHIVE"]);
    }

    [Theory, BothEngines]
    public async Task Forgets_what_was_rolled_back(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");

        await Should.ThrowAsync<TimeoutException>(() => catalogs.WriteAsync<CatalogDiff>(async tx =>
        {
            (await new ArchiveEntry(catalogs.Editor).HandleAsync(tx, new ArchiveEntryRequest(CatalogKind.LicenseClass, "ACME_MAILER_3", true), Actor.Keygate, default)).IsDone.ShouldBeTrue();
            (await catalogs.Reader.GetAsync(tx, default)).Class("ACME_MAILER_3")!.ArchivedAt.ShouldNotBeNull();
            throw new TimeoutException();
        }));

        (await catalogs.ViewAsync()).Class("ACME_MAILER_3")!.ArchivedAt.ShouldBeNull();
    }

    [Theory, BothEngines]
    public async Task Shares_one_view_until_something_changes(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");

        var first = await catalogs.ViewAsync();
        (await catalogs.ViewAsync()).ShouldBeSameAs(first);
        (await catalogs.ImportAsync(Catalogs.Sample("vendor"))).Value.Changes.ShouldBeEmpty();
        (await catalogs.ViewAsync()).ShouldBeSameAs(first);

        await catalogs.ArchiveAsync(CatalogKind.Feature, "ACME_ARCHIVE");
        (await catalogs.ViewAsync()).ShouldNotBeSameAs(first);
    }

    [Theory, BothEngines]
    public async Task A_catalog_that_changes_while_it_is_read_is_read_again(Engine engine)
    {
        await using var catalogs = await Catalogs.CreateAsync(engine);
        using var reading = new SemaphoreSlim(0);
        using var changed = new SemaphoreSlim(0);
        var first = true;
        await using var other = Database.At(catalogs.Database.Address, new DatabaseOptions
        {
            Mutated = sql =>
            {
                // The tables that name others come after those, and have been read last when somebody adds to both.
                if (first && sql.Contains("from class_features", StringComparison.Ordinal))
                {
                    first = false;
                    reading.Release();
                    changed.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
                }

                return sql;
            },
        });

        var read = Task.Run(() => other.ReadAsync(s => catalogs.Reader.GetAsync(s, default), default));
        (await reading.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        (await catalogs.ImportAsync(Catalogs.Sample("hosting"))).IsDone.ShouldBeTrue();
        changed.Release();

        (await read).Contents.AddOns.ShouldNotBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Lets_only_one_of_two_writers_break_a_rule_that_the_other_kept(Engine engine)
    {
        await using var catalogs = await Catalogs.CreateAsync(engine);
        await Done(catalogs, tx => new AddFeatureGroup(catalogs.Editor).HandleAsync(tx, new AddFeatureGroupRequest { Id = "G", Description = "G" }, Actor.Keygate, default));

        var feature = catalogs.WriteAsync(tx => new AddFeature(catalogs.Editor).HandleAsync(tx, new AddFeatureRequest { Id = "F", Name = "F", Group = "G" }, Actor.Keygate, default));
        var archive = catalogs.ArchiveAsync(CatalogKind.FeatureGroup, "G");

        var done = new[] { (await feature).IsDone, (await archive).IsDone };
        done.Count(d => d).ShouldBe(1);
        CatalogShape.Check((await catalogs.ViewAsync()).Contents).ShouldBeEmpty();
    }

    private static readonly AddLicenseClassRequest Plesk10 = new()
    {
        KeyType = "PLESK_10", Name = "Plesk 10 for Unix/Linux", Product = "Plesk", Version = "10", Description = "A panel", BillType = BillType.Purchase,
        RenewedAutomatically = true, ApsLicenseType = "urn:pla:plesk:10", Activation = Activation.HardwareId,
    };

    private static readonly AddLicenseClassRequest Antivirus = new()
    {
        KeyType = "KAV", Name = "Kaspersky Antivirus for Plesk", Product = "Kaspersky Antivirus", BillType = BillType.Lease, IsAdditional = true,
    };

    private static AddFeatureRequest Domains(int number) => new() { Id = $"{number}_DOMAINS", Name = $"{number} domains", Group = "LIMIT", Sort = number, Classes = ["PLESK_10"] };

    private static AddUpgradeOptionRequest Upgrade(int from, int to) => new() { From = $"{from}_DOMAINS", To = $"{to}_DOMAINS", Plan = $"{from}_TO_{to}", Description = "More domains" };

    private static async Task Done<T>(Catalogs catalogs, Func<Tx, Task<Kernel.Result<T>>> act)
    {
        var result = await catalogs.WriteAsync(act);
        result.IsDone.ShouldBeTrue(result.Error?.ToString());
    }
}
