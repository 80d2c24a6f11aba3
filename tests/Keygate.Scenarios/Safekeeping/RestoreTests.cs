using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.Safekeeping;

/// <summary>A provider whose database is lost and restored, while the issuer has gone on: what was issued since is found, and nothing is issued twice.</summary>
[Trait("Needs", "Processes")]
public sealed class RestoreTests
{
    [Theory, BothEngines]
    public async Task After_a_restore_nothing_is_ordered_before_what_was_issued_meanwhile_was_found(Engine engine)
    {
        using var folder = new TempFolder();
        var (file, passphrase) = (folder.File("one.backup"), folder.File("passphrase"));
        await File.WriteAllTextAsync(passphrase, "correct horse battery\n");
        var address = engine == Engine.PostgreSql ? await TestDatabase.PostgresUrlAsync() : null;
        await using var demo = await DemoProvider.StartAsync(engine, database: address);
        async Task<(int ExitCode, string Output)> KeygateAsync(params string[] arguments)
        {
            var start = Programs.Keygate(arguments);
            start.Environment["KEYGATE_DATA"] = demo.Data;
            start.Environment["KEYGATE_DB"] = address ?? "";
            start.Environment["KEYGATE_ROLES"] = arguments[0] == "restore" ? "provider,worker" : "";
            return await Programs.RunAsync(start);
        }

        // Saved while the server runs; then one more order that the backup does not know.
        var (saved, said) = await KeygateAsync("backup", "--out", file, "--passphrase-file", passphrase, "--json");
        saved.ShouldBe(0, said);
        JsonNode.Parse(said)!["parts"]!.AsArray().Select(p => (string?)p!["name"]).ShouldBe(["provider", "keyserver"]);
        var lost = await demo.OrderAndPayAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        await demo.UntilAsync(lost, o => (string?)o["state"] == "CP");
        var lostKey = (await demo.Rest.GetAsync("licenses"))["items"]!.AsArray().Select(l => (string)l!["keyNumber"]!).Single(k => k != (string)demo.Demo["keyNumber"]!);
        (await KeygateAsync("restore", file, "--passphrase-file", passphrase, "--replace")).ExitCode.ShouldBe(1, "A server works on it.");
        (await demo.Server.TerminateAsync()).ExitCode.ShouldBe(0);

        (await KeygateAsync("restore", file, "--passphrase-file", passphrase)).Output.ShouldContain("storage.database-in-place");
        var (restored, told) = await KeygateAsync("restore", file, "--passphrase-file", passphrase, "--replace", "--json");
        restored.ShouldBe(0, told);
        JsonNode.Parse(told)!["restored"]!.AsArray().Select(p => (string?)p).ShouldBe(["provider"]);

        await using var server = await ServerProcess.StartAsync(demo.Data, address, new Dictionary<string, string> { ["KEYGATE_PARTNER_API"] = demo.Server.PartnerUrl.ToString().TrimEnd('/') });
        using var rest = new Rest(server.Url, (string)demo.Demo["api"]!["token"]!);
        (await rest.CountAsync("orders")).ShouldBe(1);
        (await rest.CountAsync("keyserver/keys")).ShouldBe(2);

        // What is paid now waits, under a number that was never given.
        var (_, order) = await rest.PostAsync("orders", new JsonObject { ["customerId"] = 1000001, ["planId"] = 1, ["resources"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"), ["subscriptionName"] = "next.example" }, "next");
        ((int)order["id"]!).ShouldBeGreaterThan(100_000);
        (await rest.PostAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]! })).Status.ShouldBe(HttpStatusCode.OK);

        // The issuer is read on its own; until that is done nobody can let it go on.
        var (refused, why) = await rest.PostAsync("plugins/1/resume");
        if (refused != HttpStatusCode.Conflict)
        {
            throw new InvalidOperationException(why.ToString());
        }

        ((string?)why["code"]).ShouldBe("plugins.not-compared");
        await rest.PostAsync("licenses/sync", new JsonObject { ["issuer"] = 1 });
        var run = (int)(await rest.GetAsync("sync-runs"))["items"]![0]!["id"]!;
        await UntilAsync(rest, "sync-runs", runs => runs["items"]!.AsArray().Any(r => (int)r!["id"]! == run && r["endedAt"] is not null && (int)r["compared"]! == 1));

        // This issuer cannot list its keys, so a person compares with its own records, and says so.
        (await rest.PostAsync("plugins/1/resume")).Status.ShouldBe(HttpStatusCode.Conflict);
        var stem = lostKey[..lostKey.LastIndexOf('.')];
        (await rest.GetAsync("keyserver/keys")).ToJsonString().ShouldContain(stem);
        (await rest.CountAsync("keyserver/keys")).ShouldBe(2, "Nothing may be ordered while the plug-in is held.");
        (await rest.PostAsync("plugins/1/resume?compared=true")).Status.ShouldBe(HttpStatusCode.OK);
        (await rest.PostAsync("plugins/2/resume")).Status.ShouldBe(HttpStatusCode.OK);

        await UntilAsync(rest, $"orders/{order["id"]}", o => (string?)o["state"] == "CP");
        (await rest.CountAsync("keyserver/keys")).ShouldBe(3);
    }

    private static async Task<JsonNode> UntilAsync(Rest rest, string path, Func<JsonNode, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await rest.GetAsync(path);
            if (condition(answer))
            {
                return answer;
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(answer.ToString());
            }

            await Task.Delay(50);
        }
    }
}
