using System.Text;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog;

public sealed class ImportCatalogTests
{
    [Theory]
    [InlineData("hosting")]
    [InlineData("vendor")]
    public async Task Imports_a_sample_and_exports_the_same_bytes(string sample)
    {
        foreach (var engine in new[] { Engine.Sqlite, Engine.PostgreSql })
        {
            await using var catalogs = await Catalogs.CreateAsync(engine);

            var diff = (await catalogs.ImportAsync(Catalogs.Sample(sample))).Value;

            diff.Changes.ShouldAllBe(c => c.Change == CatalogChangeKind.Added);
            Encoding.UTF8.GetString(await catalogs.ExportAsync()).ShouldBe(Encoding.UTF8.GetString(Catalogs.Sample(sample)));
            (await catalogs.ImportAsync(Catalogs.Sample(sample))).Value.Changes.ShouldBeEmpty();
        }
    }

    [Theory, BothEngines]
    public async Task Tells_beforehand_what_it_then_does(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");
        await catalogs.ArchiveAsync(CatalogKind.Feature, "ACME_ARCHIVE");
        var before = await catalogs.ExportAsync();
        var file = Encoding.UTF8.GetBytes(Text("vendor")
            .Replace("\"Unlimited mailboxes\"", "\"Mailboxes without limit\"", StringComparison.Ordinal)
            .Replace("\"50_MAILBOXES\"", "\"60_MAILBOXES\"", StringComparison.Ordinal));

        var preview = (await catalogs.PreviewAsync(file)).Value;
        (await catalogs.ExportAsync()).ShouldBe(before);
        var done = (await catalogs.ImportAsync(file)).Value;

        Lines(done).ShouldBe(Lines(preview));
        Lines(done).ShouldBe(
        [
            "Archived Feature 50_MAILBOXES archivedAt", "Added Feature 60_MAILBOXES ", "Changed Feature UNLIMITED_MAILBOXES name", "PutBack Feature ACME_ARCHIVE archivedAt",
            "Archived ClassFeature ACME_MAILER_3/50_MAILBOXES archivedAt", "Added ClassFeature ACME_MAILER_3/60_MAILBOXES ",
            "Archived ClassFeature ACME_MAILER_3_PERPETUAL/50_MAILBOXES archivedAt", "Added ClassFeature ACME_MAILER_3_PERPETUAL/60_MAILBOXES ",
            "Archived UpgradeOption 50_MAILBOXES/250_MAILBOXES archivedAt", "Archived UpgradeOption 50_MAILBOXES/UNLIMITED_MAILBOXES archivedAt",
            "Added UpgradeOption 60_MAILBOXES/250_MAILBOXES ", "Added UpgradeOption 60_MAILBOXES/UNLIMITED_MAILBOXES ",
        ]);
        (await catalogs.ImportAsync(file)).Value.Changes.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Carries_archived_entries_from_one_database_to_another_without_loss(Engine engine)
    {
        await using var from = await Catalogs.WithSampleAsync(engine, "hosting");
        from.Time.Advance(TimeSpan.FromMilliseconds(86_400_123));
        (await from.ImportAsync(Catalogs.Sample("vendor"))).IsDone.ShouldBeTrue();
        await using var to = await Catalogs.CreateAsync(engine);

        (await to.ImportAsync(await from.ExportAsync())).IsDone.ShouldBeTrue();

        (await to.ExportAsync()).ShouldBe(await from.ExportAsync());
        (await to.ViewAsync()).Class("PLESK_10_PLUS")!.ArchivedAt.ShouldBe(from.Time.GetUtcNow());
        (await from.ImportAsync(await from.ExportAsync())).Value.Changes.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Swaps_one_catalog_for_another_and_back(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "hosting");

        (await catalogs.ImportAsync(Catalogs.Sample("vendor"))).IsDone.ShouldBeTrue();
        (await catalogs.ViewAsync()).Contents.Classes.Where(c => c.ArchivedAt is null).Select(c => c.KeyType).ShouldBe(["ACME_MAILER_3", "ACME_MAILER_3_PERPETUAL"]);
        (await catalogs.ImportAsync(Catalogs.Sample("hosting"))).IsDone.ShouldBeTrue();

        var view = await catalogs.ViewAsync();
        CatalogRules.Check(view, "PLESK_10_PLUS", ["10_DOMAINS"], ["KAV_FOR_PLESK"]).ShouldBeEmpty();
        view.Class("ACME_MAILER_3")!.ArchivedAt.ShouldNotBeNull();
    }

    /// <summary>An option that was archived may contradict what the catalog says by now; nobody can sell it.</summary>
    [Theory, BothEngines]
    public async Task Is_not_held_up_by_archived_relations(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "vendor");
        await catalogs.ArchiveAsync(CatalogKind.UpgradeOption, "50_MAILBOXES/250_MAILBOXES");
        await catalogs.ArchiveAsync(CatalogKind.UpgradeOption, "250_MAILBOXES/UNLIMITED_MAILBOXES");

        (await catalogs.ImportAsync(WithoutUpgrades("vendor").Replace("\"sort\": 20", "\"sort\": 5", StringComparison.Ordinal))).IsDone.ShouldBeTrue();

        (await catalogs.ArchiveAsync(CatalogKind.UpgradeOption, "50_MAILBOXES/250_MAILBOXES", archived: false))
            .Refused().ShouldHaveSingleItem().Code.ShouldBe("catalog.upgrade-against-sort");
    }

