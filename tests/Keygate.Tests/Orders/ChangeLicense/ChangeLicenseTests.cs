using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.ChangeLicenseSlice;

/// <summary>A license becomes another: what was previewed happens, or nothing does.</summary>
public sealed class ChangeLicenseTests
{
    [Theory, BothEngines]
    public async Task An_upgrade_does_what_its_preview_said(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        var preview = await PreviewAsync(life, license, Features(Hosting.Domains30));
        preview["calls"]!.AsArray().Select(c => (string)c!).ShouldBe(
            ["Upgrade SIM.00000001.0000 from 10_DOMAINS to 30_DOMAINS by 10_TO_30", "Fetch the changed file and put it in the place of the earlier one"]);
        (Words(preview, "gained"), Words(preview, "lost"), (bool)preview["replaces"]!, (bool)preview["reversible"]!).ShouldBe(("30_DOMAINS", "10_DOMAINS", false, true));
        ((long)preview["money"]!["recurringNow"]!, (long)preview["money"]!["recurringAfter"]!, (long)preview["money"]!["difference"]!).ShouldBe((650, 900, 250));

        await ExecuteAsync(life, license, Features(Hosting.Domains30), preview);
        var changed = await UntilDoneAsync(life, license);

        ((string)changed["keyNumber"]!, Words(changed, "features"), (string)changed["status"]!, (string)changed["file"]!["keyNumber"]!)
            .ShouldBe(("SIM.00000001.0001", "30_DOMAINS", "Installed", "SIM.00000001.0001"));
        (await ResourcesAsync(life, subscription)).ShouldBe(["30_DOMAINS 1", "PLESK_10_FOR_VZ 1"]);
        (await life.WhatAsync(license)).ShouldContain(w => w.StartsWith("Renewed file installed:", StringComparison.Ordinal));

        // The way back is the issuer's own.
        var back = await PreviewAsync(life, license, Features(Hosting.Domains10));
        back["calls"]![0]!.ToString().ShouldBe("Downgrade SIM.00000001.0001 from 30_DOMAINS to 10_DOMAINS by 10_TO_30");
        await ExecuteAsync(life, license, Features(Hosting.Domains10), back);
        await life.UntilAsync(license, l => (string)l["keyNumber"]! == "SIM.00000001.0002" && Words(l, "features") == "10_DOMAINS" && l["goingOn"] is null);
    }

    [Theory]
    [InlineData(Engine.Sqlite, "change 1: lose-answer")]
    [InlineData(Engine.PostgreSql, "change 1: lose-answer")]
    [InlineData(Engine.Sqlite, "change 1: stall\nchange 2: not-done")]
    public async Task A_lost_answer_is_looked_into_and_the_key_is_changed_once(Engine engine, string script)
    {
        await using var life = await StartAsync(engine, script);
        var (_, license) = await SoldWith10Async(life);

        await ExecuteAsync(life, license, Features(Hosting.Domains30), await PreviewAsync(life, license, Features(Hosting.Domains30)));
        await life.UntilAsync(license, l => Words(l, "features") == "30_DOMAINS" && (string?)l["file"]?["keyNumber"] == "SIM.00000001.0001" && !IsChanging(l), TimeSpan.FromSeconds(20));

        // It is looked at again, an hour and a day after: still one change.
        var later = await life.UntilAsync(license, l => l["goingOn"] is null, TimeSpan.FromHours(1));
        ((string)later["keyNumber"]!, (string)later["status"]!).ShouldBe(("SIM.00000001.0001", "Installed"));
    }

