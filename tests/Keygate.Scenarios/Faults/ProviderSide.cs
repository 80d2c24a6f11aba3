using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Scenarios.Faults;

/// <summary>
/// A provider's side that the demo has set up, in a folder and a database of the test's. Its processes are started by each test, as often as they
/// die; their clock is the test's.
/// </summary>
internal sealed class ProviderSide : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private string _token = "";
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    private ProviderSide(string? database) => Database = database;

    /// <summary>The address of its database; null for SQLite.</summary>
    public string? Database { get; }

    /// <summary>Where the key server of the demo listened.</summary>
    public Uri Partner { get; private set; } = null!;

    /// <summary>The plan that is ordered.</summary>
    public int PlanId { get; set; } = 1;

    /// <summary>The time of the test's clock.</summary>
    public DateTimeOffset Now => _now;

    public static async Task<ProviderSide> StartAsync(Engine engine)
    {
        var side = new ProviderSide(engine == Engine.PostgreSql ? await TestDatabase.PostgresUrlAsync() : null);
        var data = side.PathOf("data");
        await using (var both = await ServerProcess.StartAsync(data, side.Database))
        {
            var (exit, output) = await Programs.RunAsync(Programs.Demo("--url", both.Url.ToString().TrimEnd('/'), "--data", data, "--samples", Programs.Samples));
            exit.ShouldBe(0, output + both.Output);
            side.Partner = both.PartnerUrl;
            (await both.TerminateAsync()).ExitCode.ShouldBe(0);
        }

        side._token = (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "demo.json")))!["api"]!["token"]!;
        side.Advance(TimeSpan.Zero);
        return side;
    }

    public string PathOf(string name) => _folder.File(name);

    /// <summary>Starts a process of this side.</summary>
    public Task<ServerProcess> ProcessAsync(string point = "") => ServerProcess.StartAsync(PathOf("data"), Database, new Dictionary<string, string>
    {
        ["KEYGATE_ROLES"] = "provider,worker",
        ["KEYGATE_TEST_CLOCK"] = PathOf("clock"),
        ["KEYGATE_TEST_POINT"] = point,
    });

    /// <summary>Places an order; returns its number.</summary>
    public async Task<int> PlaceAsync(ServerProcess provider)
    {
        var order = await PostAsync(provider, "orders", new JsonObject
        {
            ["customerId"] = 1000001,
            ["planId"] = PlanId,
            ["subscriptionName"] = "scenario.example",
            ["resources"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"),
        });
        return (int)order["id"]!;
    }

    /// <summary>Pays it if it is not paid yet. The answer may be lost, with the process that gave it.</summary>
    public async Task PayAsync(ServerProcess provider, int id)
    {
        try
        {
            var order = await GetAsync(provider, $"orders/{id}");
            if ((string)order["state"]! == "WP")
            {
                await SendAsync(provider, HttpMethod.Post, $"orders/{id}/pay", new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]! });
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // It died or froze under the call.
        }
    }

    /// <summary>Waits until an order is complete; the clock goes on by a minute now and then, so that what waits for its time comes to it.</summary>
    public async Task<TimeSpan> CompleteAsync(ServerProcess provider, int id)
    {
        var watch = Stopwatch.StartNew();
        var moved = TimeSpan.Zero;
        while (true)
        {
            var order = await GetAsync(provider, $"orders/{id}");
            if ((string)order["state"]! == "CP")
            {
                return watch.Elapsed;
            }

            watch.Elapsed.ShouldBeLessThan(Patience, $"{order}\n{provider.Output}");
            await Task.Delay(50);
            if (watch.Elapsed - moved > TimeSpan.FromSeconds(2))
            {
                moved = watch.Elapsed;
                Advance(TimeSpan.FromSeconds(61));
            }
        }
    }

    /// <summary>Reads something until it is as it should be, and does something between two looks.</summary>
    public async Task<JsonNode> UntilAsync(ServerProcess provider, string path, Func<JsonNode, bool> asItShouldBe, Func<Task>? meanwhile = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var now = await GetAsync(provider, path);
            if (asItShouldBe(now))
            {
                return now;
            }

            watch.Elapsed.ShouldBeLessThan(Patience, $"{now}\n{provider.Output}");
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            await Task.Delay(50);
        }
    }

    /// <summary>What was written down of a license, a line each.</summary>
    public async Task<string> HistoryAsync(ServerProcess provider, int license) =>
        string.Join('\n', (await GetAsync(provider, $"licenses/{license}/history"))["items"]!.AsArray().Select(e => e!.ToJsonString()));

    public void Advance(TimeSpan by) => Set(_now + by);

    /// <summary>Puts the clock to a time.</summary>
    public void Set(DateTimeOffset now)
    {
        _now = now;
        var beside = PathOf("clock.new");
        File.WriteAllText(beside, _now.ToString("O", CultureInfo.InvariantCulture));
        File.Move(beside, PathOf("clock"), overwrite: true);
    }

    public async Task<JsonNode> GetAsync(ServerProcess provider, string path) => Good(path, await SendAsync(provider, HttpMethod.Get, path));

    public async Task<JsonNode> PostAsync(ServerProcess provider, string path, JsonNode? body = null) => Good(path, await SendAsync(provider, HttpMethod.Post, path, body));

    public async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(ServerProcess provider, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(provider.Url, $"/api/v1/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private static JsonNode Good(string path, (HttpStatusCode Status, JsonNode Answer) answer)
    {
        ((int)answer.Status).ShouldBeLessThan(300, $"{path}: {answer.Answer}");
        return answer.Answer;
    }
}
