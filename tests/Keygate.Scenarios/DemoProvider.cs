using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Scenarios;

/// <summary>A running server that the demo has set up: plan 1, customer 1000001, issuer plug-in 1, installer plug-in 2, and one installed license.</summary>
internal sealed class DemoProvider : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private DemoProvider(TempFolder folder, ServerProcess server, JsonNode demo) =>
        (_folder, Server, Demo, Rest) = (folder, server, demo, new Rest(server.Url, (string)demo["api"]!["token"]!));

    public ServerProcess Server { get; }

    public JsonNode Demo { get; }

    public Rest Rest { get; }

    public string Data => _folder.File("data");

    public static async Task<DemoProvider> StartAsync(Engine engine)
    {
        var folder = new TempFolder();
        var data = folder.File("data");
        var server = await ServerProcess.StartAsync(data, engine == Engine.PostgreSql ? await TestDatabase.PostgresUrlAsync() : null);
        var (exit, output) = await Programs.RunAsync(Programs.Demo("--url", server.Url.ToString().TrimEnd('/'), "--data", data, "--samples", Programs.Samples));
        exit.ShouldBe(0, output + server.Output);
        return new DemoProvider(folder, server, JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "demo.json")))!);
    }

    /// <summary>Runs a verb of the command line against this server.</summary>
    public Task<(int ExitCode, string Output)> CommandAsync(params string[] arguments)
    {
        var start = Programs.Keygate(arguments);
        start.Environment["KEYGATE_DATA"] = Data;
        return Programs.RunAsync(start);
    }

    /// <summary>Places an order of the demo's plan and pays it; returns its number.</summary>
    public async Task<int> OrderAndPayAsync(params string[] resources)
    {
        var (_, order) = await Rest.PostAsync("orders", new JsonObject
        {
            ["customerId"] = 1000001,
            ["planId"] = 1,
            ["subscriptionName"] = "scenario.example",
            ["resources"] = new JsonArray([.. resources.Select(r => (JsonNode)r)]),
        });
        var id = (int)order["id"]!;
        var (_, paid) = await Rest.PostAsync(
            FormattableString.Invariant($"orders/{id}/pay"), new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]! });
        ((int)paid["id"]!).ShouldBe(id);
        return id;
    }

    /// <summary>Waits until an order is as it should be.</summary>
    public async Task<JsonNode> UntilAsync(int order, Func<JsonNode, bool> asItShouldBe)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var now = await Rest.GetAsync(string.Create(CultureInfo.InvariantCulture, $"orders/{order}"));
            if (asItShouldBe(now))
            {
                return now;
            }

            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(90), $"{now}\n{Server.Output}");
            await Task.Delay(100);
        }
    }

    /// <summary>The item of an order that stands for its license.</summary>
    public static JsonNode LicenseItem(JsonNode order) => order["items"]!.AsArray().Single(i => (string)i!["kind"]! == "License")!;

    public async ValueTask DisposeAsync()
    {
        Rest.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