    [Theory, BothEngines]
    public async Task What_has_changed_since_the_preview_is_refused_and_nothing_is_called(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        var preview = await PreviewAsync(life, license, Features(Hosting.Domains30));
        await life.House.PostAsync($"licenses/{license}/renew");
        await life.UntilAsync(license, l => (string)l["keyNumber"]! == "SIM.00000001.0001" && l["goingOn"] is null);

        (await RefusedAsync(life, license, Features(Hosting.Domains30), (string)preview["token"]!)).ShouldContain("orders.change-stale");
        (await RefusedAsync(life, license, Features(Hosting.Domains30), "")).ShouldContain("orders.change-token-missing");
        (await RefusedAsync(life, license, Features(Hosting.Domains10, Hosting.Languages2), (string)preview["token"]!)).ShouldContain("orders.change-stale");

        // A disabled option counts as missing, and another token does not fit.
        var fresh = await PreviewAsync(life, license, Features(Hosting.Domains30));
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = [.. c.UpgradeOptions.Select(o => o with { Enabled = false })] });
        (await RefusedAsync(life, license, Features(Hosting.Domains30), (string)fresh["token"]!)).ShouldContain("Could not find appropriate Upgrade Plan from 10_DOMAINS to 30_DOMAINS.");

        await life.House.PostAsync($"subscriptions/{subscription}/suspend", new JsonObject { ["reason"] = "Not paid." });
        await life.UntilAsync(license, l => l["suspendedAt"] is not null && l["goingOn"] is null);
        (await RefusedAsync(life, license, Features(Hosting.Domains10, Hosting.Languages2), "")).ShouldContain("token-missing");
        (await life.House.RefusedAsync($"licenses/{license}/change/preview", Features(Hosting.Domains10, Hosting.Languages2), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("licensing.bad-standing");
        (await life.House.WorkAsync()).ShouldNotContain(w => w.StartsWith("licensing.change ", StringComparison.Ordinal));
    }

    [Theory, BothEngines]
    public async Task At_the_end_of_the_period_it_takes_effect_unless_it_is_undone_or_no_longer_what_it_was(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        var later = Features(Hosting.Domains30);
        later["when"] = "PeriodEnd";
        var preview = await PreviewAsync(life, license, later);
        preview["takesEffectAt"]!.GetValue<DateTimeOffset>().ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        ((string)(await ExecuteAsync(life, license, later, preview))["state"]!).ShouldBe("scheduled");
        (await life.House.RefusedAsync($"licenses/{license}/change/preview", Features(Hosting.Domains30), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("undo-change");

        ((string)(await life.House.PostAsync($"licenses/{license}/change/undo"))["state"]!).ShouldBe("undone");
        (await life.House.RefusedAsync($"licenses/{license}/change/undo", null, HttpStatusCode.NotFound)).ToJsonString().ShouldContain("licensing.no-change");
        life.House.Time.AdvanceTo(new DateTimeOffset(2026, 2, 20, 0, 0, 0, TimeSpan.Zero));
        Words(await life.House.GetAsync($"licenses/{license}"), "features").ShouldBe("10_DOMAINS");

        await ExecuteAsync(life, license, later, await PreviewAsync(life, license, later));
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = [.. Options.Select(o => o with { Enabled = false })] });
        life.House.Time.AdvanceTo(new DateTimeOffset(2026, 3, 1, 0, 0, 1, TimeSpan.Zero));
        var stopped = await life.UntilAsync(license, l => (string?)l["goingOn"]?["state"] == "stopped");

        ((string)stopped["goingOn"]!["lastError"]!["code"]!, Words(stopped, "features")).ShouldBe(("licensing.change-stale", "10_DOMAINS"));
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        await life.House.PostAsync($"attention/{stopped["goingOn"]!["id"]}/resubmit");
        await life.UntilAsync(license, l => Words(l, "features") == "30_DOMAINS" && l["goingOn"] is null);
        ((string)(await life.House.GetAsync($"licenses/{license}/change"))["state"]!).ShouldBe("done");
        (await ResourcesAsync(life, subscription)).ShouldContain("30_DOMAINS 1");
    }

    [Theory, BothEngines]
    public async Task Where_the_issuer_has_no_way_down_a_new_license_is_installed_before_the_old_one_ends(Engine engine)
    {
        await using var life = await StartAsync(engine);
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = [.. Options.Select(o => o with { Enabled = o.Type == UpgradeType.Upgrade })] });
        var (subscription, license) = await life.SoldAsync();
        var preview = await PreviewAsync(life, license, Features(Hosting.Domains10));
        ((bool)preview["replaces"]!, (bool)preview["reversible"]!, (long)preview["money"]!["difference"]!).ShouldBe((true, false, -250));

        await ExecuteAsync(life, license, Features(Hosting.Domains10), preview);
        var old = await life.UntilAsync(license, l => (string)l["status"]! == "Terminated" && l["goingOn"] is null, TimeSpan.FromSeconds(5));

        var change = await life.House.GetAsync($"licenses/{license}/change");
        var other = await life.House.GetAsync($"licenses/{change["replacement"]}");
        ((string)change["state"]!, (string)other["status"]!, Words(other, "features"), (int)other["license"]!["subscriptionId"]!).ShouldBe(("done", "Installed", "10_DOMAINS", subscription));
        ((int)other["id"]!).ShouldNotBe(license);
        var ended = old["terminatedAt"]!.GetValue<DateTimeOffset>();
        other["installedSeenAt"]!.GetValue<DateTimeOffset>().ShouldBeLessThanOrEqualTo(ended);
        (await ResourcesAsync(life, subscription)).ShouldBe(["10_DOMAINS 1", "PLESK_10_FOR_VZ 1"]);
    }

    [Theory, BothEngines]
    public async Task An_additional_license_comes_and_goes(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        var with = new JsonObject { ["addOns"] = new JsonArray(Hosting.Antivirus) };
        await ExecuteAsync(life, license, with, await PreviewAsync(life, license, with));

        var changed = await life.UntilAsync(license, l => l["goingOn"] is null && l["addOns"]!.AsArray() is [{ } a] && (string)a["status"]! == "Installed");
        ((string)changed["addOns"]![0]!["keyNumber"]!).ShouldBe("SIMA.00000002.0000");
        (await ResourcesAsync(life, subscription)).ShouldContain("ANTIVIRUS 1");

        var without = new JsonObject { ["addOns"] = new JsonArray() };
        var preview = await PreviewAsync(life, license, without);
        ((bool)preview["reversible"]!, Words(preview, "lost")).ShouldBe((false, "ANTIVIRUS"));
        await ExecuteAsync(life, license, without, preview);
        await life.UntilAsync(license, l => l["goingOn"] is null && (string)l["addOns"]![0]!["status"]! == "Terminated");
        (await ResourcesAsync(life, subscription)).ShouldNotContain("ANTIVIRUS 1");
        (await life.House.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task An_issuer_that_changes_no_keys_replaces_them(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        await house.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        var order = await house.UntilStateAsync(await house.PaidAsync(await house.PlanAsync(), o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10)), "CP");

        var preview = await house.PostAsync($"licenses/{order["licenses"]![0]!["id"]}/change/preview", Features(Hosting.Domains30));

        ((bool)preview["replaces"]!, (string)preview["calls"]![0]!).ShouldBe((true, "Issue a new key for PLESK_10_FOR_VZ with 30_DOMAINS"));
    }

    /// <summary>Random changes of one license, each previewed: what comes out is what was said, or the refusal changed nothing.</summary>
    [Theory]
    [InlineData(Engine.Sqlite, 7)]
    [InlineData(Engine.PostgreSql, 8)]
    public async Task Preview_equals_result(Engine engine, int seed)
    {
        var chance = new Random(seed);
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        var (executed, replaced, refused) = (0, 0, 0);
        for (var i = 0; i < 12; i++)
        {
            await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = [.. Options.Select(o => o with { Enabled = chance.Next(2) > 0 })] });
            var target = Features([.. new[] { Hosting.Domains10, Hosting.Domains30 }.Skip(chance.Next(2)).Take(1), .. chance.Next(2) == 0 ? [Hosting.Languages2] : Array.Empty<string>()]);
            target["addOns"] = chance.Next(3) == 0 ? new JsonArray(Hosting.Antivirus) : new JsonArray();
            var before = await life.House.GetAsync($"licenses/{license}");
            var (status, preview) = await life.House.SendAsync($"licenses/{license}/change/preview", target, null);
            if (status != HttpStatusCode.OK)
            {
                ((string)preview["code"]!).ShouldBeOneOf("catalog.upgrade-missing", "catalog.changes-nothing");
                (await life.House.GetAsync($"licenses/{license}")).ToJsonString().ShouldBe(before.ToJsonString());
                refused++;
                continue;
            }

            await ExecuteAsync(life, license, target, preview);
            await life.UntilChangedAsync(license);
            await life.UntilAsync(license, l => l["goingOn"] is null && l["addOns"]!.AsArray().All(a => (string)a!["status"]! is "Installed" or "Terminated"), TimeSpan.FromSeconds(5));
            if ((bool)preview["replaces"]!)
            {
                ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Terminated");
                license = (int)(await life.House.GetAsync($"licenses/{license}/change"))["replacement"]!;
                replaced++;
            }

            executed++;
            var after = await life.House.GetAsync($"licenses/{license}");
            var told = $"seed {seed}, change {i}: {preview.ToJsonString()} became {after.ToJsonString()}";
            ((string)after["status"]!).ShouldBe("Installed", told);
            Words(after, "features").ShouldBe(Words(preview["to"]!, "features"), told);
            string.Join(' ', after["addOns"]!.AsArray().Where(a => (string)a!["status"]! != "Terminated").Select(a => (string)a!["keyType"]!)).ShouldBe(Words(preview["to"]!, "addOns"), told);
            var held = (await life.House.GetAsync($"subscriptions/{subscription}"))["resources"]!.AsArray();
            held.Sum(r => (int)r!["quantity"]! * Fees[(string)r["command"]!]).ShouldBe((long)preview["money"]!["recurringAfter"]!, told);
            var issuerActs = (bool)preview["replaces"]! ? 0 : preview["calls"]!.AsArray().Count(c => !((string)c!).StartsWith("Fetch", StringComparison.Ordinal) && !((string)c!).StartsWith("Terminate", StringComparison.Ordinal));
            Revision(after).ShouldBe((bool)preview["replaces"]! ? 0 : Revision(before) + issuerActs, told);
        }

        (executed > 2 && replaced + refused > 0).ShouldBeTrue($"seed {seed}: {executed} executed, {replaced} replaced, {refused} refused");
    }

    private static readonly Dictionary<string, long> Fees = new()
    {
        [Hosting.Plesk] = 650, [Hosting.Domains10] = 0, [Hosting.Domains30] = 250, [Hosting.Antivirus] = 130, [Hosting.Languages2] = 70,
    };

    private static IReadOnlyList<UpgradeOption> Options { get; } =
    [
        new() { From = Hosting.Domains10, To = Hosting.Domains30, Plan = "10_TO_30" },
        new() { From = Hosting.Domains30, To = Hosting.Domains10, Plan = "10_TO_30", Type = UpgradeType.Downgrade },
    ];

    private static async Task<SandboxLife> StartAsync(Engine engine, string script = "")
    {
        var life = await SandboxLife.StartAsync(engine, script, p => p["rates"]!.AsArray().Add(OrdersHouse.Rate(Hosting.Languages2, 70)));
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        return life;
    }

    private static Task<(int Subscription, int License)> SoldWith10Async(SandboxLife life) => life.SoldAsync(change: o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10));

    private static JsonObject Features(params string[] features) => new() { ["features"] = new JsonArray([.. features.Select(f => (JsonNode)f)]) };

    private static Task<JsonNode> PreviewAsync(SandboxLife life, int license, JsonObject target) => life.House.PostAsync($"licenses/{license}/change/preview", target.DeepClone());

    // What is owed for the rest of the period is paid at once.
    private static async Task<JsonNode> ExecuteAsync(SandboxLife life, int license, JsonObject target, JsonNode preview)
    {
        var begun = await life.House.PostAsync($"licenses/{license}/change", Executing(target, (string)preview["token"]!));
        if ((string)begun["state"]! == "awaiting payment")
        {
            await life.House.PayAsync(await life.House.OrderAsync((int)begun["order"]!));
        }

        return begun;
    }

    private static async Task<string> RefusedAsync(SandboxLife life, int license, JsonObject target, string token) =>
        (await life.House.RefusedAsync($"licenses/{license}/change", Executing(target, token), token.Length == 0 ? HttpStatusCode.BadRequest : HttpStatusCode.Conflict)).ToJsonString(
            new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonNode Executing(JsonObject target, string token)
    {
        var body = target.DeepClone();
        body["token"] = token;
        return body;
    }

    private static Task<JsonNode> UntilDoneAsync(SandboxLife life, int license) => life.UntilAsync(license, l => l["goingOn"] is null && l["file"]!["keyNumber"]!.ToString() == l["keyNumber"]!.ToString() && !l["keyNumber"]!.ToString().EndsWith(".0000", StringComparison.Ordinal));

    private static bool IsChanging(JsonNode license) => (string?)license["goingOn"]?["kind"] == "licensing.change";

    private static string Words(JsonNode of, string member) => string.Join(' ', of[member]!.AsArray().Select(w => (string)w!).Order(StringComparer.Ordinal));

    private static int Revision(JsonNode license) => int.Parse(((string)license["keyNumber"]!).Split('.')[2], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string[]> ResourcesAsync(SandboxLife life, int subscription) =>
        [.. (await life.House.GetAsync($"subscriptions/{subscription}"))["resources"]!.AsArray().Select(r => $"{r!["command"]} {r["quantity"]}").Order(StringComparer.Ordinal)];
}
