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
/// A provider and its key server as processes of their own, set up by the demo. The provider is started by each test, as often as it dies; its
/// clock is the test's. Keys are counted at the key server.
/// </summary>
internal sealed class BothSides : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder;
    private readonly string? _database;
    private readonly ServerProcess _keyServer;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _token;
    private readonly string _keyServerToken;
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    private BothSides(TempFolder folder, string? database, ServerProcess keyServer, string token, string keyServerToken) =>
        (_folder, _database, _keyServer, _token, _keyServerToken) = (folder, database, keyServer, token, keyServerToken);

    public static async Task<BothSides> StartAsync(Engine engine)
    {
        var folder = new TempFolder();
        var data = folder.File("data");
        var database = engine == Engine.PostgreSql ? await TestDatabase.PostgresUrlAsync() : null;
        Uri partner;
        await using (var both = await ServerProcess.StartAsync(data, database))
        {
            var (exit, output) = await Programs.RunAsync(Programs.Demo("--url", both.Url.ToString().TrimEnd('/'), "--data", data, "--samples", Programs.Samples));
            exit.ShouldBe(0, output + both.Output);
            partner = both.PartnerUrl;
            (await both.TerminateAsync()).ExitCode.ShouldBe(0);
        }

        // From now on each side has a folder and a process of its own; the provider's plug-in knows the key server by its address.
        var aside = Directory.CreateDirectory(folder.File("keyserver")).FullName;
        foreach (var file in Directory.GetFiles(data, "keyserver.db*").Append(Path.Combine(data, "master.key")))
        {
            File.Copy(file, Path.Combine(aside, Path.GetFileName(file)));
        }

        var keyServer = await ServerProcess.StartAsync(aside, database, new Dictionary<string, string>
        {
            ["KEYGATE_ROLES"] = "keyserver",
            ["KEYGATE_PARTNER_API"] = partner.ToString().TrimEnd('/'),
        });
        var sides = new BothSides(
            folder, database, keyServer, (string)(await JsonAsync(Path.Combine(data, "demo.json")))["api"]!["token"]!, (string)(await JsonAsync(Path.Combine(aside, "cli.json")))["token"]!);
        sides.Advance(TimeSpan.Zero);
        return sides;
    }

    public string PathOf(string name) => _folder.File(name);

    /// <summary>Starts a process of the provider's side.</summary>
    public Task<ServerProcess> ProviderAsync(string point = "") => ServerProcess.StartAsync(_folder.File("data"), _database, new Dictionary<string, string>
    {
        ["KEYGATE_ROLES"] = "provider,worker",
        ["KEYGATE_TEST_CLOCK"] = Clock,
        ["KEYGATE_TEST_POINT"] = point,
    });

    /// <summary>Places an order; returns its number.</summary>
    public async Task<int> PlaceAsync(ServerProcess provider)
    {
        var (status, order) = await SendAsync(provider, HttpMethod.Post, "orders", new JsonObject
        {
            ["customerId"] = 1000001,
            ["planId"] = 1,
            ["subscriptionName"] = "scenario.example",
            ["resources"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"),
        });
        status.ShouldBe(HttpStatusCode.OK, order.ToString());
        return (int)order["id"]!;
    }

    /// <summary>Pays it if it is not paid yet. The answer may be lost, with the process that gave it.</summary>
    public async Task PayAsync(ServerProcess provider, int id)
    {
        try
        {
            var (_, order) = await SendAsync(provider, HttpMethod.Get, $"orders/{id}");
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
            var (_, order) = await SendAsync(provider, HttpMethod.Get, $"orders/{id}");
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

    /// <summary>What was written down of a license, a line each.</summary>
    public async Task<string> HistoryAsync(ServerProcess provider, int license)
    {
        var (_, history) = await SendAsync(provider, HttpMethod.Get, $"licenses/{license}/history");
        return string.Join('\n', history["items"]!.AsArray().Select(e => e!.ToJsonString()));
    }

    /// <summary>One live key at the key server for each installed license here, and none besides.</summary>
    public async Task OneKeyForEachLicenseAsync(ServerProcess provider, int licenses, int terminated = 0)
    {
        var (_, ours) = await SendAsync(provider, HttpMethod.Get, "licenses?limit=500");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_keyServer.Url, "/api/v1/keyserver/keys?limit=500"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _keyServerToken);
        using var answer = await _http.SendAsync(request);
        var theirs = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var numbers = ours["items"]!.AsArray().Select(l => (string)l!["keyNumber"]!).Order(StringComparer.Ordinal).ToList();
        ours["items"]!.AsArray().Select(l => (string)l!["status"]!).Distinct().ShouldBe(["Installed"]);
        numbers.Count.ShouldBe(licenses);
        var keys = theirs["items"]!.AsArray();
        keys.Where(k => k!["terminatedAt"] is null).Select(k => (string)k!["number"]!).Order(StringComparer.Ordinal).ShouldBe(numbers);
        keys.Count.ShouldBe(licenses + terminated);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _keyServer.DisposeAsync();
        _folder.Dispose();
    }

    private string Clock => _folder.File("clock");

    private static async Task<JsonNode> JsonAsync(string file) => JsonNode.Parse(await File.ReadAllTextAsync(file))!;

    public void Advance(TimeSpan by)
    {
        _now += by;
        var beside = Clock + ".new";
        File.WriteAllText(beside, _now.ToString("O", CultureInfo.InvariantCulture));
        File.Move(beside, Clock, overwrite: true);
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(ServerProcess provider, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(provider.Url, $"/api/v1/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
