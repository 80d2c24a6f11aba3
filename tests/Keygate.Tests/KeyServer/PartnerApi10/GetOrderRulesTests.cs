using System.Text;
using System.Xml.Linq;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>By which rules a client's orders are accepted, as a method of our own tells them.</summary>
public sealed class GetOrderRulesTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "currency": "EUR", "keyTypes": [
          { "id": "PANEL", "name": "Panel", "product": "Panel", "prefix": "PANL", "billing": ["lease", "purchase"], "period": "1 month", "prices": { "lease": 500 }, "additional": ["SPAM"], "features": ["D10"] },
          { "id": "PANEL_2", "name": "Panel 2", "product": "Panel", "prefix": "PANL", "billing": ["lease"], "period": "1 month", "prices": { "lease": 600 } },
          { "id": "SPAM", "name": "Spam filter", "product": "Spam", "prefix": "SPAM", "kind": "additional", "billing": ["lease"], "period": "1 month", "prices": { "lease": 100 } },
          { "id": "LATER", "name": "Later", "product": "Later", "prefix": "LATR", "billing": ["lease"], "period": "1 month", "validFrom": "2027-01-01" } ],
          "groups": [ { "id": "DOMAINS", "description": "Domains", "mandatory": true } ],
          "features": [
            { "id": "D10", "name": "10", "group": "DOMAINS", "sort": 1, "keyTypes": ["PANEL"], "prices": { "lease": 0, "purchase": 0 } },
            { "id": "D30", "name": "30", "group": "DOMAINS", "sort": 2, "keyTypes": ["PANEL"] },
            { "id": "GONE", "name": "Gone", "keyTypes": ["PANEL"], "validUntil": "2026-01-01" } ],
          "upgradePlans": [
            { "id": "TO_30", "from": "D10", "to": "D30", "prices": { "lease": 200 } },
            { "id": "TO_2", "from": "PANEL", "to": "PANEL_2" },
            { "id": "RESELLERS", "from": "D30", "to": "D10", "prices": { "lease": 200 }, "accounts": ["reseller"] } ] }
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task Tells_what_is_on_offer_today_with_what_lacks_a_price_and_leaves_out_plans_that_would_be_refused(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(List), TestKeyServer.Staff, None));
        var auth = Raw.Auth("northwind-api", server.Password);

        var told = await AskAsync(server, auth, "northwind");
        Approve.That(XDocument.Parse(told.Xml).ToString(), "order-rules");
        Plans(told).ShouldBe(["TO_30"]);

        // Who may order what has no price is told of all, and of nothing as unpriced.
        var client = (await server.KeyAsync(await server.BareKeyAsync("PANEL_2"))).ClientId;
        await server.DoAsync(tx => server.Get<ChangeStandingHandler>().HandleAsync(tx, client, new() { Unpriced = true }, None));
        var trusted = await AskAsync(server, auth, "northwind");
        Plans(trusted).ShouldBe(["TO_30", "TO_2"]);
        XDocument.Parse(trusted.Xml).Descendants("member").Where(m => m.Element("name")!.Value == "unpriced").ShouldAllBe(m => !m.Descendants("string").Any());

        // As with every method: nobody else's client, and a login that counts.
        (await AskAsync(server, auth, "contoso")).Code.ShouldBe(202);
        (await AskAsync(server, auth, "nobody")).Code.ShouldBe(250);
        (await AskAsync(server, Raw.Auth("northwind-api", "wrong"), "northwind")).Code.ShouldBe(200);
    }

    private static async Task<RawAnswer> AskAsync(TestKeyServer server, string auth, string client) =>
        Raw.Read((await server.PostAsync(Raw.CallOf("keygate.getOrderRules", [auth, Raw.Text(client)]))).Body);

    private static List<string> Plans(RawAnswer answer) =>
        [.. answer.Members["upgradePlans"].Element("array")!.Element("data")!.Elements("value")
            .Select(v => v.Element("struct")!.Elements("member").Single(m => m.Element("name")!.Value == "id").Element("value")!.Value)];
}
