using System.Globalization;
using System.Text.Json;
using Keygate.KeyServer;
using Shouldly;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>One case of the conformance suite: an endpoint, a variant of a call or an error of it, and the answer owed.</summary>
/// <param name="Endpoint">Verb and path.</param>
/// <param name="Variant">What is special about it.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The error's type; null for a success.</param>
/// <param name="Call">Makes the call; its text is written from the reference.</param>
/// <param name="Check">What the answer must hold besides.</param>
internal sealed record Case(string Endpoint, string Variant, int Status, string? Type, Func<World, Task<RestReply>> Call, Func<World, RestReply, Task>? Check = null);

/// <summary>All cases, by endpoint, in the order of the reference.</summary>
internal static class Cases
{
    private const string Search = "GET keys", Create = "POST keys", Read = "GET keys/{id}", Modify = "PUT keys/{id}", Terminate = "DELETE keys/{id}",
        Retrieve = "GET keys/{id}/retrieve", Renew = "GET keys/{id}/renew", RenewSus = "POST keys/{id}/renew-sus", Reinstate = "POST keys/{id}/reinstate-sus",
        Convert = "POST keys/{id}/convert-to-edition", Remaining = "GET keys/{number}/remaining-activations", SetRemaining = "POST keys/{number}/remaining-activations", Any = "any call";

    public static readonly IReadOnlyList<Case> All = [.. Door(), .. Searches(), .. Creations(), .. Readings(), .. Modifications(), .. Terminations(), .. Retrievals(), .. Renewals(), .. Updates(), .. Conversions(), .. Activations()];

