using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.RenewLicense;

/// <summary>A lease lives on: renewed once in each window, whatever becomes of the answers, with its file in the place of the old one.</summary>
public sealed class RenewLicenseTests
{
    private const string Job = "licensing.renew-due";

    [Theory, BothEngines]
    public async Task A_lease_is_renewed_in_its_window_and_stays_installed(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine);
        var id = await life.InstalledAsync();
        life.To("2026-02-28");
        await life.RoundAsync(Job);
        (await life.House.LicenseAsync(id))["license"]!["expirationDate"]!.ToString().ShouldBe("2026-03-11");

        life.To("2026-03-01");
        var renewed = await life.UntilExpiresAsync(id, "2026-04-11");

        renewed["status"]!.ToString().ShouldBe("Installed");
        renewed["keyNumber"]!.ToString().ShouldBe("SIM.00000001.0001");
        renewed["license"]!["updateDate"]!.ToString().ShouldBe("2026-04-01");
        renewed["file"]!["keyNumber"]!.ToString().ShouldBe("SIM.00000001.0001");
        renewed["renewal"]!["renewedAt"].ShouldNotBeNull();
        life.House.Installer.Installed.Count.ShouldBe(2);
        var placed = life.House.Installer.Installed[1];
        (placed.Target, placed.Files.ShouldHaveSingleItem().KeyNumber).ShouldBe(("node4", "SIM.00000001.0001"));
        var history = await life.House.HistoryAsync(id);
        history.ShouldContain(h => h.From == "Installed" && h.To == "Installed" && h.What == "Renewed until 2026-04-11: key SIM.00000001.0001");
        history.Count(h => h.To == "Installed" && h.From != "Installed").ShouldBe(1);

