using System.Net;
using System.Text.Json.Nodes;
using Keygate.Issuers;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.CompareOffer;

/// <summary>What an issuer's account offers, beside the catalog: fetched in the background, by hand, daily.</summary>
public sealed class CompareOfferTests
{
    [Theory, BothEngines]
    public async Task A_class_set_up_here_and_missing_there_says_why_and_what_to_do(Engine engine)
    {
        await using var house = await LicensingHouse.StartAsync(engine, new SimulatedFactory());
        var issuer = await AddAsync(house, $"{LicensingHouse.PanelProduct} OTHER_PRODUCT");
        await UntilConfiguredAsync(house, issuer);

        var classes = (await house.GetAsync($"plugins/{issuer}/license-classes"))["items"]!.AsArray();

        classes.Select(c => $"{c!["code"]} {c["standing"]}").ShouldBe(
        [
            $"{LicensingHouse.Antivirus} Missing", $"{LicensingHouse.PanelProduct} Offered", $"{LicensingHouse.Bought} Missing", $"{LicensingHouse.ByHardware} Missing",
            "OTHER_PRODUCT NotSetUp",
        ]);
        ((string)classes[0]!["cause"]!).ShouldBe($"The license class {LicensingHouse.Antivirus} is not available for the account of 'Sandbox'.");
        ((string)classes[0]!["remedy"]!).ShouldBe(
            "Address your account manager or sales representative to enable the license class for your account, and synchronize the plug-in after that.");
    }

    [Theory, BothEngines]
    public async Task What_was_added_and_withdrawn_is_found_on_demand_and_daily_and_the_answer_is_kept(Engine engine)
    {
        await using var house = await LicensingHouse.StartAsync(engine, new SimulatedFactory());
        var issuer = await AddAsync(house, $"{LicensingHouse.PanelProduct} {LicensingHouse.Bought}");
        await UntilConfiguredAsync(house, issuer);
        var first = await house.GetAsync($"plugins/{issuer}/offer");

        await house.PatchAsync($"plugins/{issuer}", new JsonObject { ["settings"] = new JsonObject { ["keyTypes"] = $"{LicensingHouse.PanelProduct} NEW_ONE" } });
        var offer = await house.PostAsync($"plugins/{issuer}/offer/synchronize");

        first["changes"]!.AsArray().ShouldBeEmpty();
        ((string)offer["raw"]!).ShouldBe($"Key types: {LicensingHouse.PanelProduct}, NEW_ONE. Features: .");
        offer["changes"]!.AsArray().Select(c => $"{c!["code"]} {c["change"]}").Order().ShouldBe(["NEW_ONE Added", $"{LicensingHouse.Bought} Withdrawn"]);
        offer["items"]!.AsArray().Single(i => (string)i!["code"]! == LicensingHouse.Bought)!["withdrawnAt"].ShouldNotBeNull();

        var at = (DateTimeOffset)offer["at"]!;
        await house.Time.AfterAsync(house.Database, TimeSpan.FromHours(26));
        await house.UntilAsync($"plugins/{issuer}/offer", o => (DateTimeOffset)o["at"]! > at);
        (await house.GetAsync($"plugins/{issuer}/offer"))["changes"]!.AsArray().Count.ShouldBe(2, "a list that says the same changes nothing");
    }

    [Theory, BothEngines]
    public async Task An_issuer_without_a_connection_starts_with_nothing_ticked_and_sells_what_is_ticked(Engine engine)
    {
        await using var house = await LicensingHouse.StartAsync(engine);
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;
        var asked = new JsonObject { ["keyType"] = LicensingHouse.PanelProduct, ["issuer"] = issuer };

        var before = await house.GetAsync($"plugins/{issuer}/license-classes");
        var refused = await house.RefusedAsync("licenses", asked.DeepClone(), HttpStatusCode.Conflict, "licensing.not-offered");
        await house.PutAsync($"plugins/{issuer}/offer", new JsonObject { ["keyTypes"] = new JsonArray(LicensingHouse.PanelProduct) });
        await house.PostAsync("licenses", asked);

        ((string)before["status"]!).ShouldBe("Configured");
        before["items"]!.AsArray().ShouldAllBe(i => (string)i!["standing"]! == "Missing");
        refused.ShouldContain("is not ticked for 'By mail'");
        (await house.GetAsync("licenses"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_not_configured_and_says_why_until_it_answers()
    {
        await using var house = await LicensingHouse.StartAsync(Engine.Sqlite, new SimulatedFactory());
        var issuer = await AddAsync(house, LicensingHouse.PanelProduct, down: true);

        await house.RefusedAsync($"plugins/{issuer}/offer/synchronize", null, HttpStatusCode.ServiceUnavailable, "plugins.not-done");
        var away = await house.GetAsync($"plugins/{issuer}");
        var unknown = (await house.GetAsync($"plugins/{issuer}/license-classes"))["items"]!.AsArray();
        await house.PatchAsync($"plugins/{issuer}", new JsonObject { ["settings"] = new JsonObject { ["down"] = "false" } });
        var back = await house.PostAsync($"plugins/{issuer}/offer/synchronize");

        ((string)away["status"]!).ShouldBe("NotConfigured");
        ((string)away["offerCause"]!).ShouldContain("is down");
        unknown.ShouldAllBe(i => (string)i!["standing"]! == "Unknown" && ((string)i["cause"]!).Contains("is down"));
        ((string)back["status"]!).ShouldBe("Configured");
        back["cause"].ShouldBeNull();
    }

    [Fact]
    public async Task Only_an_issuer_without_a_connection_takes_ticks()
    {
        await using var house = await LicensingHouse.StartAsync(Engine.Sqlite);

        (await house.RefusedAsync($"plugins/{house.InstallerId}/offer/synchronize", null, HttpStatusCode.Conflict, "plugins.not-an-issuer")).ShouldContain("remedy");
        (await house.GetAsync($"plugins/{house.InstallerId}/offer", HttpStatusCode.Conflict)).ToJsonString().ShouldContain("plugins.not-an-issuer");
        (await house.PutRefusedAsync($"plugins/{house.IssuerId}/offer", new JsonObject { ["keyTypes"] = new JsonArray("A") }, HttpStatusCode.Conflict)).ShouldContain("plugins.offer-not-by-hand");
    }

    private static async Task<int> AddAsync(LicensingHouse house, string keyTypes, bool down = false) => (int)(await house.PostAsync("plugins", new JsonObject
    {
        ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["keyTypes"] = keyTypes, ["down"] = down ? "true" : "false" },
    }))["id"]!;

    private static Task<JsonNode> UntilConfiguredAsync(LicensingHouse house, int issuer) => house.UntilAsync($"plugins/{issuer}", p => (string)p["status"]! == "Configured");
}
