using System.Globalization;
using Keygate.Issuers;
using Keygate.KeyServer;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer;
using Keygate.Verification;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Issuers;

/// <summary>The plug-in against Keygate's own key server, over TLS over a socket: the two sides agree on what the reference says.</summary>
public sealed class KeyAdministratorAtKeyServerTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Orders_finds_and_fetches_a_key_with_its_add_on(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await using var plugin = await PluginAsync(server);
        var asked = Asked("PLESK_10_AND_LATER") with { Features = ["30_DOMAINS"], AddOns = ["KAV_FOR_PLESK"], IpAddresses = ["198.51.100.24"] };

        var issued = await ((IIssuer)plugin).IssueAsync(asked, _cancellation);
        var found = await ((IFindsKeys)plugin).FindAsync(asked, _cancellation);
        var file = await ((IIssuer)plugin).RetrieveAsync(issued.Value!.KeyNumber, _cancellation);
        var addOn = await ((IIssuer)plugin).RetrieveAsync(issued.Value.AdditionalKeys.Single().KeyNumber, _cancellation);

        issued.Outcome.ShouldBe(Outcome.Done);
        (issued.Value.UpdateDate, issued.Value.ExpirationDate).ShouldBe((new DateOnly(2026, 4, 9), new DateOnly(2026, 4, 19)));
        var additional = issued.Value.AdditionalKeys.ShouldHaveSingleItem();
        additional.KeyType.ShouldBe("KAV_FOR_PLESK");
        additional.ExpirationDate.ShouldNotBeNull();
        var again = found.Value.ShouldHaveSingleItem();
        (again.KeyNumber, again.ExpirationDate, again.UpdateDate, again.ActivationCode).ShouldBe(
            (issued.Value.KeyNumber, issued.Value.ExpirationDate, issued.Value.UpdateDate, issued.Value.ActivationCode));
        again.AdditionalKeys.ShouldBe(issued.Value.AdditionalKeys);
        (await VerifiedAsync(server, file.Value!)).Features.ShouldBe(["30_DOMAINS"]);
        (await VerifiedAsync(server, addOn.Value!)).KeyType.ShouldBe("KAV_FOR_PLESK");
    }

    [Fact]
    public async Task A_purchase_is_activated_once_and_again_for_the_same_machine_only()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        await using var plugin = await PluginAsync(server);
        var number = (await ((IIssuer)plugin).IssueAsync(Asked("VIRTUOZZO_4") with { BillType = BillType.Purchase }, _cancellation)).Value!.KeyNumber;

        var early = await ((IIssuer)plugin).RetrieveAsync(number, _cancellation);
        var first = await ((IActivatesKeys)plugin).ActivateAsync(number, new ActivationData("0123.4567", null), _cancellation);
        var same = await ((IActivatesKeys)plugin).ActivateAsync(number, new ActivationData("0123.4567", null), _cancellation);
        var other = await ((IActivatesKeys)plugin).ActivateAsync(number, new ActivationData("ffff.ffff", null), _cancellation);
        var file = await ((IIssuer)plugin).RetrieveAsync(number, _cancellation);

        (early.Outcome, early.Reason!.Code).ShouldBe((Outcome.Refused, "223"));
        new[] { first.Outcome, same.Outcome, other.Outcome, file.Outcome }.ShouldBe([Outcome.Done, Outcome.Done, Outcome.Refused, Outcome.Done]);
    }

    [Fact]
    public async Task Activation_data_known_at_the_order_travel_with_it()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        await using var plugin = await PluginAsync(server);

        var issued = await ((IIssuer)plugin).IssueAsync(Asked("PINNACLE_CART") with { Activation = new ActivationData(null, "https://shop.example.com") }, _cancellation);

        issued.Outcome.ShouldBe(Outcome.Done, issued.Reason?.Cause);
        (await ((IIssuer)plugin).RetrieveAsync(issued.Value!.KeyNumber, _cancellation)).Outcome.ShouldBe(Outcome.Done);
    }

    [Theory]
    [InlineData("PLESK_99", new string[0], "Unknown base keytype")]
    [InlineData("PLESK_10_AND_LATER", new string[0], "Invalid Key configuration")]
    [InlineData("PLESK_9_FOR_VZ", new[] { "30_DOMAINS" }, "conflicting feature set")]
    public async Task Bad_orders_are_refused_in_the_words_of_the_source_article(string keyType, string[] features, string words)
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        await using var plugin = await PluginAsync(server);

        var refused = await ((IIssuer)plugin).IssueAsync(Asked(keyType) with { Features = features }, _cancellation);

        refused.Outcome.ShouldBe(Outcome.Refused);
        refused.PausesPlugin.ShouldBeFalse();
        refused.Reason!.Cause.ShouldStartWith($"127.0.0.1:{server.Url.Port}: ");
        refused.Reason.Cause.ShouldContain(words);
        (await server.CountKeysAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_wrong_password_pauses_and_a_right_one_passes_the_check()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        await using var wrong = await PluginAsync(server, password: "wrong");
        await using var right = await PluginAsync(server);

        var refused = await ((IIssuer)wrong).IssueAsync(Asked("PLESK_9_FOR_VZ"), _cancellation);
        var check = await right.CheckAsync(_cancellation);

        (refused.Outcome, refused.PausesPlugin, refused.Reason!.Code).ShouldBe((Outcome.Refused, true, "200"));
        check.Outcome.ShouldBe(Outcome.Done);
        check.Value!.Facts.ShouldStartWith($"Logged in to 127.0.0.1:{server.Url.Port} as northwind-api; {KeyTypesOffered()} key types and ");
    }

    [Fact]
    public async Task The_offer_comes_with_the_rules_behind_it_and_the_answer_as_it_came()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        await using var plugin = await PluginAsync(server);

        var offer = (await ((IListsOffer)plugin).GetOfferAsync(_cancellation)).Value!;

        offer.KeyTypes.Count.ShouldBe(KeyTypesOffered());
        offer.Raw.ShouldStartWith("<?xml version=\"1.0\"?>");
        offer.Raw.ShouldContain("<string>PLESK_10_AND_LATER</string>");
        var rules = offer.Rules.ShouldNotBeNull();
        var plesk = rules.KeyTypes.Single(k => k.Id == "PLESK_10_AND_LATER");
        (plesk.IsAdditional, plesk.AddOns.Contains("KAV_FOR_PLESK")).ShouldBe((false, true));
        var domains = rules.Features.Single(f => f.Id == "30_DOMAINS");
        rules.Groups.Single(g => g.Id == domains.Group).Mandatory.ShouldBeTrue();
        domains.KeyTypes.ShouldContain("PLESK_10_AND_LATER");
        rules.Upgrades.ShouldContain(u => u.From == "10_DOMAINS" && u.To == "30_DOMAINS");
    }

    private static int KeyTypesOffered() => System.Text.Json.Nodes.JsonNode.Parse(TestKeyServer.Sample("hosting"))!["keyTypes"]!.AsArray().Count;

    private static IssueRequest Asked(string keyType) => new() { LicenseId = 17, KeyType = keyType, BillType = BillType.Lease, Trace = "02:1f:aa:00:9c:3e" };

    private async Task<IPlugin> PluginAsync(TestKeyServer server, string? password = null)
    {
        var settings = new KeyAdministratorFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        foreach (var (name, value) in new[]
        {
            ("host", "127.0.0.1"), ("port", server.Url.Port.ToString(CultureInfo.InvariantCulture)), ("login", "northwind-api"), ("password", password ?? server.Password),
            ("client", "northwind"), ("certificate", await server.Get<PartnerTlsCertificate>().ToPemAsync(_cancellation)),
        })
        {
            settings[name] = value;
        }

        return new KeyAdministratorFactory().Create(new PluginContext(settings, NullLogger.Instance, server.Time));
    }

    private async Task<LicenseFile> VerifiedAsync(TestKeyServer server, RetrievedFile file)
    {
        var verified = new LicenseVerifier(await server.Get<SigningRing>().TrustAsync(_cancellation)).Verify(file.Content);
        verified.IsAuthentic.ShouldBeTrue(verified.Refusal?.ToString());
        return verified.License!;
    }
}
