using System.Net;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.SyncLicense;

/// <summary>What stands here beside what the issuer has: one license, a selection, all, daily; each difference a sentence, with its cures.</summary>
public sealed class SyncLicenseTests
{
    private const string Product = LicensingHouse.PanelProduct, AddOn = LicensingHouse.Antivirus;

    [Theory, BothEngines]
    public async Task Each_difference_is_one_sentence_field_by_field(Engine engine)
    {
        var books = new IssuerBooks(streaming: false);
        await using var house = await StartAsync(engine, books);
        var id = await house.BroughtToAsync(LicenseState.Installed, Product, r => r["addOns"] = new JsonArray(AddOn));
        var never = await house.GetAsync($"licenses/{id}/sync");
        var same = await house.PostAsync($"licenses/{id}/sync");
        var number = await NumberAsync(house, id);

        books.Change(number, k => k with
        {
            KeyType = "PLESK_12", BillType = BillType.Purchase, Suspended = true,
            Issued = k.Issued with { KeyNumber = Revised(number, 2), ExpirationDate = new DateOnly(2026, 5, 11), UpdateDate = new DateOnly(2026, 5, 1), AdditionalKeys = [new AdditionalKey("EXTR.00000077.0000", "SPAM_FILTER", null, null)] },
        });
        var found = await house.PostAsync($"licenses/{id}/sync");

        ((string)never["status"]!, (string)same["status"]!, (string)found["status"]!).ShouldBe(("NeverCompared", "InSync", "NotInSync"));
        Sentences(found).ShouldBe(
        [
            "Different State in Business Automation and in KA: live here, suspended there.",
            "Different Key Type in Business Automation and in KA: PLESK_10 here, PLESK_12 there.",
            "Different Billing Type in Business Automation and in KA: Lease here, Purchase there.",
            $"Different Key Revision in Business Automation and in KA: {number} here, {Revised(number, 2)} there.",
            "Different Expiration Date in Business Automation and in KA: 2026-03-11 here, 2026-05-11 there.",
            "Different Update Date in Business Automation and in KA: 2026-03-01 here, 2026-05-01 there.",
            "Different Additional License in Business Automation and in KA: EXTR.00000077.0000 (SPAM_FILTER) is there and not here.",
            $"Different Additional License in Business Automation and in KA: ADDK.00000001.0000 (ANTIVIRUS), license {id + 1}, is here and not there.",
        ]);
        found["differences"]!.AsArray().ShouldAllBe(d => d!["remedy"]!.ToString().Length > 0 && d["cures"]!.AsArray().Count > 0);
        ((string)(await house.LicenseAsync(id))["status"]!).ShouldBe("Installed", "a license that is not in sync stays usable");
        (await house.GetAsync("licenses/not-in-sync"))["items"]!.AsArray().Count.ShouldBe(1);
        (await house.Database.ReadAsync(s => s.GetAsync<string>("select shown from license_syncs", null, default), default)).ShouldNotContain("A00000-SECRET");
    }

