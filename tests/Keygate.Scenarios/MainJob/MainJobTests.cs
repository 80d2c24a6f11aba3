using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.MainJob;

/// <summary>The main job over the real wire: real processes, real TLS, real signatures, both databases.</summary>
[Trait("Needs", "Processes")]
public sealed class MainJobTests
{
    [Theory]
    [BothEngines]
    public async Task A_paid_order_becomes_an_installed_license_once_however_often_the_demo_is_started(Engine engine)
    {
        using var folder = new TempFolder();
        var data = folder.File("data");
        var database = engine == Engine.PostgreSql ? await TestDatabase.PostgresUrlAsync() : null;
        JsonNode demo;
        await using (var server = await ServerProcess.StartAsync(data, database))
        {
            var (exit, output) = await DemoAsync(server, data);

            exit.ShouldBe(0, output + server.Output);
            InOrder(output, "Pending", "Issued", "Retrieving", "Retrieved", "Installing", "Installed");
            demo = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "demo.json")))!;
            OwnerOnly(Path.Combine(data, "demo.json"));
            await ExactlyOneOfEverythingAsync(server, demo);

            (await DemoAsync(server, data)).ExitCode.ShouldBe(0);
            await ExactlyOneOfEverythingAsync(server, demo);

            var (code, took) = await server.TerminateAsync();
            code.ShouldBe(0, server.Output);
            took.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        }

        await using (var again = await ServerProcess.StartAsync(data, database))
        {
            (await DemoAsync(again, data)).ExitCode.ShouldBe(0);
            await ExactlyOneOfEverythingAsync(again, demo);
        }

        await TheFileVerifiesOfflineAsync(demo, folder);
    }

    [Fact]
    public async Task A_demo_that_was_cut_off_goes_on_and_makes_nothing_twice()
    {
        using var folder = new TempFolder();
        var data = folder.File("data");
        await using var server = await ServerProcess.StartAsync(data, null);
        (await DemoAsync(server, data)).ExitCode.ShouldBe(0);
        var demo = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "demo.json")))!;

        // The last thing it writes is what tells the next start that all is done.
        File.Delete(Path.Combine(data, "demo.json"));
        var (exit, output) = await DemoAsync(server, data);

        exit.ShouldBe(0, output);
        var second = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "demo.json")))!;
        second.ToJsonString().ShouldBe(demo.ToJsonString());
        await ExactlyOneOfEverythingAsync(server, second);
    }

    private static Task<(int ExitCode, string Output)> DemoAsync(ServerProcess server, string data) =>
        Programs.RunAsync(Programs.Demo("--url", server.Url.ToString().TrimEnd('/'), "--data", data, "--samples", Programs.Samples));

    private static void OwnerOnly(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static void InOrder(string output, params string[] states)
    {
        var at = 0;
        foreach (var state in states)
        {
            var found = output.IndexOf($" {state} ", at, StringComparison.Ordinal);
            found.ShouldBeGreaterThan(0, $"{state} is missing or out of order in:\n{output}");
            at = found;
        }
    }

    private static async Task ExactlyOneOfEverythingAsync(ServerProcess server, JsonNode demo)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)demo["api"]!["token"]!);
        foreach (var list in new[] { "orders", "licenses", "keyserver/keys", "customers", "subscriptions" })
        {
            var page = JsonNode.Parse(await http.GetStringAsync(new Uri(server.Url, $"/api/v1/{list}")))!;
            page["items"]!.AsArray().Count.ShouldBe(1, $"{list}: {page}");
        }

        var license = JsonNode.Parse(await http.GetStringAsync(new Uri(server.Url, $"/api/v1/licenses/{demo["licenseId"]}")))!;
        ((string)license["status"]!).ShouldBe("Installed");
        ((string)license["keyNumber"]!).ShouldBe((string)demo["keyNumber"]!);
    }

    private static async Task TheFileVerifiesOfflineAsync(JsonNode demo, TempFolder folder)
    {
        var file = (string)demo["licenseFile"]!;
        var trust = (string)demo["trust"]!;
        var (good, said) = await Programs.RunAsync(Programs.Keygate("verify", file, "--trust", trust));
        good.ShouldBe(0, said);

        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        var changed = folder.File("changed.xml");
        await File.WriteAllBytesAsync(changed, bytes);
        var (bad, why) = await Programs.RunAsync(Programs.Keygate("verify", changed, "--trust", trust));
        bad.ShouldBe(1, why);
        why.ShouldNotBeEmpty();
    }
}
