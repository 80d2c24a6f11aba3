using System.Text;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PriceLists;

/// <summary>Single entries of a price list over REST, in a whole server.</summary>
public sealed class ChangePriceListEntryTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "PANEL", "name": "Panel", "product": "Panel", "prefix": "PANL", "billing": ["lease"], "period": "30 days" },
          { "id": "MAILER", "name": "Mailer", "product": "Mailer", "prefix": "MAIL", "billing": ["lease"], "period": "30 days" } ],
          "groups": [ { "id": "DOMAINS", "description": "Domains" } ],
          "features": [ { "id": "D10", "name": "10 domains", "group": "DOMAINS", "keyTypes": ["PANEL"] } ] }
        """;

    [Theory, BothEngines]
    public async Task One_entry_is_added_changed_withdrawn_and_offered_again_and_the_others_stay(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var keys = await KeyServerSetUp.OfAsync(server, List);
        const string addOn = """{ "id": "BACKUP", "name": "Backup", "product": "Backup", "prefix": "BACK", "billing": ["lease"], "period": "1 month" }""";

        Said(await PutAsync(server, "keyTypes/BACKUP", addOn)).ShouldBe("2 added BACKUP changed  withdrawn ");
        Said(await PutAsync(server, "keyTypes/BACKUP", addOn)).ShouldBe("2 added  changed  withdrawn ");
        var number = await keys.OrderAsync("BACKUP");
        Said(await PutAsync(server, "keyTypes/BACKUP", addOn.Replace("\"Backup\", \"product\"", "\"Backup Pro\", \"product\"", StringComparison.Ordinal))).ShouldBe("3 added  changed BACKUP withdrawn ");
        Said(await PutAsync(server, "features/D30", """{ "id": "D30", "name": "30 domains", "group": "DOMAINS", "keyTypes": ["PANEL", "BACKUP"] }""")).ShouldBe("4 added D30 changed  withdrawn ");
        Said(await server.PostAsync("/keyserver/price-lists/hosting/features/D30/withdraw", "{}")).ShouldBe("5 added  changed  withdrawn D30");
        Said(await server.PostAsync("/keyserver/price-lists/hosting/keyTypes/BACKUP/withdraw", "{}")).ShouldBe("6 added  changed  withdrawn BACKUP");

        (await keys.CallAsync("createKey", new XmlRpcStruct(), "northwind", "BACKUP", new XmlRpcArray(), "billing"))["resultCode"].AsInt().ShouldBe(260);
        (await keys.CallAsync("renewKey", number))["resultCode"].AsInt().ShouldBe(100);
        Said(await PutAsync(server, "keyTypes/BACKUP", addOn)).ShouldBe("7 added BACKUP changed  withdrawn ");
        await keys.OrderAsync("BACKUP");
        var shown = (await server.GetAsync("/keyserver/price-lists/hosting")).Json!;
        shown["keyTypes"]!.AsArray().Select(k => ((string)k!["id"]!, k["offered"]!.GetValue<bool>())).ShouldBe([("PANEL", true), ("MAILER", true), ("BACKUP", true)]);
        shown["features"]!.AsArray().Select(f => ((string)f!["id"]!, f["offered"]!.GetValue<bool>())).ShouldBe([("D10", true), ("D30", false)]);
    }

    [Fact]
    public async Task What_the_list_contradicts_is_refused_with_its_reason_and_changes_nothing()
    {
        await using var server = await HostUnderTest.StartAsync();
        await KeyServerSetUp.OfAsync(server, List);

        foreach (var (path, entry, reason) in new[]
        {
            ("keyTypes/PANEL", """{ "id": "MAILER", "name": "M", "product": "M", "prefix": "M", "billing": ["lease"], "period": "30 days" }""", "is not \"PANEL\""),
            ("keyTypes/PANEL", "{ \"id\": \"PANEL\", \"name\": \"Panel\", \"product\": \"Panel\", \"prefix\": \"PANL\", \"billing\": [\"lease\"], \"period\": \"30 days\",\n  \"colour\": 1 }", "Line 2: "),
            ("keyTypes/PANEL", "nonsense", "Line 1: "),
            ("features/D20", """{ "id": "D20", "name": "D", "keyTypes": ["NONE"] }""", "\"NONE\" is no key type of this list"),
            ("upgradePlans/UP", """{ "id": "UP", "from": "PANEL", "to": "D10" }""", "two key types or two features"),
        })
        {
            (await PutAsync(server, path, entry)).ShouldBeProblem(400, "keyserver.price-list-broken").Json!["detail"]!.ToString().ShouldContain(reason);
        }

        // What others name stays.
        (await server.PostAsync("/keyserver/price-lists/hosting/keyTypes/PANEL/withdraw", "{}")).ShouldBeProblem(400, "keyserver.price-list-broken").Text.ShouldContain("D10: ");
        (await server.PostAsync("/keyserver/price-lists/hosting/groups/DOMAINS/withdraw", "{}")).ShouldBeProblem(400, "keyserver.price-list-broken");
        (await server.PostAsync("/keyserver/price-lists/hosting/keyTypes/NONE/withdraw", "{}")).ShouldBeProblem(404, "keyserver.price-list-entry-unknown");
        (await server.PostAsync("/keyserver/price-lists/none/keyTypes/PANEL/withdraw", "{}")).ShouldBeProblem(404, "keyserver.price-list-unknown");
        (await PutAsync(server, "colours/RED", "{}")).ShouldBeProblem(404, "keyserver.price-list-entry-unknown");
        ((int)(await server.GetAsync("/keyserver/price-lists/hosting")).Json!["version"]!).ShouldBe(1);
    }

    private static string Said(Reply reply)
    {
        reply.Status.ShouldBe(200, reply.Text);
        return $"{reply.Json!["version"]} added {Names("added")} changed {Names("changed")} withdrawn {Names("withdrawn")}";

        string Names(string list) => string.Join(',', reply.Json![list]!.AsArray().Select(name => (string)name!));
    }

    private static async Task<Reply> PutAsync(HostUnderTest server, string path, string entry)
    {
        using var content = new StringContent(entry, Encoding.UTF8, "application/json");
        return await Reply.OfAsync(server.Client.PutAsync(new Uri($"/api/v1/keyserver/price-lists/hosting/{path}", UriKind.Relative), content));
    }
}
