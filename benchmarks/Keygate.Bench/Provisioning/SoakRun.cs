using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Bench.Provisioning;

/// <summary>
/// The long soak: many paid orders at an issuer and an installer that misbehave, through the REST of a whole server, on each database. No figure comes out of it;
/// it fails where an order is lost, a live key is there twice, or a failure is silent.
/// </summary>
internal static class SoakRun
{
    private const string Usage = "usage: ./bench soak [--orders N] [--seed N] [--sqlite | --postgres]";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (orders, seed, engines) = (10_000, Random.Shared.Next(1, 1_000_000), new List<Engine> { Engine.Sqlite, Engine.PostgreSql });
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--orders" when i + 1 < arguments.Length && int.TryParse(arguments[++i], CultureInfo.InvariantCulture, out orders) && orders > 0:
                case "--seed" when i + 1 < arguments.Length && int.TryParse(arguments[++i], CultureInfo.InvariantCulture, out seed):
                    break;
                case "--sqlite":
                    engines = [Engine.Sqlite];
                    break;
                case "--postgres":
                    engines = [Engine.PostgreSql];
                    break;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"soak: {orders} orders, seed {seed}; again with ./bench soak --orders {orders} --seed {seed}"));
        var failed = false;
        foreach (var engine in engines)
        {
            if (engine == Engine.PostgreSql && Postgres.Missing is { } why)
            {
                Console.WriteLine($"invalid: soak: {why}");
                failed = true;
                continue;
            }

            var report = await RunAsync(engine, orders, seed);
            Console.WriteLine($"soak: {engine}: {report}");
            foreach (var fault in report.Faults.Take(50))
            {
                Console.WriteLine($"soak: {engine} FAILED: {fault}");
            }

            failed |= report.Faults.Count > 0 || report.Orders != orders + 1;
        }

        return failed ? 1 : 0;
    }

    private static async Task<SoakReport> RunAsync(Engine engine, int orders, int seed)
    {
        using var folder = new TempFolder();
        var time = new ManualTime();
        var port = engine == Engine.Sqlite ? 0 : (await Postgres.RunningAsync()).Port;
        var address = engine == Engine.Sqlite ? null : DatabaseAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{port}/keygate?schema=soak")).Value;
        await using var provider = await ProviderUnderLoad.StartAsync(address, folder.Path, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Critical);
            builder.Services.AddSingleton<TimeProvider>(time);
        });
        using var http = new HttpClient { BaseAddress = new Uri(provider.Host.HttpUrl, "/api/v1/"), Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", CliFile.Read(folder.File("data"))!.Token);
        var house = new SoakHouse(
            (path, body) => SendAsync(http, HttpMethod.Post, path, body), path => SendAsync(http, HttpMethod.Get, path, null), provider.Database, time,
            provider.Customer, provider.Installer, [ProviderUnderLoad.KeyType]);
        return await Soak.RunAsync(house, new SoakSettings
        {
            Orders = orders, Seed = seed, Journal = folder.File("keys.journal"), InstallerJournal = folder.File("files.journal"), Patience = TimeSpan.FromHours(1),
        });
    }

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (method == HttpMethod.Post)
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
            request.Content = new StringContent(body?.ToJsonString() ?? "{}", Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
