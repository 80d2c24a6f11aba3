using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing;

public sealed class ByHandTests
{
    private const string Base = "PLSK.00000001.0000";
    private const string AddOn = "KAV.00000002.0000";

    [Theory, BothEngines]
    public async Task A_request_to_an_offline_issuer_waits_for_the_upload_and_goes_on_by_itself(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await RequestedAsync(house, PanelProduct);
        await house.StartAsync(id, Until.Installed);

        var waiting = await house.LicenseAsync(id);
        ((string)waiting["status"]!).ShouldBe("Pending");
        ((string)waiting["goingOn"]!["state"]!).ShouldBe("waiting");
        ((string)waiting["goingOn"]!["why"]!).ShouldContain("waits for an upload: 'By mail' has no connection");
        waiting["possible"]!.AsArray().Select(p => (string)p!).ShouldBe(["Upload"]);

        var answer = await house.PostAsync($"licenses/{id}/upload", Upload(File($"{Base}.xml", "<key/>")));

        ((bool)answer["changed"]!).ShouldBeTrue();
        await house.UntilStateAsync(id, LicenseState.Installed);
        house.Installer.Installed.ShouldHaveSingleItem().Files.ShouldHaveSingleItem().KeyNumber.ShouldBe(Base);
        house.Issuer.Asked.ShouldBeEmpty();
        (await house.HistoryAsync(id)).Select(h => h.To).ShouldBe(["Pending", "Uploaded", "Installing", "Installed"]);
    }

