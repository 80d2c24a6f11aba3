using System.Text;
using System.Text.RegularExpressions;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>One key server, two Partner APIs: what is done through one is seen through the other; and what the answers look like.</summary>
public sealed partial class BothApisTests
{
    [Theory, BothEngines]
    public async Task A_key_made_through_3_0_is_read_and_changed_through_1_0(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.KeyAsync("""{ "nickname": "rack7", "items": [ { "item": "360-MON-1M", "externalId": "A" }, { "item": "360-MON-SRV-1M", "quantity": 5, "externalId": "B" } ], "activationInfo": { "activated": 1, "uid": "m" } }""");
        var number = await world.NumberAsync(key);

        var info = (await world.Server.CallAsync("getKeyInfo", number))["keyInfo"].AsStruct();
        info["apiKeyType"].AsString().ShouldBe("MONITORING_360");
        info["features"].AsArray().Single().AsStruct()["apiName"].AsString().ShouldBe("MONITORING_360_SERVER");
        info["guid"].AsString().ShouldBe("m");
        (await world.Server.CallAsync("renewKey", number))["resultCode"].AsInt().ShouldBe(100);
        (await world.Server.CallAsync("upgradeKey", number, "MONITORING_360_SITE"))["resultCode"].AsInt().ShouldBe(100);
        (await world.Server.CallAsync("problemKey", number, true))["resultCode"].AsInt().ShouldBe(100);

        var read = await world.Rest.KeyAsync(key);
        World.Identifier(read, "keyNumber").ShouldEndWith(".0002");
        read.GetProperty("suspended").GetBoolean().ShouldBeTrue();
        read.GetProperty("items").GetRawText().ShouldBe(
            """[{"item":"360-MON-1M","externalId":"A","quantity":1},{"item":"360-MON-SRV-1M","externalId":"B","quantity":5},{"item":"360-MON-SITE-1M","externalId":null,"quantity":1}]""");
    }

    [Theory, BothEngines]
    public async Task The_license_file_counts_what_was_ordered_several_times(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.KeyAsync("""{ "items": [ { "item": "SJ-PLSK-BIZ-1M" }, { "item": "SJ-PLSK-BIZ-SITE-1M", "quantity": 5 } ] }""");

        (await world.Server.VerifiedAsync(await world.Server.CallAsync("retrieveKey", await world.NumberAsync(key)))).Properties.Select(p => (p.Name, p.Value)).ShouldBe([("sites-added", "5")]);

        await world.Rest.PutAsync($"keys/{key}", """{ "items": [ { "item": "SJ-PLSK-BIZ-1M" }, { "item": "SJ-PLSK-BIZ-SITE-1M", "quantity": 7 } ] }""");
        (await world.Server.VerifiedAsync(await world.Server.CallAsync("retrieveKey", await world.NumberAsync(key)))).Properties.Select(p => (p.Name, p.Value)).ShouldBe([("sites-added", "7")]);
    }

    [Theory, BothEngines]
    public async Task The_token_of_a_key_says_what_its_file_says_and_stays_the_same(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.KeyAsync();
        var verifier = new LicenseVerifier(await world.Server.Get<SigningRing>().TrustAsync(CancellationToken.None));

        var tokens = new[] { await world.Rest.GetAsync($"keys/{key}/retrieve?token=yes"), await world.Rest.GetAsync($"keys/{key}/retrieve?token=yes") };
        var file = await world.Rest.GetAsync($"keys/{key}/retrieve");

        tokens[1].Body.ShouldBe(tokens[0].Body);
        var verified = verifier.Verify(Encoding.ASCII.GetBytes(tokens[0].Body));
        verified.IsAuthentic.ShouldBeTrue(verified.Reason);
        verified.License.ShouldBe(verifier.Verify(Encoding.UTF8.GetBytes(file.Body)).License);
    }

    [Theory, BothEngines]
    public async Task A_key_made_through_1_0_is_found_and_ended_through_3_0(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.Key10Async(features: ["30_DOMAINS"]);

        (await world.Rest.GetAsync("keys?status=active")).Json.EnumerateArray().Select(k => k.GetProperty("keyId").GetInt32()).ShouldBe([key]);
        (await world.Rest.DeleteAsync($"keys/{key}")).Status.ShouldBe(200);

        (await world.Server.CallAsync("terminateKey", await world.NumberAsync(key)))["resultCode"].AsInt().ShouldBe(110);
    }

    [Theory, BothEngines]
    public async Task A_method_taken_from_a_login_is_taken_from_its_next_of_kin_too(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.KeyAsync();
        await world.Server.Database.WriteAsync(tx => tx.ExecuteAsync("update api_logins set denied_methods = 'createKey,bindKey' where login = 'northwind-api'", null, CancellationToken.None), CancellationToken.None);

        (await world.Rest.PostAsync("keys", World.Host)).Type.ShouldBe("201");
        (await world.Rest.PutAsync($"keys/{key}", """{ "ipAddressBinding": "198.51.100.1" }""")).Type.ShouldBe("201");
        (await world.Rest.PutAsync($"keys/{key}", """{ "nickname": "x" }""")).Status.ShouldBe(200);
    }