    [Theory, BothEngines]
    public async Task The_issuers_is_taken_and_what_is_ignored_stays_so_while_it_stays_the_same(Engine engine)
    {
        var books = new IssuerBooks(streaming: false);
        await using var house = await StartAsync(engine, books);
        var id = await house.BroughtToAsync(LicenseState.Installed, Product);
        var number = await NumberAsync(house, id);
        books.Change(number, k => k with
        {
            KeyType = "PLESK_12", Suspended = true,
            Issued = k.Issued with { KeyNumber = Revised(number, 1), ExpirationDate = new DateOnly(2026, 4, 11), UpdateDate = new DateOnly(2026, 4, 1), AdditionalKeys = [new AdditionalKey("EXTR.00000077.0000", "SPAM_FILTER", null, null)] },
        });
        await house.PostAsync($"licenses/{id}/sync");

        Sentences(await ResolveAsync(house, id, "ExpirationDate", "Take")).Count.ShouldBe(3, "number and dates go together");
        await house.UntilAsync(id, l => l["goingOn"] is null);
        Sentences(await ResolveAsync(house, id, "AdditionalLicense", "Take")).Count.ShouldBe(2);
        Sentences(await ResolveAsync(house, id, "KeyType", "Take")).Count.ShouldBe(1);
        await house.RefusedAsync($"licenses/{id}/sync/resolve", Resolve("State", "Ignore"), HttpStatusCode.BadRequest, "licensing.reason-missing");
        var ignored = await ResolveAsync(house, id, "State", "Ignore", "The issuer knows");
        var again = await house.PostAsync($"licenses/{id}/sync");

        var license = await house.LicenseAsync(id);
        ((string)license["keyNumber"]!, (string)license["license"]!["expirationDate"]!).ShouldBe((Revised(number, 1), "2026-04-11"));
        (await house.GetAsync($"licenses/{id}"))["file"]!["keyNumber"]!.ToString().ShouldBe(Revised(number, 1), "the present file was fetched");
        house.Installer.Installed.Count.ShouldBe(2, "and put in the place of the old one");
        var addOn = license["addOns"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)addOn["keyNumber"]!, (bool)addOn["ordered"]!).ShouldBe(("EXTR.00000077.0000", false));
        ((string)ignored["status"]!, (string)again["status"]!).ShouldBe(("InSync", "InSync"));
        ((string)again["differences"]![0]!["ignored"]!).ShouldStartWith("The issuer knows (");
        books.Change(number, k => k with { KeyType = "PLESK_17" });
        Sentences(await house.PostAsync($"licenses/{id}/sync")).ShouldContain("Different Key Type in Business Automation and in KA: PLESK_10 here, PLESK_17 there.");
    }

    [Theory, BothEngines]
    public async Task A_termination_at_the_issuer_is_a_proposal_and_one_that_only_stands_here_is_restored(Engine engine)
    {
        var books = new IssuerBooks(streaming: false);
        await using var house = await StartAsync(engine, books);
        var (there, here) = (await house.BroughtToAsync(LicenseState.Issued, Product), await house.BroughtToAsync(LicenseState.Issued, Product));
        books.Change(await NumberAsync(house, there), k => k with { Issued = k.Issued with { Terminated = true } });
        await house.PostAsync($"licenses/{here}/record-terminated");

        Sentences(await house.PostAsync($"licenses/{there}/sync")).ShouldBe(["Different State in Business Automation and in KA: live here, terminated there."]);
        Sentences(await house.PostAsync($"licenses/{here}/sync")).ShouldBe(["Different State in Business Automation and in KA: terminated here, live there."]);
        ((string)(await house.LicenseAsync(there))["status"]!).ShouldBe("Issued", "nothing follows by itself");
        (await house.RefusedAsync($"licenses/{there}/sync/resolve", Resolve("State", "Restore"), HttpStatusCode.Conflict, "licensing.no-such-difference")).ShouldContain("Possible: Take, Ignore");
        await ResolveAsync(house, there, "State", "Take");
        var restored = await ResolveAsync(house, here, "State", "Restore");

        ((string)(await house.LicenseAsync(there))["status"]!).ShouldBe("Terminated");
        ((string)restored["status"]!).ShouldBe("InSync");
        books.Keys.Values.ShouldAllBe(k => k.Issued.Terminated);
    }

    [Theory, BothEngines]
    public async Task A_pass_over_a_stream_finds_unknown_keys_on_both_sides_and_asks_for_no_single_one(Engine engine)
    {
        var books = new IssuerBooks(streaming: true);
        await using var house = await StartAsync(engine, books);
        var ids = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await house.BroughtToAsync(LicenseState.Issued, Product));
        }

        books.Keys.TryRemove((await NumberAsync(house, ids[2]))[..^5], out _).ShouldBeTrue();
        var stray = books.Make(Product);
        books.Make(Product, terminated: true);
        var started = await house.PostAsync("licenses/sync", new JsonObject());
        var run = await UntilEndedAsync(house, (int)started["runs"]!.AsArray().Single(r => (int)r!["issuer"]! == house.IssuerId)!["id"]!);

        ((int)run["compared"]!, (int)run["differing"]!, (int)run["strays"]!).ShouldBe((5, 1, 1));
        (books.Shown, books.Pages).ShouldBe((0, 4));
        var differing = (await house.GetAsync("licenses/not-in-sync"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)differing["license"]!).ShouldBe(ids[2]);
        Sentences(differing).ShouldHaveSingleItem().ShouldContain("is here and not in KA");
        ((string)(await house.GetAsync($"licenses/{ids[0]}/sync"))["status"]!).ShouldBe("InSync");
        var strays = (await house.GetAsync("stray-keys"))["items"]!.AsArray();
        strays.Select(k => (string)k!["keyNumber"]!).ShouldBe([stray]);
        ((string)(await house.PostAsync($"stray-keys/{strays[0]!["id"]}/ignore", new JsonObject { ["reason"] = "For tests" }))["ignored"]!).ShouldStartWith("For tests (");
        (await house.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from license_syncs", null, default), default)).ShouldBe(1, "what is in sync needs no row");

        // The next day's pass, by itself.
        books.Keys.TryRemove(stray[..^5], out _);
        await house.Time.AfterAsync(house.Database, TimeSpan.FromHours(26));
        await house.UntilAsync("sync-runs", r => r["items"]!.AsArray().Count(i => (int)i!["issuer"]! == house.IssuerId && i["endedAt"] is not null) == 2);
        (await house.GetAsync("stray-keys"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Without_a_stream_keys_are_read_one_by_one_a_selection_too(Engine engine)
    {
        var books = new IssuerBooks(streaming: false);
        await using var house = await StartAsync(engine, books);
        var (one, two, three) = (await house.BroughtToAsync(LicenseState.Issued, Product), await house.BroughtToAsync(LicenseState.Issued, Product), await house.BroughtToAsync(LicenseState.Issued, Product));
        books.Change(await NumberAsync(house, two), k => k with { Suspended = true });

        var selection = await house.PostAsync("licenses/sync", new JsonObject { ["ids"] = new JsonArray(one, two) });
        var chosen = await UntilEndedAsync(house, (int)selection["runs"]![0]!["id"]!);
        var shown = books.Shown;
        var untouched = (string)(await house.GetAsync($"licenses/{three}/sync"))["status"]!;
        var all = await UntilEndedAsync(house, (int)(await house.PostAsync("licenses/sync", new JsonObject { ["issuer"] = house.IssuerId }))["runs"]![0]!["id"]!);

        ((int)chosen["compared"]!, (int)chosen["differing"]!, shown, untouched).ShouldBe((2, 1, 2, "NeverCompared"));
        ((int)all["compared"]!, (int)all["differing"]!, books.Shown).ShouldBe((3, 1, 5));
        ((string)(await house.GetAsync($"licenses/{three}/sync"))["status"]!).ShouldBe("InSync");
    }

    [Fact]
    public async Task What_cannot_be_compared_says_why()
    {
        await using var house = await LicensingHouse.StartAsync(Engine.Sqlite);
        var pending = await house.RequestAsync(Product);
        var issued = await house.BroughtToAsync(LicenseState.Issued, Product);

        await house.RefusedAsync($"licenses/{pending}/sync", null, HttpStatusCode.Conflict, "licensing.nothing-to-compare");
        (await house.RefusedAsync($"licenses/{issued}/sync", null, HttpStatusCode.Conflict, "licensing.cannot-compare")).ShouldContain("shows no keys");
        await house.RefusedAsync("licenses/sync", new JsonObject { ["ids"] = new JsonArray(4711) }, HttpStatusCode.NotFound, "licensing.not-found");
    }

    private static async Task<LicensingHouse> StartAsync(Engine engine, IssuerBooks books)
    {
        var house = await LicensingHouse.StartAsync(engine, books);
        await house.UseIssuerAsync(books.Manifest.Kind);
        return house;
    }

    private static async Task<JsonNode> UntilEndedAsync(LicensingHouse house, int run)
    {
        var runs = await house.UntilAsync("sync-runs", r => r["items"]!.AsArray().Any(i => (int)i!["id"]! == run && i["endedAt"] is not null));
        return runs["items"]!.AsArray().Single(i => (int)i!["id"]! == run)!;
    }

    private static async Task<string> NumberAsync(LicensingHouse house, int id) => (string)(await house.LicenseAsync(id))["keyNumber"]!;

    private static string Revised(string number, int revision) => FormattableString.Invariant($"{number[..^4]}{revision:0000}");

    private static IReadOnlyList<string> Sentences(JsonNode sync) => [.. sync["differences"]!.AsArray().Select(d => (string)d!["sentence"]!)];

    private static JsonObject Resolve(string field, string cure, string? reason = null) => new() { ["field"] = field, ["cure"] = cure, ["reason"] = reason };

    private static Task<JsonNode> ResolveAsync(LicensingHouse house, int id, string field, string cure, string? reason = null) =>
        house.PostAsync($"licenses/{id}/sync/resolve", Resolve(field, cure, reason));
}