    [Theory, BothEngines]
    public async Task Takes_base_and_additional_files_out_of_a_zip_and_gives_them_back_in_one(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await RequestedAsync(house, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        var zip = Zip(($"in/{Base}.xml", Own("PLSK.00000001", PanelProduct)), ($"{AddOn}.xml", Own("KAV.00000002", Antivirus)));

        await house.PostAsync($"licenses/{id}/upload", Upload(File("keys.zip", zip)));

        var uploaded = await house.LicenseAsync(id);
        ((string)uploaded["status"]!).ShouldBe("Uploaded");
        ((string)uploaded["keyNumber"]!).ShouldBe(Base);
        ((string)uploaded["license"]!["expirationDate"]!).ShouldBe("2027-01-31");
        ((string)uploaded["addOns"]![0]!["keyNumber"]!).ShouldBe(AddOn);
        using var back = new ZipArchive(new MemoryStream(await house.BytesAsync($"licenses/{id}/files")));
        back.Entries.Select(e => e.FullName).ShouldBe([$"{Base}.xml", $"{AddOn}.xml"]);
        await house.DoAsync(id, "install", LicenseState.Installed);
        house.Installer.Installed.ShouldHaveSingleItem().Files.Count.ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task Says_all_faults_at_once_and_does_nothing_by_halves(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await RequestedAsync(house, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        var bomb = Zip(("PLSK.00000009.0000.xml", new string(' ', 900_000)));

        var refusal = await house.RefusedAsync(
            $"licenses/{id}/upload",
            Upload(File($"{Base}.xml", Own("PLSK.00000001", PanelProduct)), File("KAV.1.0000.xml", "<key>"), File("license.key", "x"), File("bomb.zip", bomb), File("blank.xml", " ")),
            HttpStatusCode.BadRequest, "licensing.upload-unfit");

        refusal.ShouldContain("is not well-formed XML");
        refusal.ShouldContain("Neither 'license.key' nor its name tells the key number");
        refusal.ShouldContain("unpacks to more than");
        await house.RefusedAsync($"licenses/{id}/upload", Upload(File($"{Base}.xml", Own("PLSK.00000001", PanelProduct))), HttpStatusCode.BadRequest, "There is no file for Anti-virus");
        await house.RefusedAsync(
            $"licenses/{id}/upload", Upload(File($"{Base}.xml", Own("PLSK.00000001", Bought))), HttpStatusCode.BadRequest, "no file of it is wanted");
        ((string)(await house.LicenseAsync(id))["status"]!).ShouldBe("Pending");
        (await house.HistoryAsync(id)).ShouldHaveSingleItem();
        await house.GetAsync($"licenses/{id}/file", HttpStatusCode.Conflict);
    }

    [Theory, BothEngines]
    public async Task The_same_contents_again_change_nothing_and_others_need_replace(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await RequestedAsync(house, PanelProduct);
        await house.PostAsync($"licenses/{id}/upload", Upload(File($"{Base}.xml", "<key/>")));

        ((bool)(await house.PostAsync($"licenses/{id}/upload", Upload(File($"{Base}.xml", "<key/>"))))["changed"]!).ShouldBeFalse();
        (await house.HistoryAsync(id)).Count.ShouldBe(2);
        var other = Upload(File("PLSK.00000001.0001.xml", "<key>1</key>"));
        await house.RefusedAsync($"licenses/{id}/upload", other.DeepClone(), HttpStatusCode.Conflict, "licensing.upload-differs");
        other["replace"] = true;
        await house.PostAsync($"licenses/{id}/upload", other);

        ((string)(await house.LicenseAsync(id))["keyNumber"]!).ShouldBe("PLSK.00000001.0001");
        (await house.HistoryAsync(id))[^1].What.ShouldContain($"in the place of {Base}");
        var twice = await RequestedAsync(house, Bought);
        await house.RefusedAsync($"licenses/{twice}/upload", Upload(File($"{Base}.xml", "<key/>")), HttpStatusCode.BadRequest, "belongs to another license here");
    }

    [Theory, BothEngines]
    public async Task An_issuer_with_a_connection_takes_no_upload_for_its_request_but_stock_can_be_made(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.RequestAsync(PanelProduct);
        await house.RefusedAsync($"licenses/{id}/upload", Upload(File($"{Base}.xml", "<key/>")), HttpStatusCode.Conflict, "licensing.upload-not-here");
        (await house.LicenseAsync(id))["possible"]!.AsArray().Select(p => (string)p!).ShouldBe(["Issue"]);

        var body = Upload(File($"{Base}.xml", "<key/>"));
        body["license"] = new JsonObject { ["keyType"] = PanelProduct, ["issuer"] = house.IssuerId };
        var stock = (int)(await house.PostAsync("licenses/upload", body))["licenseId"]!;

        var license = await house.LicenseAsync(stock);
        ((string)license["status"]!).ShouldBe("Uploaded");
        license["license"]!["subscriptionId"].ShouldBeNull();
        house.Issuer.Asked.ShouldBeEmpty();
        (await house.ListAsync("status=Uploaded")).ShouldBe([stock]);
    }

    /// <summary>What tells no end would be Installed for ever, and what is over would be Expired at once: neither is what the customer pays for.</summary>
    [Theory, BothEngines]
    public async Task A_lease_needs_an_end_that_is_to_come_and_a_purchase_none(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await RequestedAsync(house, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        var endless = Ending("", File($"{Base}.key", "mine"), File($"{AddOn}.xml", Own("KAV.00000002", Antivirus)));
        endless["keys"] = new JsonArray(new JsonObject { ["keyNumber"] = Base, ["keyType"] = PanelProduct });

        var refusal = await house.RefusedAsync($"licenses/{id}/upload", endless.DeepClone(), HttpStatusCode.BadRequest, "licensing.upload-unfit");

        refusal.ShouldContain($"does not tell until when it is valid, and license {id} (Plesk 10) is a Lease.");
        refusal.ShouldContain("\"expirationDate\"");
        endless["expirationDate"] = "2026-02-01";
        await house.RefusedAsync($"licenses/{id}/upload", endless.DeepClone(), HttpStatusCode.BadRequest, "is valid until 2026-02-01, which is over.");
        ((string)(await house.LicenseAsync(id))["status"]!).ShouldBe("Pending");

        endless["expirationDate"] = "2026-02-02";
        await house.PostAsync($"licenses/{id}/upload", endless.DeepClone());

        var uploaded = await house.LicenseAsync(id);
        ((string)uploaded["license"]!["expirationDate"]!, (string)uploaded["addOns"]![0]!["expirationDate"]!).ShouldBe(("2026-02-02", "2027-01-31"));

        // The same again needs no word, not even when it is over.
        endless.Remove("expirationDate");
        house.Time.Advance(TimeSpan.FromDays(3));
        ((bool)(await house.PostAsync($"licenses/{id}/upload", endless))["changed"]!).ShouldBeFalse();
        var bought = await RequestedAsync(house, Bought);
        await house.PostAsync($"licenses/{bought}/upload", Ending("", File("SB.00000003.0000.key", "mine")));
        (await house.LicenseAsync(bought))["license"]!["expirationDate"].ShouldBeNull();
    }

    [Theory, BothEngines]
    public async Task One_zip_brings_the_keys_of_several_requests_all_or_none(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var first = await RequestedAsync(house, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        var second = await RequestedAsync(house, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        await house.StartAsync(second, Until.Installed);
        var keys = new[] { ("PLSK.00000011.0000.xml", Own("PLSK.00000011", PanelProduct)), ("KAV.00000012.0000.xml", Own("KAV.00000012", Antivirus)), ("PLSK.00000013.0000.xml", Own("PLSK.00000013", PanelProduct)) };
        var tooFew = Upload(File("keys.zip", Zip(keys)));
        tooFew["licenses"] = new JsonArray(first, second);
        await house.RefusedAsync("license-requests/upload", tooFew, HttpStatusCode.BadRequest, $"There is no file for Anti-virus for Plesk (ANTIVIRUS) of license {second + 1}.");
        (await house.ListAsync("status=Pending")).Length.ShouldBe(4);

        var body = Upload(File("keys.zip", Zip([.. keys, ("KAV.00000014.0000.xml", Own("KAV.00000014", Antivirus))])));
        body["licenses"] = new JsonArray(first, second);
        var answer = await house.PostAsync("license-requests/upload", body.DeepClone());

        answer["items"]!.AsArray().Select(i => string.Join(' ', i!["keys"]!.AsArray())).ShouldBe(["PLSK.00000011.0000 KAV.00000012.0000", "PLSK.00000013.0000 KAV.00000014.0000"]);
        ((string)(await house.LicenseAsync(first))["status"]!).ShouldBe("Uploaded");
        await house.UntilStateAsync(second, LicenseState.Installed);
        house.Installer.Installed.ShouldHaveSingleItem().Files.Select(f => f.KeyNumber).ShouldBe(["PLSK.00000013.0000", "KAV.00000014.0000"]);
        body["licenses"] = new JsonArray(second, first);
        (await house.PostAsync("license-requests/upload", body))["items"]!.AsArray().Select(i => (bool)i!["changed"]!).ShouldBe([false, false]);
    }

    /// <summary>The Key Administrator's own files tell number, key type, features and dates.</summary>
    [Theory, BothEngines]
    public async Task Files_of_a_key_administrator_are_checked_against_what_was_asked_for(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var small = await RequestedAsync(house, PanelProduct, r => r["features"] = new JsonArray("10_DOMAINS"));
        var big = await RequestedAsync(house, PanelProduct, r => r["features"] = new JsonArray("30_DOMAINS"));
        await house.RefusedAsync($"licenses/{small}/upload", Upload(File("a.xml", Foreign("PLSK.00000021", Bought))), HttpStatusCode.BadRequest, $"'a.xml' is of key type {Bought}; no file of it is wanted");
        var both = Upload(File("a.xml", Foreign("PLSK.00000021", PanelProduct, "30_DOMAINS")), File("b.xml", Foreign("PLSK.00000022", PanelProduct, "10_DOMAINS")));
        both["licenses"] = new JsonArray(small, big);

        await house.PostAsync("license-requests/upload", both);

        var uploaded = await house.LicenseAsync(small);
        ((string)uploaded["keyNumber"]!, (string)uploaded["license"]!["expirationDate"]!, (string)uploaded["license"]!["updateDate"]!).ShouldBe(("PLSK.00000022.0007", "2027-01-31", "2027-01-21"));
        ((string)(await house.LicenseAsync(big))["keyNumber"]!).ShouldBe("PLSK.00000021.0007");

        // What the file calls its key type is a person's to translate.
        var other = await RequestedAsync(house, PanelProduct);
        var translated = Upload(File("c.xml", Foreign("PLSK.00000023", "PLESK_TEN")));
        await house.RefusedAsync($"licenses/{other}/upload", translated.DeepClone(), HttpStatusCode.BadRequest, "licensing.upload-unfit");
        translated["keys"] = new JsonArray(new JsonObject { ["keyNumber"] = "PLSK.00000023.0007", ["keyType"] = PanelProduct });
        await house.PostAsync($"licenses/{other}/upload", translated);
    }

    [Theory, BothEngines]
    public async Task Files_that_do_not_tell_which_of_different_licenses_they_are_for_need_a_word(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var small = await RequestedAsync(house, PanelProduct, r => r["features"] = new JsonArray("10_DOMAINS"));
        var big = await RequestedAsync(house, PanelProduct, r => r["features"] = new JsonArray("30_DOMAINS"));
        var body = Upload(File("PLSK.00000031.0000.xml", "<key/>"), File("PLSK.00000032.0000.xml", "<key/>"));
        body["licenses"] = new JsonArray(small, big);
        await house.RefusedAsync("license-requests/upload", body.DeepClone(), HttpStatusCode.BadRequest, $"does not tell which of the licenses {small}, {big} it is for");
        JsonObject KeyOf(string number, int license) => new() { ["keyNumber"] = number, ["licenseId"] = license };
        var foreign = body.DeepClone();
        foreign["keys"] = new JsonArray(KeyOf("PLSK.00000031.0000", big), KeyOf("PLSK.00000032.0000", 999));
        await house.RefusedAsync("license-requests/upload", foreign, HttpStatusCode.BadRequest, "License 999 is none of those that the upload is for.");
        body["keys"] = new JsonArray(KeyOf("PLSK.00000031.0000", big), KeyOf("PLSK.00000032.0000", small));

        await house.PostAsync("license-requests/upload", body);

        ((string)(await house.LicenseAsync(big))["keyNumber"]!).ShouldBe("PLSK.00000031.0000");
        ((string)(await house.LicenseAsync(small))["keyNumber"]!).ShouldBe("PLSK.00000032.0000");
    }

    [Theory, BothEngines]
    public async Task Requests_are_listed_and_given_as_one_text(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var issuer = await house.OfflineAsync();
        var first = await house.RequestAsync(PanelProduct, r => (r["issuer"], r["addOns"], r["customerName"]) = (issuer, new JsonArray(Antivirus), "Eve\nLicense request: 9"));
        var second = await house.RequestAsync(ByHardware, r => (r["issuer"], r["activation"]) = (issuer, new JsonObject { ["hardwareId"] = "HW-1" }));
        await house.RequestAsync(PanelProduct);

        (await house.GetAsync($"license-requests?issuer={issuer}"))["items"]!.AsArray().Select(i => (int)i!["licenseId"]!).ShouldBe([second, first]);
        var text = Encoding.UTF8.GetString(await house.BytesAsync($"license-requests/text?id={first}&id={second}"));

        text.ShouldContain($"License request: {first}\nLicense class: Plesk 10 (PLESK_10)\nBill type: Monthly\nAdditional licenses: Anti-virus for Plesk (ANTIVIRUS)\n");
        text.ShouldContain("Customer: Eve License request: 9\n");
        text.ShouldContain("Hardware ID: HW-1\n");
    }

    [Theory, BothEngines]
    public async Task Recorded_as_installed_is_Installed_by_hand_and_ends_what_had_stopped(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");
        var id = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct, r => r["addOns"] = new JsonArray(Antivirus));
        await house.PostAsync($"licenses/{id}/install");
        await house.UntilStoppedAsync(id);
        await house.RefusedAsync(
            $"licenses/{id}/record-installed", new JsonObject { ["where"] = "", ["when"] = "2020-01-01T00:00:00Z" }, HttpStatusCode.BadRequest, "licensing.record-unfit");

        await house.PostAsync($"licenses/{id}/record-installed", new JsonObject { ["where"] = "node7", ["who"] = "Jo" });

        var installed = await house.UntilStateAsync(id, LicenseState.Installed);
        ((string)installed["installedByHand"]!).ShouldBe("Jo");
        ((string)installed["installedAt"]![0]!).ShouldBe("node7");
        ((string)installed["addOns"]![0]!["status"]!).ShouldBe("Installed");
        installed["possible"]!.AsArray().Select(p => (string)p!).ShouldBe(["Renew", "Terminate", "Change", "Remove"]);
        house.Installer.Installed.ShouldBeEmpty();
        (await house.HistoryAsync(id))[^1].What.ShouldBe("Recorded as installed or handed over by Jo, not verified: node7");
        house.Observer.Heard[^1].ShouldBe($"{id} goes on");
        await house.RefusedAsync($"licenses/{id}/record-installed", new JsonObject { ["where"] = "node8" }, HttpStatusCode.Conflict, "licensing.move-not-allowed");
    }

    private static async Task<int> RequestedAsync(LicensingHouse house, string keyType, Action<JsonObject>? change = null)
    {
        var plugins = (await house.GetAsync("plugins?kind=issuer.offline"))["items"]!.AsArray();
        var issuer = plugins.Count > 0 ? (int)plugins[0]!["id"]! : await house.OfflineAsync();
        return await house.RequestAsync(keyType, r =>
        {
            r["issuer"] = issuer;
            change?.Invoke(r);
        });
    }

    private static JsonObject Upload(params JsonObject[] files) => new() { ["files"] = new JsonArray([.. files]), ["expirationDate"] = "2026-03-11" };

    private static JsonObject Ending(string end, params JsonObject[] files)
    {
        var upload = Upload(files);
        upload["expirationDate"] = end.Length == 0 ? null : end;
        return upload;
    }

    private static JsonObject File(string name, string content) => File(name, Encoding.UTF8.GetBytes(content));

    private static JsonObject File(string name, byte[] content) => new JsonObject { ["name"] = name, ["content"] = Convert.ToBase64String(content) };

    private static string Own(string number, string keyType) =>
        $"<key xmlns=\"urn:keygate:license:1\"><key-number>{number}</key-number><key-version>0000</key-version><keytype>{keyType}</keytype><expiration-date>2027-01-31</expiration-date></key>";

    private static string Foreign(string number, string keyType, params string[] features) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <aps-3:key xmlns:aps-3="http://parallels.com/schemas/keys/aps/3" xmlns:core="http://parallels.com/schemas/keys/core/3" core:format="openfusion-3">
          <core:key-number core:type="string">{number}</core:key-number><core:key-version core:type="string">0007</core:key-version>
          <core:description><core:keytype>{keyType}</core:keytype>{string.Concat(features.Select(f => $"<core:feature>{f}</core:feature>"))}</core:description>
          <core:product core:type="string">any</core:product><core:version core:type="string">any</core:version><core:start-date core:type="date">2026-02-01</core:start-date>
          <core:expiration-date core:type="date">2027-01-31</core:expiration-date><core:update-date core:type="date">2027-01-21</core:update-date>
          <aps-3:key-body core:type="binary">AAAA</aps-3:key-body>
        </aps-3:key>
        """;

    private static byte[] Zip(params (string Name, string Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var into = zip.CreateEntry(name).Open();
                into.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        return bytes.ToArray();
    }
}
