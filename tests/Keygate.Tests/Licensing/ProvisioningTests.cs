using System.Net;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing;

public sealed class ProvisioningTests
{
    [Theory, BothEngines]
    public async Task Installs_an_additional_license_with_its_base_each_with_its_own_key_and_file(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, WithAntivirus);

        var addOn = (await house.LicenseAsync(id))["addOns"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)addOn["status"]!).ShouldBe("Installed");
        ((string)addOn["keyType"]!).ShouldBe(Antivirus);
        ((int)addOn["parentId"]!).ShouldBe(id);
        ((bool)addOn["ordered"]!).ShouldBeTrue();
        var number = (string)addOn["keyNumber"]!;
        number.ShouldStartWith("TADD.");
        System.Text.Encoding.UTF8.GetString(await house.DownloadAsync((int)addOn["id"]!)).ShouldBe($"<key>{number}</key>");
        house.Installer.Installed.ShouldHaveSingleItem().Files.Select(f => f.KeyNumber).ShouldBe([(string)(await house.LicenseAsync(id))["keyNumber"]!, number]);
        (await house.HistoryAsync((int)addOn["id"]!)).Select(h => h.To).ShouldBe(["Pending", "Issued", "Retrieving", "Retrieved", "Installing", "Installed"]);
    }

    [Theory, BothEngines]
    public async Task Keeps_an_additional_key_that_came_unasked_and_never_installs_it(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000001.0000", AdditionalKeys = [new AdditionalKey("TXTR.00000009.0000", "", null, null)] }));
        var id = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct);

        var extra = (await house.LicenseAsync(id))["addOns"]!.AsArray().ShouldHaveSingleItem()!;
        ((bool)extra["ordered"]!).ShouldBeFalse();
        ((string)extra["status"]!).ShouldBe("Issued");
        var extraId = (int)extra["id"]!;
        (await house.HistoryAsync(extraId)).ShouldHaveSingleItem().What.ShouldContain("without being ordered");

        // Its file can be fetched by hand, and that does nothing to the base.
        await house.DoAsync(extraId, "retrieve", LicenseState.Retrieved);
        ((string)(await house.LicenseAsync(id))["status"]!).ShouldBe("Retrieved");
        house.Installer.Installed.ShouldBeEmpty();
        await house.DoAsync(id, "install", LicenseState.Installed);
        house.Installer.Installed.ShouldHaveSingleItem().Files.ShouldHaveSingleItem().KeyNumber.ShouldBe("TEST.00000001.0000");
        await house.RefusedAsync($"licenses/{extraId}/install", null, HttpStatusCode.Conflict, "licensing.installer-missing");
    }

    [Theory, BothEngines]
    public async Task Refuses_to_issue_an_additional_license_alone_after_its_base_came_without_it(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000001.0000" }));
        var id = await house.BroughtToAsync(LicenseState.Issued, PanelProduct, WithAntivirus);
        var addOn = (int)(await house.LicenseAsync(id))["addOns"]![0]!["id"]!;

        await house.RefusedAsync($"licenses/{addOn}/issue", null, HttpStatusCode.Conflict, "licensing.move-not-allowed");

        (await house.HistoryAsync(addOn)).ShouldAllBe(h => h.To == "Pending");
    }

    [Theory, BothEngines]
    public async Task Goes_on_with_the_base_and_asks_for_attention_where_an_ordered_additional_key_was_left_out(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000001.0000" }));
        var id = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, WithAntivirus);
        var addOn = (int)(await house.LicenseAsync(id))["addOns"]![0]!["id"]!;

        var stopped = await house.UntilStoppedAsync(addOn);

        ((string)stopped["status"]!).ShouldBe("Pending");
        ((string)stopped["goingOn"]!["lastError"]!["code"]!).ShouldBe("licensing.add-on-key-missing");
        (await house.HistoryAsync(addOn))[^1].What.ShouldContain("was issued without one for the ordered Anti-virus for Plesk");
        house.Installer.Installed.ShouldHaveSingleItem().Files.ShouldHaveSingleItem();
    }

    /// <summary>What the issuer has left out is named by a person, who finds it there later or gets it elsewhere; it is installed beside its base.</summary>
    [Theory]
    [InlineData(Engine.Sqlite, true)]
    [InlineData(Engine.Sqlite, false)]
    [InlineData(Engine.PostgreSql, true)]
    [InlineData(Engine.PostgreSql, false)]
    public async Task An_additional_key_that_was_left_out_is_adopted_or_uploaded_later_and_installed(Engine engine, bool adopted)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000001.0000" }));
        var id = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, WithAntivirus);
        var addOn = (int)(await house.LicenseAsync(id))["addOns"]![0]!["id"]!;
        (await house.UntilStoppedAsync(addOn))["possible"]!.AsArray().Select(p => (string)p!).ShouldBe(["Upload"]);

        await (adopted
            ? house.PostAsync($"licenses/{addOn}/adopt-key", new JsonObject { ["keyNumber"] = "TXTR.00000002.0000" })
            : house.PostAsync($"licenses/{addOn}/upload", new JsonObject
            {
                ["files"] = new JsonArray(new JsonObject { ["name"] = "TXTR.00000002.0000.xml", ["content"] = Convert.ToBase64String("<key/>"u8) }),
                ["expirationDate"] = "2026-03-11",
            }));

        await house.UntilAsync(addOn, l => (string)l["status"]! == "Installed");
        await house.UntilAsync(addOn, l => l["goingOn"] is null);
        house.Installer.Installed.Select(i => string.Join(' ', i.Files.Select(f => f.KeyNumber))).ShouldBe(["TEST.00000001.0000", "TXTR.00000002.0000"]);
        house.Issuer.Asked.Count.ShouldBe(1);
        await house.RefusedAsync($"licenses/{addOn}/adopt-key", new JsonObject { ["keyNumber"] = "TXTR.00000003.0000" }, HttpStatusCode.Conflict, "work.nothing-unknown");
    }

    [Theory, BothEngines]
    public async Task Stops_where_the_installer_names_fewer_places_than_it_was_given_files(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Installer.PlacesMax = 1;
        var id = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct, WithAntivirus);
        await house.PostAsync($"licenses/{id}/install");

        var stopped = await house.UntilStoppedAsync(id);

        ((string)stopped["status"]!).ShouldBe("Retrieved");
        ((string)stopped["addOns"]![0]!["status"]!).ShouldBe("Retrieved");
        ((string)stopped["goingOn"]!["lastError"]!["detail"]!).ShouldContain("was given 2 files and named 1 places");
        house.Installer.PlacesMax = 2;
        ((string)(await house.DoAsync(id, "install", LicenseState.Installed))["addOns"]![0]!["status"]!).ShouldBe("Installed");
    }

    [Theory, BothEngines]
    public async Task Writes_an_answer_that_comes_after_the_period_ended_and_stays_expired(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct);
        house.Installer.Before = () => house.Time.AdvanceTo(new DateTimeOffset(2026, 3, 11, 0, 0, 1, TimeSpan.Zero));
        await house.PostAsync($"licenses/{id}/install");

        var expired = await house.UntilStateAsync(id, LicenseState.Expired);

        expired["installedAt"]!.AsArray().ShouldHaveSingleItem();
        (await house.HistoryAsync(id)).ShouldContain(h => h.From == "Expired" && h.To == "Expired" && h.What.StartsWith("Installed:"));
    }

    [Theory, BothEngines]
    public async Task Writes_a_file_that_comes_after_the_period_ended_and_installs_nothing(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        house.Issuer.BeforeFile = () => house.Time.AdvanceTo(new DateTimeOffset(2026, 3, 11, 0, 0, 1, TimeSpan.Zero));
        await house.StartAsync(id, Until.Installed);

        var expired = await house.UntilStateAsync(id, LicenseState.Expired);

        expired["file"].ShouldNotBeNull();
        (await house.HistoryAsync(id)).ShouldContain(h => h.From == "Expired" && h.To == "Expired" && h.What.StartsWith("License file"));
        house.Installer.Installed.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Falls_back_with_the_reason_when_the_installer_refuses_and_goes_on_when_resubmitted(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Installer.RefuseNext("The disk is full.");
        var id = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct, WithAntivirus);
        await house.PostAsync($"licenses/{id}/install");

        var stopped = await house.UntilStoppedAsync(id);
        ((string)stopped["status"]!).ShouldBe("Retrieved");
        ((string)stopped["addOns"]![0]!["status"]!).ShouldBe("Retrieved");
        stopped["possible"]!.AsArray().Select(p => (string)p!).ShouldBe(["Install", "RecordInstalled", "Renew", "Terminate", "Change"]);
        var fall = (await house.HistoryAsync(id))[^1];
        (fall.From, fall.To).ShouldBe(("Installing", "Retrieved"));
        fall.What.ShouldContain("The disk is full.");
        house.Observer.Heard.ShouldHaveSingleItem().ShouldContain("The disk is full.");

        var installed = await house.DoAsync(id, "install", LicenseState.Installed);

        ((string)installed["addOns"]![0]!["status"]!).ShouldBe("Installed");
        house.Observer.Heard.Count.ShouldBe(2);
        house.Observer.Heard[1].ShouldBe($"{id} goes on");
        house.Issuer.Asked.Count.ShouldBe(1);
        (await house.HistoryAsync(id)).Select(h => h.To).TakeLast(4).ShouldBe(["Installing", "Retrieved", "Installing", "Installed"]);
    }

    /// <summary>Retrieving and Installing cannot hang: each has ten minutes.</summary>
    [Theory]
    [InlineData(Engine.Sqlite, "retrieve")]
    [InlineData(Engine.Sqlite, "install")]
    [InlineData(Engine.PostgreSql, "retrieve")]
    [InlineData(Engine.PostgreSql, "install")]
    public async Task Falls_back_with_the_reason_when_the_time_is_over_and_goes_on_when_resubmitted(Engine engine, string verb)
    {
        var (before, under, after) = verb == "install"
            ? (LicenseState.Retrieved, LicenseState.Installing, LicenseState.Installed)
            : (LicenseState.Issued, LicenseState.Retrieving, LicenseState.Retrieved);
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(before, PanelProduct);
        house.Issuer.NoFile = house.Installer.Away = new Reason("The line is cut.", "Mend the line.");
        await house.PostAsync($"licenses/{id}/{verb}");
        var tried = await house.UntilAsync(id, l => l["goingOn"]?["nextAttemptAt"] is not null);
        ((string)tried["status"]!).ShouldBe(under.ToString());

        house.Time.Advance(TimeSpan.FromMinutes(11));

        var stopped = await house.UntilStoppedAsync(id);
        ((string)stopped["status"]!, (string)stopped["goingOn"]!["lastError"]!["code"]!).ShouldBe((before.ToString(), "work.deadline-over"));
        var fall = (await house.HistoryAsync(id))[^1];
        (fall.From, fall.To).ShouldBe((under.ToString(), before.ToString()));
        fall.What.ShouldContain("did not end within 00:10:00. The last cause: The line is cut.");

        house.Issuer.NoFile = house.Installer.Away = null;
        await house.DoAsync(id, verb, after);
    }

    [Theory, BothEngines]
    public async Task Refuses_an_act_by_hand_while_work_is_under_way(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var gate = new TaskCompletionSource();
        house.Issuer.HoldNext(gate.Task);
        var id = await house.RequestAsync(PanelProduct);
        await house.PostAsync($"licenses/{id}/issue");

        (await house.RefusedAsync($"licenses/{id}/issue", null, HttpStatusCode.Conflict, "licensing.under-way")).ShouldContain("step issue");

        gate.SetResult();
        await house.UntilStateAsync(id, LicenseState.Issued);
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Says_that_a_lease_is_over_on_its_date_and_leaves_a_purchase_alone(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var lease = await house.BroughtToAsync(LicenseState.Installed, PanelProduct);
        house.Issuer.Next(_ => Answer.Done(new IssuedKey { KeyNumber = "TEST.00000002.0000", ExpirationDate = new DateOnly(2026, 3, 11) }));
        var purchase = await house.BroughtToAsync(LicenseState.Retrieved, Bought);

        house.Time.AdvanceTo(new DateTimeOffset(2026, 3, 10, 23, 59, 0, TimeSpan.Zero));
        ((string)(await house.LicenseAsync(lease))["status"]!).ShouldBe("Installed");
        house.Time.Advance(TimeSpan.FromHours(2));

        ((string)(await house.LicenseAsync(lease))["status"]!).ShouldBe("Expired");
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await house.ListAsync("status=Expired")).Length == 0)
        {
            over.IsCancellationRequested.ShouldBeFalse();
            house.Time.Advance(TimeSpan.FromMinutes(10));
            await Task.Delay(50);
        }

        (await house.ListAsync("status=Expired")).ShouldBe([lease]);
        var end = (await house.HistoryAsync(lease))[^1];
        (end.From, end.To).ShouldBe(("Installed", "Expired"));
        end.What.ShouldContain("2026-03-11");
        ((string)(await house.LicenseAsync(purchase))["status"]!).ShouldBe("Retrieved");
        (await house.RefusedAsync($"licenses/{lease}/install", null, HttpStatusCode.Conflict, "licensing.move-not-allowed")).ShouldContain("is Expired");

        // The list filters by a copy of the state, which must follow.
        await house.PostAsync($"licenses/{lease}/record-terminated");
        (await house.ListAsync("status=Terminated")).ShouldBe([lease]);
        (await house.ListAsync("status=Expired")).ShouldBeEmpty();
    }

    private static void WithAntivirus(JsonObject request) => request["addOns"] = new JsonArray(Antivirus);
}
