using System.Net;
using System.Text.Json.Nodes;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.Issuer;

/// <summary>The issuer panel, where the key server runs alone and where it stands beside a provider.</summary>
public sealed class IssuerPanelTests
{
    [Theory, BothEngines]
    public async Task A_key_server_alone_is_set_up_and_worked_by_its_screens(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine, s => s with { Roles = new HashSet<Role> { Role.KeyServer } });
        using var anna = Visitor.At(server.Host.HttpUrl);
        await anna.OpenAsync(server.Host.SetupLink!.PathAndQuery);
        await anna.SendAsync("/setup", ("key", server.Host.SetupLink.Query["?key=".Length..]), ("name", "Anna"), ("login", "anna"), ("password", "correct horse"));
        await anna.OpenAsync("/issuer/keys");
        anna.Path.ShouldStartWith("/admin/sign-in");
        await anna.SendAsync("/admin/sign-in", ("login", "anna"), ("password", "correct horse"), ("to", "/issuer/clients"));
        anna.Path.ShouldBe("/issuer/clients");
        anna.Text.ShouldContain("Clients order from a price list: import one first.");
        (await anna.OpenAsync("/admin")).Path.ShouldBe("/issuer", "the provider's side is not here");
        anna.Html.ShouldNotContain("/admin/licenses");
        (await anna.OpenAsync("/admin/licenses")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await anna.OpenAsync("/admin/audit")).Status.ShouldBe(HttpStatusCode.OK);

        // A price list: a broken file is refused with the line, a good one imported whole.
        await anna.OpenAsync("/issuer/price-lists");
        await anna.UploadAsync("/issuer/price-lists", "file", "broken.json", "{ \"name\": 1 }"u8.ToArray());
        anna.Status.ShouldBe(HttpStatusCode.BadRequest);
        await anna.UploadAsync("/issuer/price-lists", "file", "price-list.json", TestKeyServer.Sample("hosting"));
        anna.Path.ShouldBe("/issuer/price-lists/hosting");
        anna.Text.ShouldContain("PLESK_9_FOR_VZ");

