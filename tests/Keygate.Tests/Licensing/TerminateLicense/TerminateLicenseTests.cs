using System.Net;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.TerminateLicenseSlice;

/// <summary>A license ends: what was previewed happens, each key has its own result, and no key is left that costs money and that nobody sees.</summary>
public sealed class TerminateLicenseTests
{
    [Theory, BothEngines]
    public async Task Additional_keys_end_before_their_base_and_the_copies_are_removed_as_the_preview_said(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine);
        var id = await life.InstalledAsync();
        var preview = await life.TerminationAsync(id);
        preview["askedAt"].ShouldBeNull();
        life.Said(preview).ShouldBe(["SIMA.00000002.0000 Terminate Remove", "SIM.00000001.0000 Terminate Remove"]);
        var files = life.Files();
        files.Length.ShouldBe(2);

        await life.TerminateAsync(id);
        var ended = await life.UntilEndedAsync(id);

        life.Said(ended).ShouldBe(["SIMA.00000002.0000 Terminated Removed", "SIM.00000001.0000 Terminated Removed"]);
        (ended["why"]!.ToString(), (bool)ended["ended"]!).ShouldBe(("Contract ended.", true));
        life.Files().ShouldBeEmpty();
        life.Books().Count(l => l.Contains("\"terminated\":true", StringComparison.OrdinalIgnoreCase)).ShouldBeGreaterThan(0);
        var license = await life.House.UntilStateAsync(id, LicenseState.Terminated);
        license["terminatedAt"].ShouldNotBeNull();
        license["removedAt"].ShouldNotBeNull();
        license["possible"]!.AsArray().ShouldBeEmpty();
        (await life.EndedInOrderAsync()).ShouldBe(["SIMA.00000002.0000", "SIM.00000001.0000"]);

