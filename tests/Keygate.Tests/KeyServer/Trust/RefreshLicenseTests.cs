using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

public sealed class RefreshLicenseTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task A_product_gets_the_next_revision_from_its_update_date_on_and_once(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        foreach (var billing in new[] { "billing", "purchase" })
        {
            var number = await server.BareKeyAsync(billing == "purchase" ? "VIRTUOZZO_4" : "PLESK_9_FOR_VZ", billing);
            if (billing == "purchase")
            {
                var ticket = (await server.KeyAsync(number)).UpdateTicket;
                (await RefreshAsync(server, number, ticket)).Json!["code"]!.ToString().ShouldBe("keyserver.key-not-activated");
                (await server.CallAsync("activateKey", number, "1A2B.3C4D"))["resultCode"].AsInt().ShouldBe(100);
            }

            var file = await Product.FileAsync(server, number);
            await product.UpdateAsync();
            var license = product.Verify(file).License!;

            var early = await RefreshAsync(server, number, license.UpdateTicket!);
            early.Status.ShouldBe(HttpStatusCode.OK, early.Text);
            Convert.FromBase64String((string)early.Json!["content"]!).ShouldBe(file);

            server.Time.Advance(license.UpdateDate!.Value.Begins - server.Time.GetUtcNow());
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RefreshAsync(server, number, license.UpdateTicket!)));
            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
            answers.Select(a => a.Text).Distinct().Count().ShouldBe(1);
            ((string)answers[0].Json!["number"]!).ShouldBe(number[..^4] + "0001");
            await product.UpdateAsync();
            var next = product.Verify(Convert.FromBase64String((string)answers[0].Json!["content"]!));
            next.IsUsable.ShouldBeTrue(next.Reason);
            next.License!.ExpirationDate!.Value.ShouldBeGreaterThan(license.ExpirationDate!.Value);

            var token = await RefreshAsync(server, number, license.UpdateTicket!, """, "token": true""");
            product.Verify((string)token.Json!["token"]!).License.ShouldBe(next.License);
        }
    }

    [Theory, BothEngines]
    public async Task A_partner_who_renews_what_the_product_has_just_refreshed_adds_no_second_term(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string refreshed = await server.BareKeyAsync(), renewed = await server.BareKeyAsync();
        var due = (await server.KeyAsync(refreshed)).UpdateDate;
        server.Time.Advance(new DateTimeOffset(due, TimeOnly.MinValue, TimeSpan.Zero) - server.Time.GetUtcNow());

        (await RefreshAsync(server, refreshed, (await server.KeyAsync(refreshed)).UpdateTicket)).Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync("renewKey", renewed))["resultCode"].AsInt().ShouldBe(100);

        // Each asks for what the other has done already.
        (await server.CallAsync("renewKey", refreshed))["keyNumber"].AsString().ShouldBe(refreshed[..^4] + "0001");
        ((string)(await RefreshAsync(server, renewed, (await server.KeyAsync(renewed)).UpdateTicket)).Json!["number"]!).ShouldBe(renewed[..^4] + "0001");
        foreach (var key in new[] { await server.KeyAsync(refreshed), await server.KeyAsync(renewed) })
        {
            (key.Revision, key.UpdateDate).ShouldBe((1, due.AddDays(30)));
        }
    }

    [Theory, BothEngines]
    public async Task A_number_or_ticket_that_is_wrong_tells_nothing_and_changes_nothing(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        var ticket = (await server.KeyAsync(number)).UpdateTicket;
        server.Time.Advance(TimeSpan.FromDays(33));

        var wrongTicket = await RefreshAsync(server, number, ticket[..^1] + (ticket[^1] == '0' ? '1' : '0'));
        var wrongNumber = await RefreshAsync(server, "PLSK.00009999", ticket);
        var empty = await RefreshAsync(server, number, "");

        wrongTicket.Status.ShouldBe(HttpStatusCode.Unauthorized);
        wrongTicket.Text.ShouldBe(wrongNumber.Text);
        empty.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await server.KeyAsync(number)).Revision.ShouldBe(0);
        (await server.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from key_sightings", null, None), None)).ShouldBe(0);
        (await PostAsync(server, "nonsense")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(server, "null")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await RefreshAsync(server, number, ticket, """, "addresses": ["nowhere"]""")).Json!["field"]!.ToString().ShouldBe("addresses");
        (await PostAsync(server, "{\"keyNumber\":\"" + new string('x', 100_000) + "\"}")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory, BothEngines]
    public async Task A_key_or_client_in_bad_standing_does_not_move_on(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string number = await server.BareKeyAsync(), suspended = await server.BareKeyAsync();
        var key = await server.KeyAsync(number);
        await server.MarkProblemAsync(suspended);
        (await RefreshAsync(server, suspended, (await server.KeyAsync(suspended)).UpdateTicket)).Json!["code"]!.ToString().ShouldBe("keyserver.key-is-problem");
        server.Time.Advance(TimeSpan.FromDays(33));

        await server.Database.WriteAsync(async tx =>
        {
            await server.Get<ClientStore>().SetStandingAsync(tx, key.ClientId, problem: true, confirmed: true, unpriced: false, server.Time.GetUtcNow(), None);
            return Keygate.Kernel.Done.It;
        }, None);
        (await RefreshAsync(server, number, key.UpdateTicket)).Json!["code"]!.ToString().ShouldBe("keyserver.client-is-problem");
        (await server.KeyAsync(number)).Revision.ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Servers_that_use_one_key_side_by_side_are_listed_and_a_move_is_not(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string shared = await server.BareKeyAsync(), moved = await server.BareKeyAsync(), alone = await server.BareKeyAsync();
        async Task ReportAsync(string number, string instance, string address)
        {
            var ticket = (await server.KeyAsync(number)).UpdateTicket;
            var more = $$""", "instance": "{{instance}}", "addresses": ["{{address}}"], "productVersion": "10.0", "usage": { "resellers": 1, "clients": 2, "domains": 3 }""";
            (await RefreshAsync(server, number, ticket, more)).Status.ShouldBe(HttpStatusCode.OK);
            server.Time.Advance(TimeSpan.FromHours(1));
        }

        await ReportAsync(shared, "a", "192.0.2.1");
        await ReportAsync(shared, "b", "192.0.2.2");
        await ReportAsync(shared, "a", "192.0.2.1");
        await ReportAsync(moved, "old", "192.0.2.3");
        await ReportAsync(moved, "old", "192.0.2.3");
        await ReportAsync(moved, "new", "192.0.2.4");
        await ReportAsync(alone, "", "2001:db8:0::5");
        await ReportAsync(alone, "", "2001:DB8::5");

        var since = server.Time.GetUtcNow().AddDays(-45);
        var sightings = server.Get<SightingStore>();
        (await server.Database.ReadAsync(s => sightings.SeveralAsync(s, since, 0, 10, None), None)).ShouldBe([(await server.KeyAsync(shared)).Id.Value]);
        var servers = await server.Database.ReadAsync(async s => await sightings.ServersAsync(s, (await server.KeyAsync(shared)).Id, since, None), None);
        servers.Select(r => (r.Server, r.Addresses, r.Reports)).ShouldBe([("a", "192.0.2.1", 2), ("b", "192.0.2.2", 1)]);
        (await server.Database.ReadAsync(s => sightings.SeveralAsync(s, server.Time.GetUtcNow(), 0, 10, None), None)).ShouldBeEmpty();
        var usage = await server.Database.ReadAsync(async s => await server.Get<KeyStore>().FindUsageAsync(s, (await server.KeyAsync(shared)).Id, None), None);
        (usage!.Domains, usage.Addresses, usage.ProductVersion).ShouldBe((3, "192.0.2.1", "10.0"));
    }

    private static Task<(HttpStatusCode Status, JsonNode? Json, string Text)> RefreshAsync(TestKeyServer server, string number, string ticket, string more = "") =>
        PostAsync(server, $$"""{ "keyNumber": "{{number}}", "updateTicket": "{{ticket}}"{{more}} }""");

    private static async Task<(HttpStatusCode Status, JsonNode? Json, string Text)> PostAsync(TestKeyServer server, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var http = await server.PinnedAsync();
        using var answer = await http.PostAsync(new Uri(server.Url, "/product/v1/refresh"), content);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, JsonNode.Parse(text), text);
    }
}