        // A client with a login, whose password is shown this once and lets it in.
        await anna.OpenAsync("/issuer/clients");
        await anna.PressAsync("Add client", ("login", "north wind"), ("name", "Northwind Hosting"), ("priceList", "hosting"));
        anna.Text.ShouldContain("cannot be a login");
        anna.Html.ShouldContain("value=\"Northwind Hosting\"");
        await anna.PressAsync("Add client", ("login", "northwind"));
        anna.Path.ShouldBe("/issuer/clients/1");
        await anna.PressAsync("Add API login", ("login", "northwind-api"), ("callsPerMinute", "many"));
        anna.Text.ShouldContain("'many' is no number of calls.");
        await anna.PressAsync("Add API login", ("callsPerMinute", ""));
        var password = anna.Once;
        (await KeyServerSetUp.CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(100);
        (await anna.OpenAsync("/issuer/clients/1")).Html.ShouldNotContain(password);
        await anna.PressAsync("Disable");
        (await KeyServerSetUp.CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        await anna.PressAsync("Enable");
        await anna.PressAsync("New password");
        (await KeyServerSetUp.CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        password = anna.Once;
        (await KeyServerSetUp.CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(100);

        // A key: what the rules refuse is said, what they allow is issued, and each state has just its buttons.
        await anna.OpenAsync("/issuer/keys/new?client=northwind&keyType=PLESK_10_AND_LATER_FOR_VZ");
        await anna.PressAsync("Issue the key", ("addresses", "192.0.2.300"));
        anna.Text.ShouldContain("neither an IP nor a MAC address");
        await anna.PressAsync("Issue the key", ("addresses", "192.0.2.30"));
        anna.Text.ShouldContain("Domain", customMessage: "a mandatory group needs one feature");
        await anna.SendAsync("/issuer/keys/new", ("client", "northwind"), ("keyType", "PLESK_10_AND_LATER_FOR_VZ"), ("feature-DOMAIN_LIMIT", "30_DOMAINS"), ("billing", "Lease"), ("addresses", "192.0.2.30"));
        anna.Path.ShouldStartWith("/issuer/keys/", customMessage: anna.Text);
        var number = anna.Path["/issuer/keys/".Length..];
        var stem = number[..13];
        anna.Buttons.ShouldBe(["Renew", "Bind", "Renew automatically", "Add note", "Suspend", "Terminate", "Revoke"]);
        anna.Links.ShouldContain("Download license file");
        await anna.PressAsync("Suspend", ("reason", ""));
        anna.Text.ShouldContain("keyserver.reason-missing");
        await anna.PressAsync("Suspend", ("reason", "not paid"));
        anna.Buttons.ShouldBe(["Renew automatically", "Add note", "Resume", "Revoke"]);
        anna.Links.ShouldNotContain("Download license file");
        (await anna.OpenAsync("/issuer/status-list")).Text.ShouldContain("Suspended not paid Anna");
        anna.Links.ShouldContain(number[5..13]);
        (await anna.OpenAsync($"/issuer/keys/{number[5..13]}")).Text.ShouldContain(number, customMessage: "the digits alone identify a key");
        await anna.OpenAsync($"/issuer/keys/{number}");
        await anna.PressAsync("Resume", ("reason", "paid"));
        await anna.PressAsync("Bind", ("address", "192.0.2.31"));
        anna.Buttons.ShouldContain("Unbind");
        await anna.PressAsync("Renew automatically");
        await anna.PressAsync("Renew");
        anna.Text.ShouldContain("0001 renewed");
        await anna.PressAsync("Add note", ("note", "a friend of the house"));
        anna.Text.ShouldContain("Anna: a friend of the house");
        (await anna.OpenAsync("/issuer/keys?q=192.0.2.31")).Links.ShouldContain(l => l.StartsWith(stem, StringComparison.Ordinal));
        (await anna.OpenAsync("/issuer/keys?q=northwind")).Links.ShouldContain("northwind");
        (await anna.OpenAsync("/issuer/keys?client=nobody")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await anna.OpenAsync("/issuer/renewals?days=366")).Links.ShouldContain(l => l.StartsWith(stem, StringComparison.Ordinal));
        await anna.OpenAsync($"/issuer/keys/{number}");
        await anna.PressAsync("Revoke", ("reason", "fraud"));
        anna.Buttons.ShouldBe(["Add note"]);
        (await anna.OpenAsync("/issuer/status-list")).Text.ShouldContain("Revoked fraud Anna");

        // Signing keys: another one signs, the one before can be revoked, and the root moves on.
        var before = (string)(await server.GetAsync("/keyserver/signing-keys")).Json!["items"]!.AsArray().Single(k => (string)k!["purpose"]! == "License")!["name"]!;
        await anna.OpenAsync("/issuer/signing-keys");
        await anna.PressAsync("Rotate the signing key", ("reason", "yearly"));
        await anna.PressAsync("Sign anew");
        anna.Text.ShouldContain("0 signed anew, 0 remain.");
        await anna.PressAsync("Revoke", ("reason", "lost"));
        anna.Text.ShouldContain($"{before} is revoked.");
        await anna.PressAsync("Rotate the root", ("reason", "yearly"));
        anna.Text.ShouldContain("The new root signs.");
        (await server.GetAsync("/keyserver/signing-keys")).Json!["items"]!.AsArray().Count(k => (string)k!["purpose"]! == "Root").ShouldBe(2);

        // What is withdrawn is not offered any more.
        await anna.OpenAsync("/issuer/price-lists/hosting");
        await anna.SendAsync("/issuer/price-lists/hosting/keyTypes/PLESK_9_FOR_VZ/withdraw");
        anna.Text.ShouldContain("is no key type of this list", customMessage: "a feature names it");
        await anna.SendAsync("/issuer/price-lists/hosting/upgradePlans/LANGUAGE_PACK_1_TO_LANGUAGE_PACK_2/withdraw");
        anna.Text.ShouldContain("LANGUAGE_PACK_1_TO_LANGUAGE_PACK_2 is withdrawn.");
        (await server.GetAsync("/keyserver/price-lists/hosting")).Json!["upgradePlans"]!.AsArray().Where(p => !(bool)p!["offered"]!).Select(p => (string)p!["id"]!).ShouldBe(["LANGUAGE_PACK_1_TO_LANGUAGE_PACK_2"]);

        // Vendors, and the lists that are empty.
        await anna.OpenAsync("/issuer/vendors");
        await anna.PressAsync("Add vendor", ("name", "acme"), ("url", "ftp://acme.example"));
        anna.Status.ShouldBe(HttpStatusCode.BadRequest);
        await anna.PressAsync("Add vendor", ("url", "https://acme.example/isv"), ("credentials", "us:secret-4711"));
        anna.Html.ShouldNotContain("secret-4711");
        anna.Text.ShouldContain("https://acme.example/isv");
        (await anna.OpenAsync("/issuer/multi-use")).Text.ShouldContain("No key is used by several servers");
        (await anna.OpenAsync("/issuer/purchases")).Text.ShouldContain("Nobody has bought anything yet.");
        (await anna.OpenAsync("/issuer")).Text.ShouldContain("Nothing. Renewals and vendors go on by themselves.");

        await AuditorSeesAndChangesNothingAsync(server, number);
    }

    [Fact]
    public async Task Beside_a_provider_both_panels_have_one_menu_and_one_staff()
    {
        await using var server = await HostUnderTest.StartAsync();
        await server.PostAsync("/staff", new JsonObject { ["name"] = "Otto", ["login"] = "otto", ["password"] = "long-enough-1", ["role"] = "Operator" }.ToJsonString());
        using var otto = Visitor.At(server.Host.HttpUrl, "de");
        await otto.OpenAsync("/issuer");
        await otto.SendAsync("/admin/sign-in", ("login", "otto"), ("password", "long-enough-1"), ("to", "/issuer"));
        otto.Path.ShouldBe("/issuer");
        otto.Html.ShouldContain("/admin/licenses");
        otto.Html.ShouldContain("Preislisten");
        (await otto.OpenAsync("/admin")).Html.ShouldContain("/issuer/keys");
        (await otto.OpenAsync("/issuer/nowhere")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task AuditorSeesAndChangesNothingAsync(HostUnderTest server, string number)
    {
        await server.PostAsync("/staff", new JsonObject { ["name"] = "Ada", ["login"] = "ada", ["password"] = "long-enough-1", ["role"] = "Auditor" }.ToJsonString());
        using var ada = Visitor.At(server.Host.HttpUrl);
        await ada.OpenAsync("/admin");
        await ada.SendAsync("/admin/sign-in", ("login", "ada"), ("password", "long-enough-1"), ("to", "/issuer"));
        foreach (var path in new[] { "", "/clients", "/clients/1", "/keys", $"/keys/{number}", "/price-lists", "/price-lists/hosting", "/renewals", "/multi-use", "/vendors", "/purchases", "/signing-keys", "/status-list" })
        {
            (await ada.OpenAsync("/issuer" + path)).Status.ShouldBe(HttpStatusCode.OK, path);
            ada.Buttons.ShouldBeEmpty(path);
        }

        (await ada.OpenAsync($"/issuer/keys/{number}/file")).Status.ShouldBe(HttpStatusCode.Forbidden);
        await ada.OpenAsync("/issuer");
        await ada.SendAsync($"/issuer/keys/{number}/Note", ("note", "from Ada"));
        ada.Status.ShouldBe(HttpStatusCode.Forbidden);
        (await server.GetAsync($"/keyserver/keys/{number}/notes")).Text.ShouldNotContain("from Ada");
    }
}