        // Asked for again it does nothing, and nothing else can be done to it.
        var before = (await life.House.HistoryAsync(id)).Count;
        await life.TerminateAsync(id);
        (await life.House.HistoryAsync(id)).Count.ShouldBe(before);
        await life.House.RefusedAsync($"licenses/{id}/renew", null, HttpStatusCode.Conflict, "licensing.move-not-allowed");
        await life.House.RefusedAsync($"licenses/{id}/install", null, HttpStatusCode.Conflict, "licensing.move-not-allowed");
    }

    [Theory]
    [InlineData(Engine.Sqlite, "terminate 1: lose-answer\nterminate 3: not-done")]
    [InlineData(Engine.PostgreSql, "terminate 1: stall\nterminate 3: lose-answer")]
    public async Task Lost_answers_are_asked_for_again_and_each_key_ends_once(Engine engine, string script)
    {
        await using var life = await TerminatingHouse.StartAsync(engine, script);
        var id = await life.InstalledAsync();

        await life.TerminateAsync(id);
        await life.UntilEndedAsync(id, TimeSpan.FromSeconds(15));

        (await life.EndedInOrderAsync()).ShouldBe(["SIMA.00000002.0000", "SIM.00000001.0000"]);
        life.Files().ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_key_that_the_issuer_keeps_does_not_hold_the_others_up_and_needs_attention_with_its_own_remedy(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine, "terminate 1: refuse 221 The key is marked as problem");
        var id = await life.InstalledAsync();
        var addOn = (int)(await life.House.LicenseAsync(id))["addOns"]![0]!["id"]!;

        await life.TerminateAsync(id);
        await life.House.UntilAsync(id, l => (string)l["status"]! == "Terminated");
        var kept = await life.UntilAsync(id, t => life.Said(t)[0].StartsWith("SIMA.00000002.0000 Failed", StringComparison.Ordinal) && life.Said(t)[1].EndsWith("Removed", StringComparison.Ordinal));

        kept["keys"]![0]!["cause"]!.ToString().ShouldContain("221 The key is marked as problem");
        kept["keys"]![0]!["remedy"]!.ToString().ShouldNotBeEmpty();
        ((bool)kept["ended"]!).ShouldBeFalse();
        (await life.House.UntilStoppedAsync(addOn))["goingOn"]!["kind"]!.ToString().ShouldBe("licensing.terminate");
        life.Files().ShouldBeEmpty();

        // Mended, the same act goes on with that key alone.
        await life.TerminateAsync(addOn);
        var ended = await life.UntilEndedAsync(id);
        life.Said(ended).ShouldBe(["SIMA.00000002.0000 Terminated Removed", "SIM.00000001.0000 Terminated Removed"]);
        (await life.EndedInOrderAsync()).ShouldBe(["SIM.00000001.0000", "SIMA.00000002.0000"]);
    }

    [Theory, BothEngines]
    public async Task A_copy_that_cannot_be_removed_is_a_fact_of_its_own_and_is_tried_again(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine, installer: "remove 1: refuse 16 The file is in use");
        var id = await life.InstalledAsync();

        await life.TerminateAsync(id);
        var kept = await life.UntilAsync(id, t => life.Said(t)[1] == "SIM.00000001.0000 Terminated Failed");

        kept["keys"]![1]!["cause"]!.ToString().ShouldContain("16 The file is in use");
        var license = await life.House.LicenseAsync(id);
        (license["status"]!.ToString(), license["installedAt"]!.AsArray().Count, license["removedAt"] is null).ShouldBe(("Terminated", 1, true));

        await life.ResubmitAsync(id, "licensing.remove");
        life.Said(await life.UntilEndedAsync(id)).ShouldBe(["SIMA.00000002.0000 Terminated Removed", "SIM.00000001.0000 Terminated Removed"]);
    }

    [Theory, BothEngines]
    public async Task A_purchase_goes_to_stock_without_its_copy_and_no_call_ends_its_key(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine);
        var id = await life.InstalledAsync(LicensingHouse.Bought, r => (r["customerId"], r["subscriptionId"], r["subscriptionName"]) = (1000001, 17, "northwind.example"));
        life.Said(await life.TerminationAsync(id)).ShouldBe(["SIM.00000001.0000 ToStock Remove"]);

        await life.TerminateAsync(id);
        var ended = await life.UntilEndedAsync(id);

        life.Said(ended).ShouldBe(["SIM.00000001.0000 Stock Removed"]);
        var license = await life.House.UntilStateAsync(id, LicenseState.Retrieved);
        (license["license"]!["assignment"]!.ToString(), license["license"]!["subscriptionId"], license["license"]!["customerId"]).ShouldBe(("Stock", null, null));
        life.Files().ShouldBeEmpty();
        (await life.EndedInOrderAsync()).ShouldBeEmpty();
        (await life.House.RefusedAsync($"licenses/{id}/terminate", TerminatingHouse.Because, HttpStatusCode.Conflict, "licensing.purchase-kept")).ShouldContain("stock");
    }

    [Theory, BothEngines]
    public async Task Without_a_connection_a_person_ends_the_key_and_removes_the_copy_and_says_so(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine);
        var offline = await life.House.OfflineAsync();
        var id = await life.House.RequestAsync(LicensingHouse.PanelProduct, r =>
        {
            r["issuer"] = offline;
            r.Remove("installer");
        });
        await life.House.PostAsync($"licenses/{id}/upload", new JsonObject
        {
            ["files"] = new JsonArray(new JsonObject { ["name"] = "PLSK.00041207.0000.txt", ["content"] = Convert.ToBase64String("key"u8.ToArray()) }),
            ["keys"] = new JsonArray(new JsonObject { ["keyNumber"] = "PLSK.00041207.0000", ["expirationDate"] = "2026-03-11" }),
        });
        await life.House.PostAsync($"licenses/{id}/record-installed", new JsonObject { ["where"] = "node 9" });
        life.Said(await life.TerminationAsync(id)).ShouldBe(["PLSK.00041207.0000 ByHand ByHand"]);

        await life.TerminateAsync(id);
        var asked = await life.UntilAsync(id, t => life.Said(t)[0] == "PLSK.00041207.0000 Failed Failed");
        asked["keys"]![0]!["remedy"]!.ToString().ShouldContain($"record-terminated {id}");
        await life.House.PostAsync($"licenses/{id}/record-terminated");
        await life.House.PostAsync($"licenses/{id}/record-removed");

        var ended = await life.UntilEndedAsync(id);
        life.Said(ended).ShouldBe(["PLSK.00041207.0000 Terminated Removed"]);
        await life.House.UntilAsync(id, l => l["goingOn"] is null);
        (await life.House.HistoryAsync(id)).ShouldContain(h => h.What.StartsWith("Recorded as terminated at the issuer by", StringComparison.Ordinal));
    }

    [Theory, BothEngines]
    public async Task A_request_without_a_key_is_withdrawn_and_one_that_may_have_made_a_key_is_waited_for(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine, "issue 1: answer-late");
        var waiting = await life.House.RequestAsync(LicensingHouse.ByHardware, r => r["issuer"] = life.Issuer);
        life.Said(await life.TerminationAsync(waiting)).ShouldBe(["- Withdraw None"]);
        await life.TerminateAsync(waiting);
        (await life.House.UntilAsync(waiting, l => l["withdrawnAt"] is not null && l["goingOn"] is null))["status"]!.ToString().ShouldBe("Pending");
        life.Said(await life.TerminationAsync(waiting)).ShouldBe(["- Withdrawn None"]);

        // The key turns up a minute later: the license has it, and it is that key which is ended.
        var late = await life.House.RequestAsync(LicensingHouse.PanelProduct, r => r["issuer"] = life.Issuer);
        await life.House.PostAsync($"licenses/{late}/issue");
        await life.House.UntilAsync(late, l => l["goingOn"]?["lastError"] is not null);
        await life.StartTerminatingAsync(late);
        await life.UntilEndedAsync(late, TimeSpan.FromSeconds(20));

        (await life.House.LicenseAsync(late))["status"]!.ToString().ShouldBe("Terminated");
        (await life.EndedInOrderAsync()).ShouldBe(["SIM.00000001.0000"]);
    }

    [Theory, BothEngines]
    public async Task What_is_to_be_terminated_is_not_renewed(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine, "terminate *: refuse 300 Not now");
        await life.House.RenewAutomaticallyAsync();
        var id = await life.InstalledAsync(change: r => (r["addOns"], r["subscriptionId"], r["subscriptionName"]) = (new JsonArray(), 17, "northwind.example"));
        await life.TerminateAsync(id);
        await life.UntilAsync(id, t => life.Said(t)[0] == "SIM.00000001.0000 Failed Removed");
        (await life.House.RefusedAsync($"licenses/{id}/install", null, HttpStatusCode.Conflict, "licensing.under-way")).ShouldContain("to be terminated");

        (await life.House.RefusedAsync($"licenses/{id}/renew", null, HttpStatusCode.Conflict, "licensing.under-way")).ShouldContain("to be terminated");
        life.House.Time.AdvanceTo(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
        await life.House.UntilAsync(id, l => (int)l["renewal"]!["tries"]! > 0);
        (await life.House.LicenseAsync(id))["license"]!["expirationDate"]!.ToString().ShouldBe("2026-03-11");
        life.House.Time.AdvanceTo(new DateTimeOffset(2026, 3, 12, 12, 0, 0, TimeSpan.Zero));
        await life.House.UntilAsync(id, l => (string)l["status"]! == "Expired");
    }

    [Theory, BothEngines]
    public async Task A_reason_is_needed_and_the_copy_alone_can_be_removed(Engine engine)
    {
        await using var life = await TerminatingHouse.StartAsync(engine);
        var id = await life.InstalledAsync(change: r => r["addOns"] = new JsonArray());
        await life.House.RefusedAsync($"licenses/{id}/terminate", new JsonObject { ["reason"] = " " }, HttpStatusCode.BadRequest, "licensing.reason-missing");

        await life.House.PostAsync($"licenses/{id}/remove");
        await life.House.UntilStateAsync(id, LicenseState.Retrieved);
        life.Files().ShouldBeEmpty();
        await life.House.RefusedAsync($"licenses/{id}/remove", null, HttpStatusCode.Conflict, "licensing.move-not-allowed");
        await life.House.DoAsync(id, "install", LicenseState.Installed);
        life.Files().Length.ShouldBe(1);
    }
}