    [Theory, BothEngines]
    public async Task A_reinstated_key_carries_the_feature_that_bills_its_updates(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var list = System.Text.Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")).Replace(
            "\"id\": \"LANGUAGE_PACKS_5\",", "\"id\": \"LANGUAGE_PACKS_5\", \"sus\": true,", StringComparison.Ordinal);
        await world.Server.DoAsync(tx => world.Server.Get<Keygate.KeyServer.ImportPriceListHandler>().HandleAsync(tx, System.Text.Encoding.UTF8.GetBytes(list), TestKeyServer.Staff, CancellationToken.None));
        var key = await world.KeyAsync();
        await world.SetAsync(key, "sus_date = '2026-02-01'");

        var answer = await world.Rest.PostAsync($"keys/{key}/reinstate-sus?externalId=SUS-9&return-key-state=yes");

        answer.Json.GetProperty("items").GetRawText().ShouldBe("""[{"item":"PLESK-12-WEB-HOST-1M","externalId":null,"quantity":1},{"item":"FT-PLESK-5-LANGUAGE-PACKS-1M","externalId":"SUS-9","quantity":1}]""");
        World.Identifier(answer.Json, "keyNumber").ShouldEndWith(".0001");
    }

    [Theory, BothEngines]
    public async Task A_key_that_has_just_renewed_by_itself_takes_no_second_term_from_renew(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var key = await world.KeyAsync();
        (await world.Rest.SendAsync("PUT", $"keys/{key}", """{ "autoRenew": true }""")).Status.ShouldBe(200);
        var due = (await world.Rest.GetAsync($"keys/{key}")).Json.GetProperty("updateDate").GetDateTimeOffset();
        world.Server.Time.Advance(due - world.Server.Time.GetUtcNow());
        await world.Server.WorkAsync();

        var swept = (await world.Rest.GetAsync($"keys/{key}")).Json;
        var asked = await world.Rest.GetAsync($"keys/{key}/renew?return-key-state=yes");

        World.Identifier(swept, "keyNumber").ShouldEndWith(".0001");
        (asked.Status, World.Identifier(asked.Json, "keyNumber")).ShouldBe((200, World.Identifier(swept, "keyNumber")));
        asked.Json.GetProperty("updateDate").GetDateTimeOffset().ShouldBe(swept.GetProperty("updateDate").GetDateTimeOffset());
        world.Server.Time.Advance(TimeSpan.FromHours(25));
        World.Identifier((await world.Rest.GetAsync($"keys/{key}/renew?return-key-state=yes")).Json, "keyNumber").ShouldEndWith(".0002");
    }

    [Fact]
    public async Task Answers_look_as_approved()
    {
        await using var world = await World.StartAsync(Engine.Sqlite);
        var lines = new List<string>();
        await DoAsync("POST", "keys?return-key-state=yes", """{ "ownerId": "1", "nickname": "rack7", "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "SUB-8841-1" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M", "externalId": "SUB-8841-2" } ] }""");
        await DoAsync("POST", "keys", """{ "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": 5 } ], "activationInfo": { "activated": 1, "uid": "monitor-1" } }""");
        await DoAsync("GET", "keys");
        await DoAsync("GET", "keys?nickname=rack7&status=active");
        await DoAsync("PUT", "keys/1?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "SUB-8841-1" } ] }""");
        await DoAsync("PUT", "keys/1", """{ "suspended": "true" }""");
        await DoAsync("GET", "keys/1");
        await DoAsync("PUT", "keys/1", """{ "suspended": "true", "ipAddressBinding": "198.51.100.1" }""");
        await DoAsync("PUT", "keys/1", """{ "suspended": "false", "terminated": true }""");
        await DoAsync("GET", "keys/2/renew?return-key-state=true");
        await DoAsync("GET", "keys/2/remaining-activations");
        await DoAsync("POST", "keys/2/remaining-activations?remaining-activations=7");
        await DoAsync("POST", "keys/2/renew-sus");
        await DoAsync("DELETE", "keys/1?return-key-state=yes");
        await DoAsync("GET", "keys/1/renew");
        await DoAsync("POST", "keys", """{ "ownerId": null, "items": [] }""");
        await DoAsync("GET", "keys/41207");
        await DoAsync("DELETE", "keys");

        Approve.That(string.Join("\n", lines), "answers");

        async Task DoAsync(string verb, string path, string? body = null)
        {
            var answer = await world.Rest.SendAsync(verb, path, body);
            var location = answer.Headers.Location is { } at ? $"Location: {at}\n" : "";
            lines.Add($"{verb} {path}\n{body}{(body is null ? "" : "\n")}\n{answer.Status}\n{location}{Code().Replace(answer.Body, "K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA")}\n");
        }
    }

    [GeneratedRegex("[A-Z0-9]{6}(?:-[A-Z0-9]{6}){4}", RegexOptions.None, 1000)]
    private static partial Regex Code();
}