    private static IEnumerable<Case> Door() =>
    [
        new(Any, "prefix /30/", 200, null, w => w.Rest.SendAsync("GET", "/30/keys")),
        new(Any, "prefix /jsonrest/business-partner/30/", 200, null, w => w.Rest.SendAsync("GET", "/jsonrest/business-partner/30/keys")),
        new(Any, "a slash at the end", 200, null, w => w.Rest.GetAsync("keys/")),
        new(Any, "an empty query", 200, null, w => w.Rest.GetAsync("keys?")),
        new(Any, "unknown parameters", 200, null, w => w.Rest.GetAsync("keys?retailer=whmcs-ka&return-key-state=yes")),
        new(Any, "Content-Type on a GET", 200, null, w => w.Rest.SendAsync("GET", "keys", "", "application/json; charset=utf-8")),
        new(Any, "Accept: application/json", 200, null, w => w.Rest.SendAsync("GET", "keys", accept: "application/json")),
        new(Any, "Accept: */*", 200, null, w => w.Rest.SendAsync("GET", "keys", accept: "*/*")),
        new(Any, "Accept: text/html", 406, "90003", w => w.Rest.SendAsync("GET", "keys", accept: "text/html")),
        new(Any, "no credentials", 401, "200", w => w.Rest.SendAsync("GET", "keys", authorization: ""), (_, a) => Does(() => a.Headers.WwwAuthenticate.ToString().ShouldStartWith("Basic"))),
        new(Any, "wrong password", 401, "200", w => w.Rest.SendAsync("GET", "keys", authorization: Rest.Basic("northwind-api", "wrong"))),
        new(Any, "unknown login", 401, "200", w => w.Rest.SendAsync("GET", "keys", authorization: Rest.Basic("nobody", w.Server.Password))),
        new(Any, "a disabled login", 401, "200", async w =>
        {
            using var login = await World.LoginAsync(w.Server, ClientId.Of(1), "northwind-disabled", LoginRole.All);
            await w.Server.Database.WriteAsync(tx => tx.ExecuteAsync("update api_logins set enabled = @no where login = 'northwind-disabled'", new { no = false }, CancellationToken.None), CancellationToken.None);
            return await login.GetAsync("keys");
        }),
        new(Any, "credentials of another scheme", 401, "200", w => w.Rest.SendAsync("GET", "keys", authorization: "Bearer 123")),
        new(Any, "credentials that are no base64", 401, "200", w => w.Rest.SendAsync("GET", "keys", authorization: "Basic ***")),
        new(Any, "unknown path", 404, "90001", w => w.Rest.GetAsync("clients")),
        new(Any, "unknown command of a key", 404, "90001", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/attach")),
        new(Any, "unsupported method", 405, "90002", w => w.Rest.SendAsync("PATCH", "keys", "{}"), (_, a) => Does(() => a.ContentHeaders.Allow.ShouldBe(["GET", "POST"]))),
        new(Any, "unsupported method of a command", 405, "90002", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/renew")),
    ];

    private static IEnumerable<Case> Searches() =>
    [
        new(Search, "no parameters: all keys in reach", 200, null, async w => { await w.KeyAsync(); return await w.Rest.GetAsync("keys"); }, (_, a) => Does(() =>
        {
            a.Json.EnumerateArray().First().EnumerateObject().Select(p => p.Name).ShouldBe(["ownerId", "keyId", "parentKeyId", "isEls", "lastReportingOs"]);
            a.Json.EnumerateArray().All(k => k.GetProperty("ownerId").GetString() == "1").ShouldBeTrue();
        })),
        new(Search, "nothing found: an empty list", 200, null, w => w.Rest.GetAsync("keys?nickname=no-such-key"), (_, a) => Does(() => a.Body.ShouldBe("[]"))),
        new(Search, "an attached key names its parent", 200, null, async w =>
        {
            var (parent, key) = (await w.KeyAsync(), await w.AdditionalKeyAsync());
            await w.Rest.PutAsync($"keys/{key}", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} }, "nickname": "attached" }""");
            return await w.Rest.GetAsync("keys?nickname=attached");
        }, (_, a) => Does(() => a.Json[0].GetProperty("parentKeyId").ValueKind.ShouldBe(JsonValueKind.Number))),
        Filter("nickname", async w => await w.KeyAsync("""{ "nickname": "räck 7", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), "nickname=r%C3%A4ck+7"),
        Filter("ip-address-binding, IPv4", async w => await Put(w, """{ "ipAddressBinding": "198.51.100.70" }"""), "ip-address-binding=198.51.100.70"),
        Filter("ip-address-binding, IPv6 in another spelling", async w => await Put(w, """{ "ipAddressBinding": "2001:db8::70" }"""), "ip-address-binding=2001:0DB8:0:0::70"),
        Filter("uid", async w => await w.KeyAsync("""{ "activationInfo": { "activated": true, "uid": "instance-70" }, "items": [ { "item": "360-MON-1M" } ] }"""), "uid=instance-70"),
        Filter("product, by its family", async w => await w.KeyAsync("""{ "items": [ { "item": "SJ-PLSK-BIZ-1M" } ] }"""), "product=sitejet"),
        Filter("product, by its name", async w => await w.KeyAsync("""{ "items": [ { "item": "WPC-NOVA-PLSK-START-1M" } ] }"""), "product=Koality"),
        Filter("status=active", w => w.KeyAsync(), "status=active"),
        Filter("status=suspended", w => w.SuspendedKeyAsync(), "status=suspended"),
        Filter("status=terminated", w => w.TerminatedKeyAsync(), "status=terminated"),
        Filter("status=expired", async w => await Set(w, "expiration_date = '2026-03-09'"), "status=expired"),
        Filter("status=expiring", async w => await Set(w, "update_date = '2026-03-09'"), "status=expiring"),
        Filter("type=lease", w => w.KeyAsync(), "type=lease"),
        Filter("type=lease1m, a month or thirty days", async w => await w.Key10Async("PLESK_9_FOR_VZ"), "type=lease1m"),
        Filter("type=purchased", w => w.PurchasedKeyAsync(), "type=purchased"),
        Filter("type=master", async w => await Set(w, "kind = 'Master'"), "type=master"),
        Filter("type=bundled", async w =>
        {
            var key = await w.AdditionalKeyAsync();
            await w.Rest.PutAsync($"keys/{key}", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync()}} } }""");
            return key;
        }, "type=bundled"),
        .. new[] { "trial", "lease3m", "lease6m", "lease1y", "lease2y", "lease3y" }.Select(type =>
            new Case(Search, $"type={type}: none of the sample price list", 200, null, async w => { await w.KeyAsync(); return await w.Rest.GetAsync($"keys?type={type}"); }, (_, a) => Does(() => a.Body.ShouldBe("[]")))),
        Filter("fraud=confirmed_multiuse", w => SeenAsync(w, reports: 2), "fraud=confirmed_multiuse"),
        Filter("fraud=potential_multiuse", w => SeenAsync(w, reports: 1), "fraud=potential_multiuse"),
        Filter("fraud=multiuse", w => SeenAsync(w, reports: 1), "fraud=multiuse"),
        Filter("restrict-ip-binding", async w => await Put(w, """{ "restrictIPBinding": true }"""), "restrict-ip-binding=true"),
        Filter("is-els=false", w => w.KeyAsync(), "is-els=false"),
        new(Search, "is-els=true: none of the sample price list", 200, null, w => w.Rest.GetAsync("keys?is-els=true"), (_, a) => Does(() => a.Body.ShouldBe("[]"))),
        Filter("several parameters are combined with and", async w => await w.KeyAsync("""{ "nickname": "both", "items": [ { "item": "SJ-PLSK-BIZ-1M" } ] }"""), "nickname=both&product=sitejet&status=active&type=lease1m"),
        new(Search, "several parameters, one of which does not fit", 200, null, async w =>
        {
            await w.KeyAsync("""{ "nickname": "neither", "items": [ { "item": "SJ-PLSK-BIZ-1M" } ] }""");
            return await w.Rest.GetAsync("keys?nickname=neither&product=plesk");
        }, (_, a) => Does(() => a.Body.ShouldBe("[]"))),
        new(Search, "a reseller's login sees the keys of its clients", 200, null, async w =>
        {
            (await w.Reseller.PostAsync("keys", $$"""{ "ownerId": "{{w.SubClient.Value}}", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")).Status.ShouldBe(201);
            return await w.Reseller.GetAsync("keys");
        }, (w, a) => Does(() => a.Json.EnumerateArray().Select(k => k.GetProperty("ownerId").GetString()).Distinct().ShouldBe([Text(w.SubClient.Value)]))),
        new(Search, "malformed address", 400, "405", w => w.Rest.GetAsync("keys?ip-address-binding=300.1.1.1")),
        new(Search, "unknown status", 400, "90008", w => w.Rest.GetAsync("keys?status=living")),
        new(Search, "unknown type", 400, "90008", w => w.Rest.GetAsync("keys?type=7")),
        new(Search, "unknown fraud", 400, "90008", w => w.Rest.GetAsync("keys?fraud=none")),
        new(Search, "flag that is none", 400, "90008", w => w.Rest.GetAsync("keys?restrict-ip-binding=perhaps")),
    ];

    private static IEnumerable<Case> Creations() =>
    [
        new(Create, "empty answer, Location", 201, null, w => w.Rest.PostAsync("keys", World.Host), (w, a) => Does(() =>
        {
            a.Body.ShouldBe("");
            a.Headers.Location!.AbsoluteUri.ShouldMatch("^https://127\\.0\\.0\\.1:7050/30/keys/[1-9][0-9]*$");
        })),
        new(Create, "return-key-state=yes, a feature, external ids, nickname", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "ownerId": "1", "nickname": "rack7",
              "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "SUB-8841-1" },
                         { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M", "externalId": "SUB-8841-2" } ] }
            """), (_, a) => Does(() =>
        {
            a.Json.GetProperty("nickname").GetString().ShouldBe("rack7");
            Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M \"SUB-8841-1\" 1", "FT-PLESK-5-LANGUAGE-PACKS-1M \"SUB-8841-2\" 1"]);
        })),
        new(Create, "return-key-state=TRUE with a retailer", 201, null, w => w.Rest.PostAsync("keys?return-key-state=TRUE&retailer=whmcs-ka", World.Host), (_, a) => Does(() => a.Json.GetProperty("status").GetString().ShouldBe("ACTIVE"))),
        new(Create, "return-key-state=no", 201, null, w => w.Rest.PostAsync("keys?return-key-state=no", World.Host), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(Create, "return-key-state=maybe", 400, "90008", w => w.Rest.PostAsync("keys?return-key-state=maybe", World.Host), NothingMade),
        new(Create, "quantities, as number and as text", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": 5 }, { "item": "360-MON-SITE-1M", "quantity": "12" } ] }
            """), (_, a) => Does(() => Items(a.Json).ShouldBe(["360-MON-1M null 1", "360-MON-SRV-1M null 5", "360-MON-SITE-1M null 12"]))),
        new(Create, "quantity 0 is no item", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": 0 } ] }
            """), (_, a) => Does(() => Items(a.Json).ShouldBe(["360-MON-1M null 1"]))),
        new(Create, "one item over several lines", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": 2, "externalId": "A" }, { "item": "360-MON-SRV-1M", "quantity": 3, "externalId": 17 } ] }
            """), (_, a) => Does(() => Items(a.Json).ShouldBe(["360-MON-1M null 1", "360-MON-SRV-1M \"A\" 2", "360-MON-SRV-1M 17 3"]))),
        new(Create, "the base license comes first in the answer", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "items": [ { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" }, { "item": "PLESK-12-WEB-HOST-1M" } ] }
            """), (_, a) => Does(() => Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M null 1", "FT-PLESK-5-LANGUAGE-PACKS-1M null 1"]))),
        new(Create, "activation at once, activated as the number 1", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """
            { "activationInfo": { "activated": 1, "uid": "monitor-1" }, "items": [ { "item": "360-MON-1M" } ] }
            """), (_, a) => Does(() => a.Json.GetProperty("activationInfo").GetRawText().ShouldBe("""{"activated":true,"uid":"monitor-1"}"""))),
        new(Create, "activation of a key type without one", 400, "452", w => w.Rest.PostAsync("keys", """
            { "activationInfo": { "activated": true, "uid": "monitor-1" }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }
            """), NothingMade),
        new(Create, "address, restriction, autoRenew, configuration", 201, null, async w => await w.Rest.PostAsync("keys?return-key-state=yes", $$"""
            { "ipAddressBinding": "198.51.100.80", "restrictIPBinding": "true", "autoRenew": true, "productConfigurationId": {{await w.ConfigurationAsync("at creation")}},
              "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }
            """), (_, a) => Does(() =>
        {
            a.Json.GetProperty("ipAddressBinding").GetString().ShouldBe("198.51.100.80");
            a.Json.GetProperty("restrictIPBinding").GetBoolean().ShouldBeTrue();
            a.Json.GetProperty("autoRenew").GetBoolean().ShouldBeTrue();
            a.Json.GetProperty("productConfigurationId").ValueKind.ShouldBe(JsonValueKind.Number);
        })),
        new(Create, "an additional key, attached to its parent", 201, null, async w =>
        {
            await AdditionalSkuAsync(w);
            return await w.Rest.PostAsync("keys?return-key-state=yes", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync()}} }, "items": [ { "item": "KAV-1M" } ] }""");
        }, (_, a) => Does(() => a.Json.GetProperty("parentKeyIdentifiers").GetProperty("keyNumber").GetString()!.ShouldStartWith("PLSK."))),
        new(Create, "an additional key for a parent that has one", 400, "255", async w =>
        {
            await AdditionalSkuAsync(w);
            var body = $$"""{ "parentKeyIdentifiers": { "activationCode": "{{await w.CodeAsync(await w.KeyAsync())}}" }, "items": [ { "item": "KAV-1M" } ] }""";
            (await w.Rest.PostAsync("keys", body)).Status.ShouldBe(201);
            return await w.Rest.PostAsync("keys", body);
        }),
        new(Create, "an additional key for a parent it does not fit", 400, "245", async w =>
        {
            await AdditionalSkuAsync(w);
            return await w.Rest.PostAsync("keys", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}} }, "items": [ { "item": "KAV-1M" } ] }""");
        }),
        new(Create, "a main key with a parent", 400, "256", async w => await w.Rest.PostAsync("keys", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync()}} }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "unknown parent", 404, "220", w => w.Rest.PostAsync("keys", """{ "parentKeyIdentifiers": { "keyId": 99999999 }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "a stranger's parent", 403, "202", async w => await w.Rest.PostAsync("keys", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.Stranger.CreateAsync(World.Host)}} }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "parent identifiers of two keys", 400, "90014", async w => await w.Rest.PostAsync("keys", $$"""
            { "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync()}}, "activationCode": "{{await w.CodeAsync(await w.KeyAsync())}}" }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }
            """)),
        new(Create, "parent identifiers without any", 400, "90007", w => w.Rest.PostAsync("keys", """{ "parentKeyIdentifiers": {}, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "ownerId as a number", 201, null, w => w.Rest.PostAsync("keys?return-key-state=yes", """{ "ownerId": 1, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), (_, a) => Does(() => a.Json.GetProperty("ownerId").GetString().ShouldBe("1"))),
        new(Create, "ownerId null", 400, "90007", w => w.Rest.PostAsync("keys", """{ "ownerId": null, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "unknown ownerId", 404, "250", w => w.Rest.PostAsync("keys", """{ "ownerId": "99999", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "ownerId of a stranger", 403, "202", w => w.Rest.PostAsync("keys", """{ "ownerId": "2", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "a reseller's login for its client", 201, null, w => w.Reseller.PostAsync("keys?return-key-state=yes", $$"""{ "ownerId": {{w.SubClient.Value}}, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), (w, a) => Does(() => a.Json.GetProperty("ownerId").GetString().ShouldBe(Text(w.SubClient.Value)))),
        new(Create, "a reseller's login without ownerId", 400, "90007", w => w.Reseller.PostAsync("keys", World.Host)),
        new(Create, "a reseller's login for itself", 400, "280", w => w.Reseller.PostAsync("keys", $$"""{ "ownerId": {{w.ResellerId.Value}}, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "keyIdentifiers as an empty array", 201, null, w => w.Rest.PostAsync("keys", """{ "keyIdentifiers": [], "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "keyIdentifiers null", 400, "90007", w => w.Rest.PostAsync("keys", """{ "keyIdentifiers": null, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "keyIdentifiers with a value", 400, "90007", w => w.Rest.PostAsync("keys", """{ "keyIdentifiers": { "keyId": 41207 }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "items left out", 400, "90007", w => w.Rest.PostAsync("keys", """{ "nickname": "x" }"""), NothingMade),
        new(Create, "items null", 400, "90007", w => w.Rest.PostAsync("keys", """{ "items": null }""")),
        new(Create, "no items", 400, "90012", w => w.Rest.PostAsync("keys", """{ "items": [] }""")),
        new(Create, "features without a base license", 400, "90012", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" } ] }""")),
        new(Create, "two base licenses", 400, "90012", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "360-MON-1M" } ] }"""), NothingMade),
        new(Create, "a base license twice", 400, "90012", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "quantity": 2 } ] }""")),
        new(Create, "a feature that is not countable, twice", 400, "90012", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M", "quantity": 2 } ] }""")),
        new(Create, "a feature of another base license", 400, "244", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "360-MON-SRV-1M" } ] }"""), NothingMade),
        new(Create, "unknown constant", 400, "90011", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK-13-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "constant of Partner API 1.0", 400, "90011", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "PLESK_12_WEB_HOST" } ] }"""), NothingMade),
        new(Create, "readable name in place of a constant", 400, "90011", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "Plesk 12 Web Host" } ] }""")),
        new(Create, "negative quantity", 400, "90007", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": -1 } ] }"""), NothingMade),
        new(Create, "quantity that is no number", 400, "90007", w => w.Rest.PostAsync("keys", """{ "items": [ { "item": "360-MON-1M" }, { "item": "360-MON-SRV-1M", "quantity": "many" } ] }""")),
        new(Create, "suspended from the start", 400, "90015", w => w.Rest.PostAsync("keys", """{ "suspended": true, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "address of another license", 400, "272", async w =>
        {
            (await w.Stranger.PutAsync($"keys/{await w.Stranger.CreateAsync(World.Host)}", """{ "ipAddressBinding": "198.51.100.81" }""")).Status.ShouldBe(200);
            return await w.Rest.PostAsync("keys", """{ "ipAddressBinding": "198.51.100.81", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""");
        }, NothingMade),
        new(Create, "address that is none", 400, "90007", w => w.Rest.PostAsync("keys", """{ "ipAddressBinding": "localhost", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "unknown product configuration", 404, "295", w => w.Rest.PostAsync("keys", """{ "productConfigurationId": 9999, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""), NothingMade),
        new(Create, "nickname with a line end", 400, "90007", w => w.Rest.PostAsync("keys", """{ "nickname": "a\nb", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")),
        new(Create, "informational fields are ignored", 201, null, w => w.Rest.PostAsync("keys", """
            { "status": "TERMINATED", "childKeyIdentifiers": [ { "keyId": 7 } ], "creationDate": 7, "isEls": "x", "provisioningPayload": { "zoneId": 1 }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }
            """)),
        new(Create, "a semicolon after the body", 201, null, w => w.Rest.PostAsync("keys", World.Host + ";")),
        new(Create, "no Content-Type", 201, null, w => w.Rest.SendAsync("POST", "keys", World.Host, contentType: null)),
        new(Create, "charset=UTF8, as the documentation spells it", 201, null, w => w.Rest.SendAsync("POST", "keys", World.Host, "application/json; charset=UTF8")),
        new(Create, "Content-Type of a form", 415, "90004", w => w.Rest.SendAsync("POST", "keys", World.Host, "application/x-www-form-urlencoded"), NothingMade),
        new(Create, "broken JSON", 400, "90006", w => w.Rest.PostAsync("keys", """{ "items": [ """), NothingMade),
        new(Create, "no body", 400, "90006", w => w.Rest.PostAsync("keys")),
        new(Create, "body that is no object", 400, "90006", w => w.Rest.PostAsync("keys", "7")),
        new(Create, "body of more than 1 MiB", 413, "90005", w => w.Rest.PostAsync("keys", $$"""{ "nickname": "{{new string('x', 1 << 20)}}" }""")),
        new(Create, "role Standard", 201, null, w => w.Standard.PostAsync("keys", World.Host)),
    ];

    private static IEnumerable<Case> Readings() =>
    [
        new(Read, "by number", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}"), (_, a) => Does(() => a.Json.EnumerateObject().Select(p => p.Name).ShouldBe([
            "ownerId", "keyIdentifiers", "parentKeyIdentifiers", "childKeyIdentifiers", "activationInfo", "ipAddressBinding", "nickname", "productConfigurationId", "items", "creationDate",
            "lastModificationDate", "updateDate", "expirationDate", "susExpirationDate", "susStatus", "supportExpirationDate", "supportStatus", "status", "terminated", "suspended",
            "ownerSuspended", "autoRenew", "restrictIPBinding", "lastReportingOs", "isEls"]))),
        new(Read, "by number with leading zeros", 200, null, async w => { var key = await w.KeyAsync(); return await w.Rest.GetAsync(string.Create(CultureInfo.InvariantCulture, $"keys/{key:D8}")); }),
        new(Read, "by full number", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.NumberAsync(await w.KeyAsync())}")),
        new(Read, "by activation code", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.CodeAsync(await w.KeyAsync())}")),
        new(Read, "return-key-state=yes changes nothing", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}?return-key-state=yes"), (_, a) => Does(() => a.Json.GetProperty("status").GetString().ShouldBe("ACTIVE"))),
        new(Read, "types that strict clients assert", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}"), (_, a) => Does(() =>
        {
            var ids = a.Json.GetProperty("keyIdentifiers");
            ids.GetProperty("keyId").ValueKind.ShouldBe(JsonValueKind.Number);
            foreach (var name in new[] { "keyNumber", "activationCode", "activationLink" })
            {
                ids.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.String, name);
            }

            a.Json.GetProperty("ownerId").ValueKind.ShouldBe(JsonValueKind.String);
            a.Json.GetProperty("activationInfo").GetRawText().ShouldBe("""{"activated":false,"uid":""}""");
            a.Json.GetProperty("creationDate").GetString()!.ShouldMatch("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$");
        })),
        new(Read, "unmatched items carry their names", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.Key10Async(features: ["30_DOMAINS"])}"), (_, a) => Does(() => Items(a.Json).ShouldBe(["Plesk 10 for Unix/Linux null 1", "30 Plesk domains null 1"]))),
        new(Read, "a parent with its children", 200, null, async w =>
        {
            var (parent, key) = (await w.KeyAsync(), await w.AdditionalKeyAsync());
            await w.Rest.PutAsync($"keys/{key}", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} } }""");
            return await w.Rest.GetAsync($"keys/{parent}");
        }, (_, a) => Does(() => a.Json.GetProperty("childKeyIdentifiers")[0].GetProperty("keyNumber").GetString()!.ShouldStartWith("KAV."))),
        new(Read, "a terminated key", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.TerminatedKeyAsync()}"), (_, a) => Does(() => (a.Json.GetProperty("status").GetString(), a.Json.GetProperty("terminated").GetBoolean()).ShouldBe(("TERMINATED", true)))),
        new(Read, "an expired key", 200, null, async w => await w.Rest.GetAsync($"keys/{await Set(w, "expiration_date = '2026-03-09', sus_date = '2026-03-09'")}"), (_, a) => Does(() => (a.Json.GetProperty("status").GetString(), a.Json.GetProperty("susStatus").GetString()).ShouldBe(("EXPIRED", "EXPIRED")))),
        new(Read, "a key without software updates", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}"), (_, a) => Does(() => (a.Json.GetProperty("susStatus").ValueKind, a.Json.GetProperty("susExpirationDate").ValueKind).ShouldBe((JsonValueKind.Null, JsonValueKind.Null)))),
        new(Read, "an owner marked as problem", 200, null, async w =>
        {
            var key = await w.KeyAsync();
            await OwnerProblemAsync(w, true);
            try
            {
                return await w.Rest.GetAsync($"keys/{key}");
            }
            finally
            {
                await OwnerProblemAsync(w, false);
            }
        }, (_, a) => Does(() => a.Json.GetProperty("ownerSuspended").GetBoolean().ShouldBeTrue())),
        new(Read, "unknown number", 404, "220", w => w.Rest.GetAsync("keys/99999999")),
        new(Read, "unknown activation code", 404, "220", w => w.Rest.GetAsync("keys/AAAAAA-BBBBBB-CCCCCC-DDDDDD-EEEEEE")),
        new(Read, "what is neither number nor code", 404, "220", w => w.Rest.GetAsync("keys/none")),
        new(Read, "a stranger's key", 403, "202", async w => await w.Stranger.GetAsync($"keys/{await w.KeyAsync()}"), (_, a) => Does(() => a.Body.ShouldNotContain("PLSK"))),
        new(Read, "role Standard", 200, null, async w => await w.Standard.GetAsync($"keys/{await w.KeyAsync()}")),
    ];

    private static IEnumerable<Case> Modifications() =>
    [
        new(Modify, "an empty object changes nothing", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", "{}"), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(Modify, "all that was read, sent back: no change, no revision", 200, null, async w =>
        {
            var key = await w.Key10Async(features: ["30_DOMAINS", "LANGUAGE_PACK_2"]);
            var read = (await w.Rest.GetAsync($"keys/{key}")).Body;
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", read);
        }, (_, a) => Does(() => World.Identifier(a.Json, "keyNumber").ShouldEndWith(".0000"))),
        new(Modify, "items: a feature less", 200, null, async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "SUB-8841-1" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" } ] }""");
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "SUB-8841-1" } ] }""");
        }, (_, a) => Does(() => { Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M \"SUB-8841-1\" 1"]); World.Identifier(a.Json, "keyNumber").ShouldEndWith(".0001"); })),
        new(Modify, "items: a feature more", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" } ] }"""),
            (_, a) => Does(() => Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M null 1", "FT-PLESK-5-LANGUAGE-PACKS-1M null 1"]))),
        new(Modify, "items: another quantity", 200, null, async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "SJ-PLSK-BIZ-1M" }, { "item": "SJ-PLSK-BIZ-SITE-1M", "quantity": 3 } ] }""");
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", """{ "items": [ { "item": "SJ-PLSK-BIZ-1M" }, { "item": "SJ-PLSK-BIZ-SITE-1M", "quantity": 8 } ] }""");
        }, (_, a) => Does(() => Items(a.Json).ShouldBe(["SJ-PLSK-BIZ-1M null 1", "SJ-PLSK-BIZ-SITE-1M null 8"]))),
        new(Modify, "items: up to a higher base license", 200, null, async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "PLESK-12-WEB-ADMIN-1M" } ] }""");
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""");
        }, (_, a) => Does(() => Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M null 1"]))),
        new(Modify, "items: down to a lower base license", 400, "289", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": [ { "item": "PLESK-12-WEB-ADMIN-1M" } ] }""")),
        new(Modify, "items: to a base license that no plan leads to", 400, "266", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": [ { "item": "SJ-PLSK-BIZ-1M" } ] }""")),
        new(Modify, "items: a feature of another base license", 400, "244", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "360-MON-SRV-1M" } ] }""")),
        new(Modify, "items: unknown constant", 400, "90011", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "FT-NONE" } ] }""")),
        new(Modify, "items: no base license", 400, "90012", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": [ { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" } ] }""")),
        new(Modify, "items: an unmatched mandatory feature left out", 400, "266", async w => await w.Rest.PutAsync($"keys/{await w.Key10Async(features: ["30_DOMAINS"])}", """{ "items": [ { "item": "Plesk 10 for Unix/Linux" } ] }""")),
        new(Modify, "items: unmatched ones kept, another left out", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.Key10Async(features: ["30_DOMAINS", "LANGUAGE_PACK_2"])}?return-key-state=yes", """
            { "items": [ { "item": "Plesk 10 for Unix/Linux", "externalId": "B" }, { "item": "30 Plesk domains" } ] }
            """), (_, a) => Does(() => Items(a.Json).ShouldBe(["Plesk 10 for Unix/Linux \"B\" 1", "30 Plesk domains null 1"]))),
        new(Modify, "items: an unmatched one that the key does not have", 400, "90011", async w => await w.Rest.PutAsync($"keys/{await w.Key10Async(features: ["30_DOMAINS"])}", """{ "items": [ { "item": "Plesk 10 for Unix/Linux" }, { "item": "100 Plesk domains" } ] }""")),
        new(Modify, "items: other external ids only (rebuild)", 200, null, async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "OLD" } ] }""");
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "NEW" } ] }""");
        }, (_, a) => Does(() => { Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M \"NEW\" 1"]); World.Identifier(a.Json, "keyNumber").ShouldEndWith(".0000"); })),
        new(Modify, "items: an omitted external id stays, null takes it away", 200, null, async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "KEPT" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M", "externalId": "GONE" } ] }""");
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M", "externalId": null } ] }""");
        }, (_, a) => Does(() => Items(a.Json).ShouldBe(["PLESK-12-WEB-HOST-1M \"KEPT\" 1", "FT-PLESK-5-LANGUAGE-PACKS-1M null 1"]))),
        new(Modify, "items null", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "items": null }""")),
        new(Modify, "suspended true", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=true", """{ "suspended": true }"""), Status("SUSPENDED")),
        new(Modify, "suspended \"true\"", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=true", """{ "suspended": "true" }"""), Status("SUSPENDED")),
        new(Modify, "suspended \"false\" resumes", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.SuspendedKeyAsync()}?return-key-state=true", """{ "suspended": "false" }"""), Status("ACTIVE")),
        new(Modify, "suspended by a login that may not", 403, "201", async w => await w.Advanced.PutAsync($"keys/{await w.KeyAsync()}", """{ "suspended": true }""")),
        new(Modify, "suspended null", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "suspended": null }""")),
        new(Modify, "a change of a suspended key", 400, "221", async w => await w.Rest.PutAsync($"keys/{await w.SuspendedKeyAsync()}", """{ "ipAddressBinding": "198.51.100.90" }""")),
        new(Modify, "nickname of a suspended key", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.SuspendedKeyAsync()}?return-key-state=yes", """{ "nickname": "later" }"""), Status("SUSPENDED")),
        new(Modify, "terminated true", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=true", """{ "terminated": true }"""), Status("TERMINATED")),
        new(Modify, "terminated true, again", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.TerminatedKeyAsync()}", """{ "terminated": true }""")),
        new(Modify, "terminated false of a terminated key", 400, "24204", async w => await w.Rest.PutAsync($"keys/{await w.TerminatedKeyAsync()}", """{ "terminated": false }""")),
        new(Modify, "terminated of a purchased key", 400, "232", async w => await w.Rest.PutAsync($"keys/{await w.PurchasedKeyAsync()}", """{ "terminated": true }""")),
        new(Modify, "a change of a terminated key", 400, "24204", async w => await w.Rest.PutAsync($"keys/{await w.TerminatedKeyAsync()}", """{ "nickname": "too late" }""")),
        new(Modify, "terminated and suspended at once", 400, "90013", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "terminated": true, "suspended": true }""")),
        new(Modify, "two operations that conflict", 400, "90013", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "suspended": true, "ipAddressBinding": "198.51.100.91" }""")),
        new(Modify, "operations that go together", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", """
            { "suspended": true, "nickname": "unpaid", "autoRenew": true, "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": 7 } ] }
            """), (w, a) => Does(() => (a.Json.GetProperty("status").GetString(), a.Json.GetProperty("nickname").GetString(), Items(a.Json)[0]).ShouldBe(("SUSPENDED", "unpaid", "PLESK-12-WEB-HOST-1M 7 1")))),
        new(Modify, "all or nothing", 400, "272", async w =>
        {
            await Put(w, """{ "ipAddressBinding": "198.51.100.92" }""", w.Stranger);
            var key = await w.KeyAsync("""{ "nickname": "untouched", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""");
            return await w.Rest.PutAsync($"keys/{key}", """{ "nickname": "touched", "items": [ { "item": "PLESK-12-WEB-HOST-1M" }, { "item": "FT-PLESK-5-LANGUAGE-PACKS-1M" } ], "ipAddressBinding": "198.51.100.92" }""");
        }, async (w, _) => (await w.Rest.GetAsync("keys?nickname=touched")).Body.ShouldBe("[]")),
        new(Modify, "activation", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}?return-key-state=yes", """{ "activationInfo": { "activated": true, "uid": "m-2" } }"""),
            (_, a) => Does(() => a.Json.GetProperty("activationInfo").GetRawText().ShouldBe("""{"activated":true,"uid":"m-2"}"""))),
        new(Modify, "reactivation with another uid", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync("""{ "activationInfo": { "activated": 1, "uid": "m-3" }, "items": [ { "item": "360-MON-1M" } ] }""")}?return-key-state=yes", """{ "activationInfo": { "activated": true, "uid": "m-4" } }"""),
            (_, a) => Does(() => a.Json.GetProperty("activationInfo").GetProperty("uid").GetString().ShouldBe("m-4"))),
        new(Modify, "activation with none left this month", 400, "90026", async w =>
        {
            var key = await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""");
            await w.Rest.PostAsync($"keys/{key}/remaining-activations?remaining-activations=0");
            return await w.Rest.PutAsync($"keys/{key}", """{ "activationInfo": { "activated": true, "uid": "m-5" } }""");
        }),
        new(Modify, "activation taken back", 400, "90015", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync("""{ "activationInfo": { "activated": 1, "uid": "m-6" }, "items": [ { "item": "360-MON-1M" } ] }""")}", """{ "activationInfo": { "activated": false, "uid": "" } }""")),
        new(Modify, "hardware id of another active license", 400, "226", async w =>
        {
            await w.Rest.PutAsync($"keys/{await w.PurchasedKeyAsync()}", """{ "activationInfo": { "activated": true, "uid": "1A2B.3C4D" } }""");
            return await w.Rest.PutAsync($"keys/{await w.PurchasedKeyAsync()}", """{ "activationInfo": { "activated": true, "uid": "1A2B.3C4D" } }""");
        }),
        new(Modify, "attach", 200, null, async w =>
        {
            var parent = await w.KeyAsync();
            return await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}?return-key-state=yes", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} } }""");
        }, (_, a) => Does(() => a.Json.GetProperty("parentKeyIdentifiers").GetProperty("activationLink").GetString().ShouldBe(""))),
        new(Modify, "attach to another parent", 200, null, async w =>
        {
            var key = await AttachedAsync(w);
            return await w.Rest.PutAsync($"keys/{key}?return-key-state=yes", $$"""{ "parentKeyIdentifiers": { "keyNumber": "{{await w.NumberAsync(await w.KeyAsync())}}" } }""");
        }),
        new(Modify, "detach: parentKeyIdentifiers null", 200, null, async w => await w.Rest.PutAsync($"keys/{await AttachedAsync(w)}?return-key-state=yes", """{ "parentKeyIdentifiers": null }"""), (_, a) => Does(() => a.Json.GetProperty("parentKeyIdentifiers").ValueKind.ShouldBe(JsonValueKind.Null))),
        new(Modify, "attach to itself", 400, "259", async w => { var key = await w.AdditionalKeyAsync(); return await w.Rest.PutAsync($"keys/{key}", $$"""{ "parentKeyIdentifiers": { "keyId": {{key}} } }"""); }),
        new(Modify, "attach to an unknown parent", 404, "220", async w => await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", """{ "parentKeyIdentifiers": { "keyId": 99999999 } }""")),
        new(Modify, "attach to a stranger's key", 403, "202", async w => await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.Stranger.CreateAsync(World.Host)}} } }""")),
        new(Modify, "attach a main key", 400, "256", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync()}} } }""")),
        new(Modify, "attach to a parent it does not fit", 400, "245", async w => await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}} } }""")),
        new(Modify, "attach to a parent that has one of the type", 400, "255", async w =>
        {
            var parent = await w.KeyAsync();
            await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} } }""");
            return await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} } }""");
        }),
        new(Modify, "attach to a master key", 400, "257", async w => await w.Rest.PutAsync($"keys/{await w.AdditionalKeyAsync()}", $$"""{ "parentKeyIdentifiers": { "keyId": {{await Set(w, "kind = 'Master'")}} } }""")),
        new(Modify, "bind an address", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", """{ "ipAddressBinding": "2001:DB8::5" }"""), (_, a) => Does(() => a.Json.GetProperty("ipAddressBinding").GetString().ShouldBe("2001:db8::5"))),
        new(Modify, "unbind: ipAddressBinding null", 200, null, async w => await w.Rest.PutAsync($"keys/{await Put(w, """{ "ipAddressBinding": "198.51.100.93" }""")}?return-key-state=yes", """{ "ipAddressBinding": null }"""), (_, a) => Does(() => a.Json.GetProperty("ipAddressBinding").ValueKind.ShouldBe(JsonValueKind.Null))),
        new(Modify, "bind a stranger's address", 400, "272", async w =>
        {
            await Put(w, """{ "ipAddressBinding": "198.51.100.94" }""", w.Stranger);
            return await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ipAddressBinding": "198.51.100.94" }""");
        }),
        new(Modify, "bind what is no address", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ipAddressBinding": "" }""")),
        new(Modify, "product configuration", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", $$"""{ "productConfigurationId": {{await w.ConfigurationAsync("assigned")}} }"""), (_, a) => Does(() => a.Json.GetProperty("productConfigurationId").ValueKind.ShouldBe(JsonValueKind.Number))),
        new(Modify, "product configuration null takes it away", 200, null, async w => await w.Rest.PutAsync($"keys/{await Put(w, $$"""{ "productConfigurationId": {{await w.ConfigurationAsync("taken away")}} }""")}?return-key-state=yes", """{ "productConfigurationId": null }"""), (_, a) => Does(() => a.Json.GetProperty("productConfigurationId").ValueKind.ShouldBe(JsonValueKind.Null))),
        new(Modify, "unknown product configuration", 404, "295", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "productConfigurationId": 9999 }""")),
        new(Modify, "product configuration for another product", 400, "296", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}", $$"""{ "productConfigurationId": {{await w.ConfigurationAsync("for Plesk")}} }""")),
        new(Modify, "nickname", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", """{ "nickname": "rack8" }"""), (_, a) => Does(() => a.Json.GetProperty("nickname").GetString().ShouldBe("rack8"))),
        new(Modify, "nickname null takes it away", 200, null, async w => await w.Rest.PutAsync($"keys/{await Put(w, """{ "nickname": "x" }""")}?return-key-state=yes", """{ "nickname": null }"""), (_, a) => Does(() => a.Json.GetProperty("nickname").ValueKind.ShouldBe(JsonValueKind.Null))),
        new(Modify, "autoRenew", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}?return-key-state=yes", """{ "autoRenew": 1 }"""), (_, a) => Does(() => a.Json.GetProperty("autoRenew").GetBoolean().ShouldBeTrue())),
        new(Modify, "ownerId of another client in reach: moves", 200, null, async w =>
        {
            var key = await w.Reseller.CreateAsync($$"""{ "ownerId": {{w.SubClient.Value}}, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""");
            return await w.Reseller.PutAsync($"keys/{key}?return-key-state=yes", $$"""{ "ownerId": "{{w.SecondSubClient.Value}}" }""");
        }, (w, a) => Does(() => a.Json.GetProperty("ownerId").GetString().ShouldBe(Text(w.SecondSubClient.Value)))),
        new(Modify, "ownerId of the owner changes nothing", 200, null, async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ownerId": "1" }""")),
        new(Modify, "ownerId null", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ownerId": null }""")),
        new(Modify, "ownerId of a stranger", 403, "202", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ownerId": "2" }""")),
        new(Modify, "unknown ownerId", 404, "250", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "ownerId": "99999" }""")),
        new(Modify, "ownerId of a reseller", 400, "280", async w =>
        {
            var key = await w.Reseller.CreateAsync($$"""{ "ownerId": {{w.SubClient.Value}}, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""");
            return await w.Reseller.PutAsync($"keys/{key}", $$"""{ "ownerId": "{{w.ResellerId.Value}}" }""");
        }),
        new(Modify, "ownerId of an attached key", 400, "277", async w =>
        {
            var key = await AttachedAsync(w);
            await w.Server.Database.WriteAsync(tx => tx.ExecuteAsync("update keys set client_id = @client where id = @key or id = (select parent_id from keys where id = @key)", new { client = w.SubClient, key }, CancellationToken.None), CancellationToken.None);
            return await w.Reseller.PutAsync($"keys/{key}", $$"""{ "ownerId": "{{w.SecondSubClient.Value}}" }""");
        }),
        new(Modify, "keyIdentifiers of the key", 200, null, async w => { var key = await w.KeyAsync(); return await w.Rest.PutAsync($"keys/{key}", $$"""{ "keyIdentifiers": { "keyId": "{{key}}", "keyNumber": "{{await w.NumberAsync(key)}}", "activationCode": "{{await w.CodeAsync(key)}}" } }"""); }),
        new(Modify, "keyIdentifiers of another key", 400, "90014", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", $$"""{ "keyIdentifiers": { "keyId": {{await w.KeyAsync()}} }, "nickname": "wrong" }"""), async (w, _) => (await w.Rest.GetAsync("keys?nickname=wrong")).Body.ShouldBe("[]")),
        new(Modify, "keyIdentifiers without any", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "keyIdentifiers": {} }""")),
        new(Modify, "keyIdentifiers null", 400, "90007", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "keyIdentifiers": null }""")),
        new(Modify, "broken JSON", 400, "90006", async w => await w.Rest.PutAsync($"keys/{await w.KeyAsync()}", """{ "nickname": """)),
        new(Modify, "unknown key", 404, "220", w => w.Rest.PutAsync("keys/99999999", "{}")),
        new(Modify, "a stranger's key", 403, "202", async w => await w.Stranger.PutAsync($"keys/{await w.KeyAsync()}", """{ "nickname": "mine" }""")),
        new(Modify, "role Standard", 403, "201", async w => await w.Standard.PutAsync($"keys/{await w.KeyAsync()}", """{ "nickname": "mine" }""")),
    ];

    private static IEnumerable<Case> Terminations() =>
    [
        new(Terminate, "without return-key-state: an empty answer", 200, null, async w => await w.Rest.DeleteAsync($"keys/{await w.KeyAsync()}"), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(Terminate, "return-key-state=yes", 200, null, async w => await w.Rest.DeleteAsync($"keys/{await w.KeyAsync()}?return-key-state=yes"), Status("TERMINATED")),
        new(Terminate, "a second time", 200, null, async w => await w.Rest.DeleteAsync($"keys/{await w.TerminatedKeyAsync()}?return-key-state=yes"), Status("TERMINATED")),
        new(Terminate, "a suspended key", 200, null, async w => await w.Rest.DeleteAsync($"keys/{await w.SuspendedKeyAsync()}?return-key-state=yes"), Status("TERMINATED")),
        new(Terminate, "attached keys live on", 200, null, async w =>
        {
            var key = await AttachedAsync(w);
            var parent = (await w.Rest.KeyAsync(key)).GetProperty("parentKeyIdentifiers").GetProperty("keyId").GetInt32();
            await w.Rest.DeleteAsync($"keys/{parent}");
            return await w.Rest.GetAsync($"keys/{key}");
        }, Status("ACTIVE")),
        new(Terminate, "a purchased key", 400, "232", async w => await w.Rest.DeleteAsync($"keys/{await w.PurchasedKeyAsync()}")),
        new(Terminate, "unknown key", 404, "220", w => w.Rest.DeleteAsync("keys/99999999")),
        new(Terminate, "a stranger's key", 403, "202", async w => await w.Stranger.DeleteAsync($"keys/{await w.KeyAsync()}")),
        new(Terminate, "role Standard", 403, "201", async w => await w.Standard.DeleteAsync($"keys/{await w.KeyAsync()}")),
    ];

    private static IEnumerable<Case> Retrievals() =>
    [
        new(Retrieve, "the file itself", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve"), (_, a) => Does(() =>
        {
            a.ContentHeaders.ContentType!.ToString().ShouldBe("application/octet-stream");
            a.ContentHeaders.ContentDisposition!.ToString().ShouldMatch("^attachment; filename=PLSK\\.[0-9]{8}\\.0000\\.xml$");
            a.Body.ShouldStartWith("<key xmlns=");
        })),
        new(Retrieve, "Accept: application/octet-stream", 200, null, async w => await w.Rest.SendAsync("GET", $"keys/{await w.KeyAsync()}/retrieve", accept: "application/octet-stream")),
        new(Retrieve, "previous-version=no", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?previous-version=no")),
        new(Retrieve, "previous-version where there is none", 400, "227", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?previous-version=yes")),
        new(Retrieve, "previous-version that is no flag", 400, "90008", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?previous-version=9")),
        new(Retrieve, "token=yes, which is ours: the token", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?token=yes"), (_, a) => Does(() =>
        {
            a.ContentHeaders.ContentDisposition!.ToString().ShouldMatch("^attachment; filename=PLSK\\.[0-9]{8}\\.0000\\.jwt$");
            a.Body.Split('.').Length.ShouldBe(3);
        })),
        new(Retrieve, "token that is no flag", 400, "90008", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?token=9")),
        new(Retrieve, "token of the previous version", 400, "227", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/retrieve?token=yes&previous-version=yes")),
        new(Retrieve, "a key that is not activated", 400, "223", async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}/retrieve")),
        new(Retrieve, "an expired key", 400, "228", async w => await w.Rest.GetAsync($"keys/{await Set(w, "expiration_date = '2026-03-09'")}/retrieve")),
        new(Retrieve, "a suspended key", 400, "221", async w => await w.Rest.GetAsync($"keys/{await w.SuspendedKeyAsync()}/retrieve")),
        new(Retrieve, "a terminated key", 400, "24204", async w => await w.Rest.GetAsync($"keys/{await w.TerminatedKeyAsync()}/retrieve")),
        new(Retrieve, "unknown key", 404, "220", w => w.Rest.GetAsync("keys/99999999/retrieve")),
        new(Retrieve, "a stranger's key", 403, "202", async w => await w.Stranger.GetAsync($"keys/{await w.KeyAsync()}/retrieve")),
        new(Retrieve, "role Standard", 200, null, async w => await w.Standard.GetAsync($"keys/{await w.KeyAsync()}/retrieve")),
    ];

    private static IEnumerable<Case> Renewals() =>
    [
        new(Renew, "an empty answer", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/renew"), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(Renew, "return-key-state=yes: a term more, the next revision", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/renew?return-key-state=yes"), (_, a) => Does(() =>
        {
            a.Json.GetProperty("expirationDate").GetString().ShouldBe("2026-05-19T00:00:00.000Z");
            World.Identifier(a.Json, "keyNumber").ShouldEndWith(".0001");
        })),
        new(Renew, "a terminated key", 400, "24204", async w => await w.Rest.GetAsync($"keys/{await w.TerminatedKeyAsync()}/renew"), (_, a) => Does(() =>
        {
            a.Json.GetProperty("message").GetString().ShouldBe("License key is terminated, nothing can be done with it.");
            a.Json.GetProperty("details").GetString()!.ShouldMatch("^Key number = PLSK\\.[0-9]{8}\\.0000\\.$");
        })),
        new(Renew, "a suspended key", 400, "221", async w => await w.Rest.GetAsync($"keys/{await w.SuspendedKeyAsync()}/renew")),
        new(Renew, "a purchased key", 400, "285", async w => await w.Rest.GetAsync($"keys/{await w.PurchasedKeyAsync()}/renew")),
        new(Renew, "unknown key", 404, "220", w => w.Rest.GetAsync("keys/99999999/renew")),
        new(Renew, "a stranger's key", 403, "202", async w => await w.Stranger.GetAsync($"keys/{await w.KeyAsync()}/renew")),
        new(Renew, "role Standard", 403, "201", async w => await w.Standard.GetAsync($"keys/{await w.KeyAsync()}/renew")),
    ];

    private static IEnumerable<Case> Updates() =>
    [
        new(RenewSus, "return-key-state=yes: later, and still active", 200, null, async w => await w.Rest.PostAsync($"keys/{await w.PurchasedKeyAsync()}/renew-sus?return-key-state=yes"), (_, a) => Does(() =>
            (a.Json.GetProperty("susExpirationDate").GetString(), a.Json.GetProperty("susStatus").GetString()).ShouldBe(("2028-03-09T00:00:00.000Z", "ACTIVE")))),
        new(RenewSus, "Content-Length: 0, an empty answer", 200, null, async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/renew-sus", ""), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(RenewSus, "updates that have ended", 400, "90022", async w => await w.Rest.PostAsync($"keys/{await Set(w, "sus_date = '2026-03-09'")}/renew-sus")),
        new(RenewSus, "a key without updates", 400, "90021", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}/renew-sus")),
        .. OneKey(RenewSus, (rest, key) => rest.PostAsync($"keys/{key}/renew-sus")),
        new(Reinstate, "return-key-state=yes: from today on, active", 200, null, async w => await w.Rest.PostAsync($"keys/{await Set(w, "sus_date = '2026-01-09'")}/reinstate-sus?return-key-state=yes"), (_, a) => Does(() =>
            (a.Json.GetProperty("susExpirationDate").GetString(), a.Json.GetProperty("susStatus").GetString()).ShouldBe(("2026-04-09T00:00:00.000Z", "ACTIVE")))),
        new(Reinstate, "updates that run", 400, "90023", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/reinstate-sus")),
        new(Reinstate, "a key without updates", 400, "90021", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync("""{ "items": [ { "item": "360-MON-1M" } ] }""")}/reinstate-sus")),
        .. OneKey(Reinstate, (rest, key) => rest.PostAsync($"keys/{key}/reinstate-sus?externalId=SUS-1")),
    ];

    private static IEnumerable<Case> Conversions() =>
    [
        .. new[] { ("web-admin", "PLESK-12-WEB-ADMIN-1M"), ("web-pro", "PLESK-12-WEB-PRO-1M"), ("web-host", "PLESK-12-WEB-HOST-1M") }.Select(edition => new Case(
            Convert, $"edition={edition.Item1}", 200, null, async w =>
            {
                var key = await w.Key10Async(features: ["100_DOMAINS"]);
                await w.Rest.PutAsync($"keys/{key}", """{ "items": [ { "item": "Plesk 10 for Unix/Linux", "externalId": "OLD" }, { "item": "100 Plesk domains" } ] }""");
                return await w.Rest.PostAsync($"keys/{key}/convert-to-edition?edition={edition.Item1}&return-key-state=yes", "");
            }, (_, a) => Does(() => { Items(a.Json).ShouldBe([$"{edition.Item2} null 1"]); World.Identifier(a.Json, "keyNumber").ShouldEndWith(".0001"); }))),
        new(Convert, "unknown edition", 400, "90025", async w => await w.Rest.PostAsync($"keys/{await w.Key10Async(features: ["100_DOMAINS"])}/convert-to-edition?edition=web-none")),
        new(Convert, "without edition", 400, "90008", async w => await w.Rest.PostAsync($"keys/{await w.Key10Async(features: ["100_DOMAINS"])}/convert-to-edition")),
        new(Convert, "a key that is not domain-based", 400, "90024", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/convert-to-edition?edition=web-pro")),
        .. OneKey(Convert, (rest, key) => rest.PostAsync($"keys/{key}/convert-to-edition?edition=web-pro")),
    ];

    private static IEnumerable<Case> Activations() =>
    [
        new(Remaining, "a list of one", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync()}/remaining-activations"), (_, a) => Does(() => a.Body.ShouldMatch("^\\[\\{\"keyNumber\":[0-9]+,\"remainingActivations\":10\\}\\]$"))),
        new(Remaining, "after an activation", 200, null, async w => await w.Rest.GetAsync($"keys/{await w.KeyAsync("""{ "activationInfo": { "activated": true, "uid": "m-7" }, "items": [ { "item": "360-MON-1M" } ] }""")}/remaining-activations"), (_, a) => Does(() => a.Json[0].GetProperty("remainingActivations").GetInt32().ShouldBe(9))),
        new(Remaining, "after they were set", 200, null, async w => { var key = await w.KeyAsync(); await w.Rest.PostAsync($"keys/{key}/remaining-activations?remaining-activations=3"); return await w.Rest.GetAsync($"keys/{key}/remaining-activations"); }, (_, a) => Does(() => a.Json[0].GetProperty("remainingActivations").GetInt32().ShouldBe(3))),
        new(Remaining, "activation code in place of the number", 404, "220", async w => await w.Rest.GetAsync($"keys/{await w.CodeAsync(await w.KeyAsync())}/remaining-activations")),
        new(Remaining, "unknown key", 404, "220", w => w.Rest.GetAsync("keys/99999999/remaining-activations")),
        new(Remaining, "a stranger's key", 403, "202", async w => await w.Stranger.GetAsync($"keys/{await w.KeyAsync()}/remaining-activations")),
        new(SetRemaining, "a number", 202, null, async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/remaining-activations?remaining-activations=5", ""), (_, a) => Does(() => a.Body.ShouldBe(""))),
        new(SetRemaining, "zero", 202, null, async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/remaining-activations?remaining-activations=0")),
        new(SetRemaining, "without the number", 400, "90008", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/remaining-activations")),
        new(SetRemaining, "a negative number", 400, "90008", async w => await w.Rest.PostAsync($"keys/{await w.KeyAsync()}/remaining-activations?remaining-activations=-1")),
        .. OneKey(SetRemaining, (rest, key) => rest.PostAsync($"keys/{key}/remaining-activations?remaining-activations=1")),
    ];

    /// <summary>What every command that changes a key refuses.</summary>
    private static IEnumerable<Case> OneKey(string endpoint, Func<Rest, int, Task<RestReply>> call) =>
    [
        new(endpoint, "a terminated key", 400, "24204", async w => await call(w.Rest, await w.TerminatedKeyAsync())),
        new(endpoint, "a suspended key", 400, "221", async w => await call(w.Rest, await w.SuspendedKeyAsync())),
        new(endpoint, "unknown key", 404, "220", w => call(w.Rest, 99999999)),
        new(endpoint, "a stranger's key", 403, "202", async w => await call(w.Stranger, await w.KeyAsync())),
        new(endpoint, "role Standard", 403, "201", async w => await call(w.Standard, await w.KeyAsync())),
    ];

    // The key just made is found, and no key that the filter keeps out.
    private static Case Filter(string variant, Func<World, Task<int>> make, string query)
    {
        var made = 0;
        return new(Search, variant, 200, null, async w =>
        {
            made = await make(w);
            return await w.Rest.GetAsync($"keys?{query}");
        }, async (w, a) =>
        {
            var found = a.Json.EnumerateArray().Select(k => k.GetProperty("keyId").GetInt32()).ToList();
            found.ShouldContain(made);
            found.ShouldBe(found.Order().Distinct());
            if (query is not ("status=active" or "type=lease" or "type=lease1m" or "is-els=false"))
            {
                found.ShouldNotContain(await w.KeyAsync());
                found.Count.ShouldBeLessThan((await w.Rest.GetAsync("keys")).Json.GetArrayLength());
            }
            else
            {
                found.ShouldNotContain(await w.PurchasedKeyAsync());
            }
        });
    }

    private static Func<World, RestReply, Task> Status(string status) => (_, a) => Does(() => a.Json.GetProperty("status").GetString().ShouldBe(status));

    // Refused, and there are as many keys as there were before the call.
    private static async Task NothingMade(World w, RestReply reply)
    {
        reply.Headers.Location.ShouldBeNull();
        (await w.Server.CountKeysAsync()).ShouldBe(w.KeysBeforeCall);
    }

    private static async Task<int> Put(World w, string body, Rest? rest = null)
    {
        var key = await (rest ?? w.Rest).CreateAsync(World.Host);
        var answer = await (rest ?? w.Rest).PutAsync($"keys/{key}", body);
        answer.Status.ShouldBe(200, answer.ToString());
        return key;
    }

    private static async Task<int> Set(World w, string assignment)
    {
        var key = await w.KeyAsync();
        await w.SetAsync(key, assignment);
        return key;
    }

    // Two servers report in turn, each so many times.
    private static async Task<int> SeenAsync(World w, int reports)
    {
        var key = await w.KeyAsync();
        for (var i = 0; i < reports * 2; i++)
        {
            await w.Server.Database.WriteAsync(async tx =>
            {
                await w.Server.Get<SightingStore>().SawAsync(tx, KeyId.Of(key), i % 2 == 0 ? "a" : "b", "198.51.100.9", "1", w.Server.Time.GetUtcNow(), CancellationToken.None);
                return 0;
            }, CancellationToken.None);
        }

        return key;
    }

    private static async Task<int> AttachedAsync(World w)
    {
        var (parent, key) = (await w.KeyAsync(), await w.AdditionalKeyAsync());
        var answer = await w.Rest.PutAsync($"keys/{key}", $$"""{ "parentKeyIdentifiers": { "keyId": {{parent}} } }""");
        answer.Status.ShouldBe(200, answer.ToString());
        return key;
    }

    private static Task<int> OwnerProblemAsync(World w, bool problem) => w.Server.Database.WriteAsync(tx => tx.ExecuteAsync("update clients set problem = @problem where id = 1", new { problem }, CancellationToken.None), CancellationToken.None);

    // The sample price list has no constant for an additional key type: its only one is ordered by its old name.
    private static Task<ImportedPriceList> AdditionalSkuAsync(World w) => w.Server.DoAsync(tx => w.Server.Get<ImportPriceListHandler>().HandleAsync(
        tx, System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")).Replace("\"prefix\": \"KAV\",", "\"prefix\": \"KAV\", \"skus\": { \"lease\": \"KAV-1M\" },", StringComparison.Ordinal)),
        TestKeyServer.Staff, CancellationToken.None));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static List<string> Items(JsonElement key) =>
        [.. key.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("item").GetString()} {i.GetProperty("externalId").GetRawText()} {i.GetProperty("quantity").GetInt32()}")];

    private static Task Does(Action check)
    {
        check();
        return Task.CompletedTask;
    }
}
