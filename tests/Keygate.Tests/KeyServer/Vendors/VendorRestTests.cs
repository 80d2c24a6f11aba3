using System.Text;
using System.Text.Json.Nodes;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Vendors;

/// <summary>Vendors over REST, in a whole server.</summary>
public sealed class VendorRestTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "AV", "name": "Anti-virus", "product": "Anti-virus", "prefix": "EXT", "billing": ["lease"], "period": "30 days", "vendor": "acme" } ] }
        """;

    [Theory, BothEngines]
    public async Task A_vendor_is_added_listed_and_changed_and_his_credentials_are_shown_to_nobody(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        const string acme = """{ "name": "acme", "url": "https://vendor.example/isv", "credentials": "shop:planted-secret", "repeats": true }""";
        var added = await server.PostAsync("/keyserver/vendors", acme, "one");
        added.Status.ShouldBeInRange(200, 201, added.Text);
        (await server.PostAsync("/keyserver/vendors", acme, "one")).Replayed.ShouldBeTrue();
        (await server.PostAsync("/keyserver/vendors", acme)).ShouldBeProblem(409, "keyserver.vendor-taken");

        var changed = await server.PostAsync("/keyserver/vendors/acme", """{ "testMode": true, "enabled": false }""");
        (Is(changed.Json!, "testMode"), Is(changed.Json!, "enabled"), Is(changed.Json!, "repeats"), (string)changed.Json!["url"]!).ShouldBe((true, false, true, "https://vendor.example/isv"));
        (await server.PostAsync("/keyserver/vendors", """{ "name": "zeta", "url": "http://127.0.0.1:9/" }""")).Status.ShouldBeInRange(200, 201);

        var first = await server.GetAsync("/keyserver/vendors?limit=1");
        var second = await server.GetAsync($"/keyserver/vendors?limit=1&cursor={Uri.EscapeDataString((string)first.Json!["next"]!)}");
        new[] { first, second }.Select(page => (string)page.Json!["items"]!.AsArray().ShouldHaveSingleItem()!["name"]!).ShouldBe(["acme", "zeta"]);
        new[] { added, changed, first, second }.ShouldAllBe(reply => !reply.Text.Contains("planted") && !reply.Text.Contains("credentials"));
    }

    [Fact]
    public async Task What_cannot_be_kept_so_and_who_may_not_are_refused()
    {
        await using var server = await HostUnderTest.StartAsync();

        foreach (var (body, field) in new[]
        {
            ("""{ "name": "two words", "url": "https://vendor.example" }""", "name"), ("""{ "url": "https://vendor.example" }""", "name"), ("""{ "name": "acme" }""", "url"),
            ("""{ "name": "acme", "url": "ftp://vendor.example" }""", "url"), ("""{ "name": "acme", "url": "https://shop:secret@vendor.example" }""", "url"),
        })
        {
            (await server.PostAsync("/keyserver/vendors", body)).ShouldBeProblem(400, "keyserver.vendor-invalid").Field.ShouldBe(field);
        }

        (await server.PostAsync("/keyserver/vendors/none", """{ "enabled": false }""")).ShouldBeProblem(404, "keyserver.vendor-unknown");
        (await server.PostAsync("/keyserver/vendor-acts/77", """{ "word": "GiveUp" }""")).ShouldBeProblem(404, "keyserver.vendor-act-unknown");
        (await Reply.OfAsync(server.Anonymous.GetAsync("/api/v1/keyserver/vendors"))).Status.ShouldBe(401);
        (await Reply.OfAsync(server.Anonymous.GetAsync("/api/v1/keyserver/vendor-acts"))).Status.ShouldBe(401);
        (await HostUnderTest.PostAsync(server.Anonymous, "/keyserver/vendors", """{ "name": "acme", "url": "https://vendor.example" }""")).Status.ShouldBe(401);
        (await server.GetAsync("/keyserver/vendors")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task What_a_vendor_left_open_is_listed_and_ended_by_a_persons_word(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await HostUnderTest.StartAsync(engine);
        server.Host.Services.GetRequiredService<IOptions<KeyServerOptions>>().Value.VendorWait = TimeSpan.FromMilliseconds(300);
        (await server.PostAsync("/keyserver/vendors", $$"""{ "name": "acme", "url": "{{vendor.Url}}", "repeats": false }""")).Status.ShouldBeInRange(200, 201);
        var keys = await KeyServerSetUp.OfAsync(server, List);
        await server.ReadyAsync();
        vendor.Misbehave("drop");
        (await keys.CallAsync("createKey", new XmlRpcStruct(), "northwind", "AV", new XmlRpcArray(), "billing"))["resultCode"].AsInt().ShouldBe(287);

        var open = await keys.UntilAsync("/keyserver/vendor-acts?open=true", list => list["items"]!.AsArray() is [{ } one] && ((string)one["detail"]!).Length > 0);
        var act = open["items"]![0]!;
        ((string)act["action"]!, (string)act["state"]!, (string)act["actor"]!).ShouldBe(("Purchase", "Open", "northwind-api"));
        var path = $"/keyserver/vendor-acts/{act["id"]}";
        var key = (await server.GetAsync("/keyserver/keys?client=northwind")).Json!["items"]!.AsArray().ShouldHaveSingleItem()!;
        (Is(key, "awaitsVendor"), (int)act["key"]!).ShouldBe((true, int.Parse(((string)key["number"]!).Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)));

        // It may have been carried out: then it is not given up, and what was found needs its body.
        (await server.PostAsync(path, """{ "word": "GiveUp" }""")).Status.ShouldBe(409);
        (await server.PostAsync(path, """{ "word": "Found" }""")).ShouldBeProblem(400, "keyserver.vendor-invalid").Field.ShouldBe("body");
        var body = Convert.ToBase64String(Encoding.ASCII.GetBytes((string)vendor.Sold((int)act["key"]!)["body"]!));
        var said = await server.PostAsync(path, $$"""{ "word": "Found", "body": "{{body}}" }""");
        said.Status.ShouldBe(200, said.Text);

        await keys.UntilAsync($"/keyserver/keys/{key["number"]}", shown => !Is(shown, "awaitsVendor"));
        (await server.GetAsync("/keyserver/vendor-acts?open=true")).Json!["items"]!.AsArray().ShouldBeEmpty();
        ((string)(await server.GetAsync("/keyserver/vendor-acts")).Json!["items"]!.AsArray().ShouldHaveSingleItem()!["state"]!).ShouldBe("Done");
        (await server.PostAsync(path, """{ "word": "None" }""")).ShouldBeProblem(404, "keyserver.vendor-act-unknown");
        vendor.Sold((int)act["key"]!)["log"]!.AsArray().Count.ShouldBe(1);
    }

    private static bool Is(JsonNode node, string name) => node[name]!.GetValue<bool>();
}