    [Theory, BothEngines]
    public async Task Names_the_line_of_a_code_that_an_archived_class_holds(Engine engine)
    {
        await using var catalogs = await Catalogs.WithSampleAsync(engine, "hosting");
        (await catalogs.ImportAsync(Catalogs.Sample("vendor"))).IsDone.ShouldBeTrue();
        var file = Text("vendor").Replace("ACME_ARCHIVE", "PLESK_10_PLUS", StringComparison.Ordinal);

        var error = (await catalogs.ImportAsync(file)).Refused().ShouldHaveSingleItem();

        error.Code.ShouldBe("catalog.code-taken");
        error.Detail.ShouldBe($"Line {LineOf(file, "PLESK_10_PLUS")}: The code PLESK_10_PLUS is already that of a license class");
    }

    /// <summary>Each fault with the text that is put in place of another, its code, the line it is told for, and words of the reason.</summary>
    public static TheoryData<string, string, string, string, string, string> Faults => new()
    {
        { "a comma too many", "\"mandatory\": true", "\"mandatory\": true,", "catalog.file-broken", "      \"mandatory\": true,\n    }", "trailing comma" },
        { "no catalog file", "keygate-catalog/1", "keygate-price-list/1", "catalog.file-format-unknown", "keygate-price-list/1", "\"format\": \"keygate-catalog/1\"" },
        { "a later format", "keygate-catalog/1", "keygate-catalog/2", "catalog.file-format-unknown", "keygate-catalog/2", "\"format\": \"keygate-catalog/1\"" },
        { "a number as text", "\"sort\": 30", "\"sort\": \"30\"", "catalog.file-member-wrong", "\"sort\": \"30\"", "features[2].sort must be a whole number" },
        { "half a number", "\"sort\": 30", "\"sort\": 30.5", "catalog.file-member-wrong", "\"sort\": 30.5", "features[2].sort must be a whole number" },
        { "a huge number", "\"sort\": 30", "\"sort\": 3000000000", "catalog.file-member-wrong", "\"sort\": 3000000000", "features[2].sort must be a whole number" },
        { "a text as number", "\"id\": \"ACME_ARCHIVE\"", "\"id\": 7", "catalog.file-member-wrong", "\"id\": 7", "features[3].id must be a text" },
        { "a flag as number", "\"mandatory\": true", "\"mandatory\": 1", "catalog.file-member-wrong", "\"mandatory\": 1", "featureGroups[0].mandatory must be true or false" },
        { "an unknown word", "\"billType\": \"Purchase\"", "\"billType\": \"gift\"", "catalog.file-member-wrong", "\"gift\"", "licenseClasses[1].billType must be one of Lease, Purchase" },
        { "an unknown member", "\"mandatory\": true", "\"obligatory\": true", "catalog.file-member-wrong", "\"obligatory\"", "featureGroups[0].obligatory is no member of the format" },
        { "a member twice", "\"mandatory\": true", "\"sort\": 10,\n      \"sort\": 11", "catalog.file-member-wrong", "\"sort\": 11", "featureGroups[0].sort is given twice" },
        { "a missing member", "\"id\": \"ACME_ARCHIVE\",", "", "catalog.file-member-wrong", "\"ACME_ARCHIVE_BEFORE\"", "features[3].id is missing" },
        { "a missing list", "\"addOns\": [],", "", "catalog.file-member-wrong", "{", "addOns is missing" },
        { "a list as object", "\"addOns\": []", "\"addOns\": {}", "catalog.file-member-wrong", "\"addOns\": {}", "addOns must be a list" },
        { "an object as text", "\"addOns\": []", "\"addOns\": [\"X\"]", "catalog.file-member-wrong", "\"addOns\": [\"X\"]", "addOns[0] must be an object" },
        { "a moment without zone", "\"mandatory\": true", "\"archivedAt\": \"2026-01-01\"", "catalog.file-member-wrong", "2026-01-01", "must be a moment" },
        { "a malformed code", "\"id\": \"ACME_ARCHIVE\"", "\"id\": \"ACME ARCHIVE\"", "catalog.code-malformed", "ACME ARCHIVE", "id is not a code: ACME ARCHIVE" },
        { "an empty name", "\"Acme Mailer Archive\"", "\"\"", "catalog.value-missing", "\"name\": \"\"", "name is empty" },
        { "a control character", "\"Acme Mailer Archive\"", "\"Acme\\u0000\"", "catalog.value-malformed", "\\u0000", "name holds a control character" },
        { "half a character", "\"Acme Mailer Archive\"", "\"Acme\\ud800\"", "catalog.file-broken", "\\ud800", "half a character" },
        { "a group twice", "\"id\": \"UNLIMITED_MAILBOXES\",", "\"id\": \"UNLIMITED_MAILBOXES\", \"group\": \"NONE\",", "catalog.file-member-wrong", "\"group\": \"MAILBOXES\",\n      \"sort\": 30", "features[2].group is given twice" },
        { "a group that is not there", "\"id\": \"MAILBOXES\"", "\"id\": \"BOXES\"", "catalog.group-unknown", "\"group\": \"MAILBOXES\"", "The feature 50_MAILBOXES is of the group MAILBOXES, which the catalog does not have" },
        { "an archived group in use", "\"mandatory\": true", "\"archivedAt\": \"2026-01-01T00:00:00.000Z\"", "catalog.group-in-use", "\"group\": \"MAILBOXES\"", "The feature 50_MAILBOXES is in use and its group MAILBOXES is archived" },
        { "a key type twice", "\"keyType\": \"ACME_MAILER_3_PERPETUAL\"", "\"keyType\": \"ACME_MAILER_3\"", "catalog.code-taken", "\"keyType\": \"ACME_MAILER_3\",\n      \"name\": \"Acme Mailer 3, perpetual\"", "The code ACME_MAILER_3 is already that of a license class" },
        { "a feature with a class's code", "\"id\": \"ACME_ARCHIVE\"", "\"id\": \"ACME_MAILER_3\"", "catalog.code-taken", "\"id\": \"ACME_MAILER_3\"", "The code ACME_MAILER_3 is already that of a license class" },
        { "a feature of an unknown class", "      \"classes\": [\n        \"ACME_MAILER_3\",", "      \"classes\": [\n        \"NONE\",", "catalog.class-unknown", "\"NONE\"", "belongs to the license class NONE, which the catalog does not have" },
        { "a class twice", "      \"classes\": [\n        \"ACME_MAILER_3\",", "      \"classes\": [\n        \"ACME_MAILER_3_PERPETUAL\",", "catalog.code-taken", "        \"ACME_MAILER_3_PERPETUAL\"\n", "The feature of a class ACME_MAILER_3_PERPETUAL/50_MAILBOXES is in the catalog already" },
        { "an add-on that is not additional", "\"addOns\": []", "\"addOns\": [{\"parent\": \"ACME_MAILER_3\",\n\"addOn\": \"ACME_MAILER_3_PERPETUAL\"}]", "catalog.add-on-not-additional", "\"addOn\": \"", "is not additional and cannot be an add-on of ACME_MAILER_3" },
        { "an add-on of nothing", "\"addOns\": []", "\"addOns\": [\n{\"parent\": \"NONE\", \"addOn\": \"NEITHER\"}]", "catalog.class-unknown", "\"parent\": \"NONE\"", "The catalog has no license class NONE" },
        { "an upgrade across groups", "\"to\": \"250_MAILBOXES\"", "\"to\": \"ACME_ARCHIVE\"", "catalog.upgrade-across-groups", "\"to\": \"ACME_ARCHIVE\"", "50_MAILBOXES is of the group MAILBOXES and ACME_ARCHIVE of none" },
        { "an upgrade against the sort numbers", "\"sort\": 20", "\"sort\": 5", "catalog.upgrade-against-sort", "\"to\": \"250_MAILBOXES\"", "50_MAILBOXES has the sort number 10 and 250_MAILBOXES 5, which is no upgrade" },
        { "an upgrade from nothing", "\"from\": \"250_MAILBOXES\"", "\"from\": \"NONE\"", "catalog.upgrade-end-unknown", "\"from\": \"NONE\"", "starts at NONE, which the catalog does not have" },
        { "an upgrade of a feature to a class", "\"to\": \"250_MAILBOXES\"", "\"to\": \"ACME_MAILER_3\"", "catalog.upgrade-mixed", "\"to\": \"ACME_MAILER_3\"", "does not lead from one thing to another of the same sort" },
        { "an upgrade to itself", "\"to\": \"250_MAILBOXES\"", "\"to\": \"50_MAILBOXES\"", "catalog.upgrade-mixed", "\"to\": \"50_MAILBOXES\"", "does not lead from one thing to another of the same sort" },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task Refuses_a_faulty_file_with_line_and_reason_and_writes_nothing(string what, string replaced, string by, string code, string place, string reason)
    {
        var good = Text("vendor");
        var at = good.IndexOf(replaced, StringComparison.Ordinal);
        at.ShouldBeGreaterThan(0, what);
        var file = good[..at] + by + good[(at + replaced.Length)..];
        await using var catalogs = await Catalogs.WithSampleAsync(Engine.Sqlite, "hosting");
        var before = await catalogs.ExportAsync();

        var errors = (await catalogs.ImportAsync(file)).Refused();

        var error = errors[0];
        error.Code.ShouldBe(code, error.Detail);
        error.Detail.ShouldContain(reason);
        error.Detail.ShouldStartWith($"Line {ExpectedLine(what, file, place)}: ");
        (await catalogs.ExportAsync()).ShouldBe(before);
        (await catalogs.PreviewAsync(Encoding.UTF8.GetBytes(file))).Refused().Select(e => e.ToString()).ShouldBe(errors.Select(e => e.ToString()));
    }

    [Fact]
    public void Tells_all_faults_of_one_sort_at_once()
    {
        var file = Text("vendor").Replace("\"sort\": 20", "\"sort\": true", StringComparison.Ordinal).Replace("\"mandatory\": true", "\"mandatory\": 1", StringComparison.Ordinal)
            .Replace("\"enabled\": true", "\"on\": true", StringComparison.Ordinal);

        CatalogFile.Read(Encoding.UTF8.GetBytes(file)).Refused().Select(e => e.Field).ShouldBe(
            ["featureGroups[0].mandatory", "features[1].sort", "upgradeOptions[0].on", "upgradeOptions[1].on", "upgradeOptions[2].on"]);
    }

    [Fact]
    public void Refuses_a_file_that_ends_anywhere_before_its_end()
    {
        var file = Catalogs.Sample("vendor");

        for (var length = 0; length < file.Length - 2; length += 7)
        {
            var error = CatalogFile.Read(file.AsMemory(0, length)).Refused().ShouldHaveSingleItem();
            error.Code.ShouldBe("catalog.file-broken");
            var lines = file.AsSpan(0, length).Count((byte)'\n') + 1;
            error.Detail.ShouldStartWith($"Line {lines}: ", customMessage: $"cut after {length} bytes");
        }
    }

    [Fact]
    public void Never_fails_on_garbage()
    {
        var file = Catalogs.Sample("vendor");
        for (var seed = 0; seed < 500; seed++)
        {
            var chance = new Random(seed);
            var broken = file.ToArray();
            for (var i = chance.Next(1, 4); i > 0; i--)
            {
                broken[chance.Next(broken.Length)] = (byte)chance.Next(256);
            }

            var result = CatalogFile.Read(broken);
            if (!result.IsDone)
            {
                result.Refused().ShouldAllBe(e => e.Detail.StartsWith("Line "), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Names_the_line_that_is_not_UTF_8()
    {
        var file = Catalogs.Sample("vendor");
        file[Text("vendor").IndexOf("Acme Mailer Archive", StringComparison.Ordinal)] = 0xFF;

        CatalogFile.Read(file).Refused().ShouldHaveSingleItem().Detail.ShouldBe($"Line {LineOf(Text("vendor"), "Acme Mailer Archive")}: the text is not UTF-8");
    }

    [Fact]
    public void Refuses_a_file_that_is_too_large() =>
        CatalogFile.Read(new byte[CatalogFile.BytesMax + 1]).Refused().ShouldHaveSingleItem().Code.ShouldBe("catalog.file-too-large");

    [Fact]
    public void Reads_a_file_with_byte_order_mark_and_carriage_returns() =>
        CatalogFile.Read(Encoding.UTF8.GetBytes('\uFEFF' + Text("vendor").Replace("\n", "\r\n", StringComparison.Ordinal))).IsDone.ShouldBeTrue();

    [Fact]
    public void Fills_in_what_may_be_left_out()
    {
        var catalog = CatalogFile.Read(
            """
            {"format": "keygate-catalog/1", "featureGroups": [{"id": "G", "description": "Group"}],
             "licenseClasses": [{"keyType": "A", "name": "A 1", "product": "A", "billType": "lease", "apsLicenseType": null},
                                {"keyType": "B", "name": "B 1", "product": "B", "billType": "Purchase"}],
             "features": [{"id": "F", "name": "F"}], "addOns": [], "upgradeOptions": [{"from": "A", "to": "B", "plan": "A_TO_B"}]}
            """u8.ToArray()).Value.Catalog;

        catalog.Groups.ShouldBe([new FeatureGroup { Id = "G", Description = "Group", Sort = 0, Mandatory = false }]);
        catalog.Classes[0].ShouldBe(new LicenseClass { KeyType = "A", Name = "A 1", Product = "A", BillType = BillType.Lease, Activation = Activation.None });
        catalog.Features.ShouldBe([new Feature { Id = "F", Name = "F" }]);
        catalog.UpgradeOptions.ShouldBe([new UpgradeOption { From = "A", To = "B", Plan = "A_TO_B", Type = UpgradeType.Upgrade, Enabled = true }]);
    }

    [Fact]
    public void Reads_back_whatever_catalog_it_wrote()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var catalog = RandomCatalog.Of(seed);
            CatalogShape.Check(catalog).ShouldBeEmpty($"seed {seed}");

            var read = CatalogFile.Read(CatalogFileWriter.Write(catalog));

            read.IsDone.ShouldBeTrue($"seed {seed}: {read.Error}");
            CatalogContents.Of(read.Value.Catalog.Entries).Entries.ShouldBe(catalog.Entries, $"seed {seed}");
        }
    }

    [Theory, BothEngines]
    public async Task Turns_any_catalog_into_any_other_without_loss(Engine engine)
    {
        await using var catalogs = await Catalogs.CreateAsync(engine);
        for (var seed = 1000; seed < 1012; seed++)
        {
            var file = CatalogFileWriter.Write(RandomCatalog.Of(seed));

            (await catalogs.ImportAsync(file)).IsDone.ShouldBeTrue($"seed {seed}");

            var stored = (await catalogs.ViewAsync()).Contents;
            stored.Entries.Where(e => RandomCatalog.Of(seed).Find(e.Kind, e.Key) is not null).ShouldBe(RandomCatalog.Of(seed).Entries, $"seed {seed}");
            stored.Entries.Where(e => RandomCatalog.Of(seed).Find(e.Kind, e.Key) is null).ShouldAllBe(e => e.ArchivedAt != null, $"seed {seed}");
            (await catalogs.ImportAsync(file)).Value.Changes.ShouldBeEmpty($"seed {seed}");
            (await catalogs.ImportAsync(await catalogs.ExportAsync())).Value.Changes.ShouldBeEmpty($"seed {seed}");
        }
    }

    private static IEnumerable<string> Lines(CatalogDiff diff) => diff.Changes.Select(c => $"{c.Change} {c.Kind} {c.Code} {string.Join(',', c.Fields)}");

    private static string Text(string sample) => Encoding.UTF8.GetString(Catalogs.Sample(sample));

    private static string WithoutUpgrades(string sample)
    {
        var text = Text(sample);
        return text[..text.IndexOf("\"upgradeOptions\"", StringComparison.Ordinal)] + "\"upgradeOptions\": []}";
    }

    private static int LineOf(string file, string place) => file[..file.IndexOf(place, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    // Where the fault is told for another line than that of the words which cause it.
    private static int ExpectedLine(string what, string file, string place) => what switch
    {
        "a comma too many" => LineOf(file, place) + 1,
        "a missing member" => LineOf(file, "\"name\": \"Acme Mailer Archive\"") - 2,
        "a class twice" => LineOf(file, "\"50_MAILBOXES\"") + 6,
        _ => LineOf(file, place),
    };
}