        // Months count from the first day; after a month of downtime it is renewed once more, and no day in between.
        life.To("2026-04-05");
        await life.UntilExpiresAsync(id, "2026-05-11");
        life.House.Time.Advance(TimeSpan.FromDays(2));
        await life.RoundAsync(Job);
        (await life.House.LicenseAsync(id))["keyNumber"]!.ToString().ShouldBe("SIM.00000001.0002");
    }

    [Theory]
    [InlineData(Engine.Sqlite, "renew 1: lose-answer")]
    [InlineData(Engine.PostgreSql, "renew 1: lose-answer")]
    [InlineData(Engine.Sqlite, "renew 1: stall")]
    [InlineData(Engine.PostgreSql, "renew 1: stall")]
    [InlineData(Engine.Sqlite, "renew 1: not-done\nrenew 2: lose-answer\nfind 2: not-done")]
    public async Task A_lost_answer_is_compared_with_what_was_read_before_and_a_key_is_renewed_once(Engine engine, string script)
    {
        await using var life = await RenewingHouse.StartAsync(engine, script);
        var id = await life.InstalledAsync();

        life.To("2026-03-01");
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await life.House.LicenseAsync(id))["license"]!["expirationDate"]!.ToString() != "2026-04-11")
        {
            over.IsCancellationRequested.ShouldBeFalse((await life.House.LicenseAsync(id)).ToJsonString());
            life.House.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(50);
        }

        // It is looked at again, an hour and a day after: still one period more.
        foreach (var later in new[] { TimeSpan.FromHours(2), TimeSpan.FromDays(2) })
        {
            await life.House.UntilAsync(id, l => (string?)l["goingOn"]?["kind"] != "licensing.renew");
            life.House.Time.Advance(later);
        }

        await life.UntilExpiresAsync(id, "2026-04-11");
        await life.RoundAsync(Job);
        var license = await life.House.LicenseAsync(id);
        license["keyNumber"]!.ToString().ShouldBe("SIM.00000001.0001");
        license["license"]!["expirationDate"]!.ToString().ShouldBe("2026-04-11");
        license["status"]!.ToString().ShouldBe("Installed");
    }

    [Theory, BothEngines]
    public async Task A_renewal_that_brought_two_periods_is_told_of_with_its_remedy_and_its_file_is_installed_all_the_same(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine, "renew 1: answer-second");
        var id = await life.InstalledAsync();

        life.To("2026-03-01");
        var stopped = await life.House.UntilStoppedAsync(id);

        stopped["goingOn"]!["lastError"]!["code"]!.ToString().ShouldBe("licensing.renewed-twice");
        stopped["goingOn"]!["lastError"]!["detail"]!.ToString().ShouldBe("SIM.00000001.0002 was renewed once and runs until 2026-05-11 at the issuer; it was SIM.00000001.0000 until 2026-03-11 before.");
        stopped["goingOn"]!["lastError"]!["remedy"]!.ToString().ShouldContain("take a period back");
        stopped["license"]!["expirationDate"]!.ToString().ShouldBe("2026-05-11");
        stopped["status"]!.ToString().ShouldBe("Installed");
        life.House.Installer.Installed[^1].Files.ShouldHaveSingleItem().KeyNumber.ShouldBe("SIM.00000001.0002");
        (await life.HistoryAsync(id)).Count(h => h.StartsWith("More than one period came: ", StringComparison.Ordinal)).ShouldBe(1);

        // Read and ended; in the month that is paid already nothing is asked for, and then it goes on as ever.
        (await life.House.Database.WriteAsync(tx => life.House.Get<Keygate.Work.WorkQueue>().ResubmitAsync(tx, (long)stopped["goingOn"]!["id"]!, CancellationToken.None), CancellationToken.None)).IsDone.ShouldBeTrue();
        var ended = await life.House.UntilAsync(id, l => l["goingOn"] is null);
        ended["renewal"]!["failure"].ShouldBeNull();
        ended["keyNumber"]!.ToString().ShouldBe("SIM.00000001.0002");
        life.To("2026-04-02");
        await life.RoundAsync(Job);
        (await life.House.LicenseAsync(id))["license"]!["expirationDate"]!.ToString().ShouldBe("2026-05-11");
        life.To("2026-05-01");
        await life.UntilExpiresAsync(id, "2026-06-11");
    }

    [Theory]
    [InlineData("A.1.0004", "2026-03-01", "A.1.0006", "2026-05-01", true)]
    [InlineData("A.1.0004", "2026-03-01", "A.1.0006", "2028-03-01", true)]
    [InlineData("A.1.0004", "2026-03-01", "A.1.0005", "2026-04-01", false)]
    [InlineData("A.1.0004", "2026-03-01", "A.1.0005", "2027-03-01", false)]
    [InlineData("A.1.0004", "2026-03-01", "A.1.0006", "2026-04-01", false)]
    [InlineData("A.1.0004", "2025-12-01", "A.1.0006", "2026-04-01", false)]
    [InlineData("A-1", "2026-03-01", "A-1", "2026-05-01", false)]
    public void Two_periods_show_in_revision_and_dates(string before, string from, string after, string to, bool twice)
    {
        static DateOnly Day(string text) => DateOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        var shown = new Keygate.Plugins.Abstractions.ShownKey(new() { KeyNumber = before, UpdateDate = Day(from), ExpirationDate = Day(from).AddDays(10) }, "", []);
        var renewed = new Keygate.Plugins.Abstractions.RenewedKey(after, Day(to).AddDays(10), Day(to));

        RenewStep.HasSecondTerm(shown, renewed, Day("2026-03-02")).ShouldBe(twice);
        RenewStep.HasSecondTerm(shown with { Issued = shown.Issued with { UpdateDate = null } }, renewed with { UpdateDate = null }, Day("2026-03-02")).ShouldBe(twice);
    }

    [Theory, BothEngines]
    public async Task A_refusal_is_tried_again_daily_warned_of_and_needs_attention_when_the_end_is_near(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine, "renew *: refuse 286 Renewal failed");
        var id = await life.InstalledAsync();

        life.To("2026-03-01");
        var failed = await life.House.UntilAsync(id, l => l["renewal"]!["failure"] is not null && l["goingOn"] is null);
        failed["renewal"]!["failure"]!.ToString().ShouldContain("286 Renewal failed");
        failed["renewal"]!["remedy"]!.ToString().ShouldNotBeEmpty();
        failed["status"]!.ToString().ShouldBe("Installed");
        for (var day = 2; day <= 3; day++)
        {
            life.To($"2026-03-{day:00}");
            await life.House.UntilAsync(id, l => (int)l["renewal"]!["tries"]! == day && l["goingOn"] is null);
        }

        life.To("2026-03-04");
        var stopped = await life.House.UntilStoppedAsync(id);
        stopped["goingOn"]!["lastError"]!["detail"]!.ToString().ShouldContain("runs until 2026-03-11 and was not renewed");
        await life.RoundAsync("licensing.warn-of-expiry");
        (await life.HistoryAsync(id)).Count(h => h.StartsWith("Expires on 2026-03-11, in 7 days", StringComparison.Ordinal)).ShouldBe(1);

        // It is tried daily all the same: what was mended meanwhile goes on by itself, in the entry that was there.
        await life.House.PatchAsync($"plugins/{life.Issuer}", new JsonObject { ["settings"] = new JsonObject { ["script"] = "" } });
        life.To("2026-03-05");
        await life.UntilExpiresAsync(id, "2026-04-11");
        (await life.House.LicenseAsync(id))["renewal"]!["failure"].ShouldBeNull();
    }

    [Theory, BothEngines]
    public async Task Without_good_standing_it_is_warned_of_and_expires_and_a_renewal_by_hand_brings_it_back(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine);
        var id = await life.InstalledAsync(r => (r["subscriptionId"], r["subscriptionName"]) = (1000001, "northwind.example"));
        var standings = life.House.Get<LicenseStandings>();
        await life.House.Database.WriteAsync(tx => LoseAsync(tx, standings), CancellationToken.None);

        foreach (var day in new[] { "2026-03-02", "2026-03-04", "2026-03-08", "2026-03-10" })
        {
            life.To(day);
            await life.RoundAsync(Job);
            await life.RoundAsync("licensing.warn-of-expiry");
        }

        var late = await life.House.LicenseAsync(id);
        late["renewal"]!["badStanding"]!.ToString().ShouldBe("Order 17 is not paid.");
        late["renewal"]!["tries"]!.GetValue<int>().ShouldBe(0);
        (await life.HistoryAsync(id)).Count(h => h.StartsWith("Expires on 2026-03-11, in ", StringComparison.Ordinal)).ShouldBe(3);
        (await life.House.RefusedAsync($"licenses/{id}/renew", null, HttpStatusCode.Conflict, "licensing.bad-standing")).ShouldContain("Order 17 is not paid.");

        life.To("2026-03-11");
        await life.House.UntilStateAsync(id, LicenseState.Expired);
        await life.RoundAsync("licensing.expire");
        (await life.House.ListAsync("status=Expired")).ShouldBe([id]);
        await life.House.Database.WriteAsync(tx => RegainAsync(tx, standings), CancellationToken.None);
        await life.House.PostAsync($"licenses/{id}/renew");

        var back = await life.UntilExpiresAsync(id, "2026-04-11");
        back["status"]!.ToString().ShouldBe("Installed");
        (await life.House.ListAsync("status=Installed")).ShouldBe([id]);
    }

    [Theory, BothEngines]
    public async Task Stock_and_purchases_are_not_renewed_and_what_falls_due_is_forecast(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine);
        var installed = await life.InstalledAsync();
        var stock = await life.House.BroughtToAsync(LicenseState.Retrieved, LicensingHouse.PanelProduct, r => (r["issuer"], r["target"]) = (life.Issuer, ""));
        var bought = await life.House.BroughtToAsync(LicenseState.Installed, LicensingHouse.Bought, r => r["issuer"] = life.Issuer);
        (await life.House.RefusedAsync($"licenses/{bought}/renew", null, HttpStatusCode.Conflict, "licensing.not-renewable")).ShouldContain("never expires");
        (await life.House.LicenseAsync(bought))["possible"]!.AsArray().Select(p => p!.ToString()).ShouldNotContain("renew", StringComparer.OrdinalIgnoreCase);

        var forecast = await life.House.GetAsync("licenses/forecast?days=40");
        ((int)forecast["renewals"]!, (int)forecast["expirations"]!).ShouldBe((1, 1));
        forecast["items"]!.AsArray().Select(i => $"{i!["date"]} {i["what"]} {i["licenses"]}").ShouldBe(["2026-03-01 Renewal 1", "2026-03-11 ExpiresUnused 1"]);

        life.To("2026-03-01");
        await life.UntilExpiresAsync(installed, "2026-04-11");
        life.To("2027-03-01");
        await life.House.UntilStateAsync(stock, LicenseState.Expired);
        (await life.House.LicenseAsync(stock))["keyNumber"]!.ToString().ShouldEndWith(".0000");
        (await life.House.LicenseAsync(bought))["status"]!.ToString().ShouldBe("Installed");
    }

    [Theory, BothEngines]
    public async Task Without_a_connection_a_person_is_asked_and_records_the_renewal_with_its_file(Engine engine)
    {
        await using var life = await RenewingHouse.StartAsync(engine);
        var offline = await life.House.OfflineAsync();
        var id = await life.House.RequestAsync(LicensingHouse.PanelProduct, r => r["issuer"] = offline);
        await life.House.PostAsync($"licenses/{id}/upload", new JsonObject
        {
            ["files"] = new JsonArray(File("PLSK.00041207.0000.txt")),
            ["keys"] = new JsonArray(new JsonObject { ["keyNumber"] = "PLSK.00041207.0000", ["expirationDate"] = "2026-03-11", ["updateDate"] = "2026-03-01" }),
        });
        await life.House.DoAsync(id, "install", LicenseState.Installed);

        life.To("2026-03-01");
        var asked = await life.House.UntilStoppedAsync(id);
        asked["goingOn"]!["lastError"]!["code"]!.ToString().ShouldBe("licensing.renew-by-hand");
        await life.House.RefusedAsync($"licenses/{id}/record-renewal", new JsonObject { ["file"] = File("PLSK.00041999.0001.txt"), ["expirationDate"] = "2026-04-11" }, HttpStatusCode.BadRequest, "licensing.upload-unfit");
        await life.House.RefusedAsync($"licenses/{id}/record-renewal", new JsonObject { ["file"] = File("PLSK.00041207.0001.txt"), ["expirationDate"] = "2026-03-11" }, HttpStatusCode.BadRequest, "licensing.upload-unfit");
        await life.House.PostAsync($"licenses/{id}/record-renewal", new JsonObject { ["file"] = File("PLSK.00041207.0001.txt"), ["expirationDate"] = "2026-04-11", ["updateDate"] = "2026-04-01" });

        var renewed = await life.UntilExpiresAsync(id, "2026-04-11");
        (renewed["status"]!.ToString(), renewed["keyNumber"]!.ToString()).ShouldBe(("Installed", "PLSK.00041207.0001"));
        life.House.Installer.Installed[^1].Files.ShouldHaveSingleItem().KeyNumber.ShouldBe("PLSK.00041207.0001");
    }

    private static JsonObject File(string name) => new() { ["name"] = name, ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(name)) };

    private static async Task<Done> LoseAsync(Tx tx, LicenseStandings standings)
    {
        await standings.LoseAsync(tx, 1000001, "Order 17 is not paid.", Actor.Keygate, CancellationToken.None);
        return Done.It;
    }

    private static async Task<Done> RegainAsync(Tx tx, LicenseStandings standings)
    {
        await standings.RegainAsync(tx, 1000001, "Order 17 was paid.", Actor.Keygate, CancellationToken.None);
        return Done.It;
    }
}
