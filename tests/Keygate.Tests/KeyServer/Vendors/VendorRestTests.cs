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

    [Fact]
    public async Task The_command_line_adds_changes_and_lists_vendors_and_ends_what_they_left_open()
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await HostUnderTest.StartAsync();
        using var folder = new TempFolder();
        server.Host.Services.GetRequiredService<IOptions<KeyServerOptions>>().Value.VendorWait = TimeSpan.FromMilliseconds(300);
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };
        Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => KeygateProcess.RunAsync(folder.Path, environment, ["keyserver", "vendor", .. arguments, "--json"]);
        async Task<JsonNode> DoneAsync(params string[] arguments)
        {
            var (code, output, errors) = await RunAsync(arguments);
            code.ShouldBe(0, errors);
            output.ShouldNotContain("planted-secret");
            return JsonNode.Parse(output)!;
        }

        await server.ReadyAsync();
        await DoneAsync("add", "acme", "--url", vendor.Url, "--credentials", "shop:planted-secret", "--repeats", "false");
        (await RunAsync("add", "acme", "--url", vendor.Url)).ShouldSatisfyAllConditions(again => again.Code.ShouldBe(1), again => again.Errors.ShouldContain("acme"));
        (await RunAsync("change", "nobody", "--enabled", "false")).Code.ShouldBe(1);
        Is(await DoneAsync("change", "acme", "--test-mode", "true"), "testMode").ShouldBeTrue();
        var listed = (await DoneAsync("list"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)listed["name"]!, Is(listed, "testMode"), Is(listed, "repeats"), Is(listed, "enabled")).ShouldBe(("acme", true, false, true));

        var keys = await KeyServerSetUp.OfAsync(server, List);
        async Task<(string Act, int Key)> LeftOpenAsync()
        {
            (await keys.CallAsync("createKey", new XmlRpcStruct(), "northwind", "AV", new XmlRpcArray(), "billing"))["resultCode"].AsInt().ShouldBe(287);
            var open = (await keys.UntilAsync("/keyserver/vendor-acts?open=true", IsLeftOpen))["items"]![0]!;
            return (open["id"]!.ToString(), (int)open["key"]!);
        }

        // What may have been carried out is not given up; asked again it stops again, and a person's word with the body ends it.
        vendor.Misbehave("drop");
        var (act, key) = await LeftOpenAsync();
        (await DoneAsync("acts", "--open"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(act);
        (await RunAsync("give-up", act)).Code.ShouldBe(1);
        await DoneAsync("resubmit", act);
        await keys.UntilAsync("/keyserver/vendor-acts?open=true", IsLeftOpen);
        (await RunAsync("found", act)).Code.ShouldBe(1, "The body is missing.");
        await File.WriteAllTextAsync(folder.File("body"), (string)vendor.Sold(key)["body"]!);
        await DoneAsync("found", act, "--body", folder.File("body"));
        await keys.UntilAsync("/keyserver/vendor-acts?open=true", list => list["items"]!.AsArray().Count == 0);

        // What he has not done is asked again.
        (act, key) = await LeftOpenAsync();
        vendor.Misbehave("");
        await DoneAsync("none", act);
        await keys.UntilAsync("/keyserver/vendor-acts?open=true", list => list["items"]!.AsArray().Count == 0);

        // Nothing was sent: the order may be given up, and ends with its key.
        await DoneAsync("change", "acme", "--url", "http://127.0.0.1:9/");
        (await keys.CallAsync("createKey", new XmlRpcStruct(), "northwind", "AV", new XmlRpcArray(), "billing"))["resultCode"].AsInt().ShouldBe(287);
        act = (await keys.UntilAsync("/keyserver/vendor-acts?open=true", list => list["items"]!.AsArray() is [{ } one] && one["work"]?["lastError"] is not null))["items"]![0]!["id"]!.ToString();
        await DoneAsync("give-up", act);
        (await DoneAsync("acts"))["items"]!.AsArray().Select(a => (string)a!["state"]!).ShouldBe(["Refused", "Done", "Done"]);
        (await server.GetAsync("/keyserver/keys?client=northwind")).Json!["items"]!.AsArray().Select(k => k!["terminatedAt"] is null).ShouldBe([false, true, true]);
    }

    private static bool IsLeftOpen(JsonNode list) => list["items"]!.AsArray() is [{ } one] && (string?)one["work"]?["state"] == "stopped";

    private static bool Is(JsonNode node, string name) => node[name]!.GetValue<bool>();
}
