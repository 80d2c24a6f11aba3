using System.Net.Http.Headers;
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
    private readonly ProviderSide _provider;
    private readonly ServerProcess _keyServer;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _keyServerToken;

    private BothSides(ProviderSide provider, ServerProcess keyServer, string keyServerToken) => (_provider, _keyServer, _keyServerToken) = (provider, keyServer, keyServerToken);

    public static async Task<BothSides> StartAsync(Engine engine)
    {
        var provider = await ProviderSide.StartAsync(engine);

        // From now on each side has a folder and a process of its own; the provider's plug-in knows the key server by its address.
        var data = provider.PathOf("data");
        var aside = Directory.CreateDirectory(provider.PathOf("keyserver")).FullName;
        foreach (var file in Directory.GetFiles(data, "keyserver.db*").Append(Path.Combine(data, "master.key")))
        {
            File.Copy(file, Path.Combine(aside, Path.GetFileName(file)));
        }

        var keyServer = await ServerProcess.StartAsync(aside, provider.Database, new Dictionary<string, string>
        {
            ["KEYGATE_ROLES"] = "keyserver",
            ["KEYGATE_PARTNER_API"] = provider.Partner.ToString().TrimEnd('/'),
        });
        return new BothSides(provider, keyServer, (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(aside, "cli.json")))!["token"]!);
    }

    public string PathOf(string name) => _provider.PathOf(name);

    public Task<ServerProcess> ProviderAsync(string point = "") => _provider.ProcessAsync(point);

    public Task<int> PlaceAsync(ServerProcess provider) => _provider.PlaceAsync(provider);

    public Task PayAsync(ServerProcess provider, int id) => _provider.PayAsync(provider, id);

    public Task<TimeSpan> CompleteAsync(ServerProcess provider, int id) => _provider.CompleteAsync(provider, id);

    public Task<string> HistoryAsync(ServerProcess provider, int license) => _provider.HistoryAsync(provider, license);

    public void Advance(TimeSpan by) => _provider.Advance(by);

    /// <summary>Waits until the key server has made that many keys, terminated ones included.</summary>
    public Task KeysMadeAsync(int count) => KeysAsync(keys => keys.Count >= count);

    /// <summary>Waits until that many keys live at the key server.</summary>
    public Task KeysLiveAsync(int count) => KeysAsync(keys => keys.Count(IsLive) == count);

    /// <summary>One live key at the key server for each installed license here, and none besides but so many terminated ones, or any number of them where null.</summary>
    public async Task OneKeyForEachLicenseAsync(ServerProcess provider, int licenses, int? terminated = 0)
    {
        var ours = await _provider.GetAsync(provider, "licenses?limit=500");
        var keys = await KeysAsync();
        var numbers = ours["items"]!.AsArray().Select(l => (string)l!["keyNumber"]!).Order(StringComparer.Ordinal).ToList();
        ours["items"]!.AsArray().Select(l => (string)l!["status"]!).Distinct().ShouldBe(["Installed"]);
        numbers.Count.ShouldBe(licenses);
        keys.Where(IsLive).Select(k => (string)k!["number"]!).Order(StringComparer.Ordinal).ShouldBe(numbers);
        keys.Count.ShouldBe(licenses + (terminated ?? keys.Count - licenses));
    }

    private static bool IsLive(JsonNode? key) => key!["terminatedAt"] is null;

    private async Task KeysAsync(Func<JsonArray, bool> asTheyShouldBe)
    {
        for (var tries = 0; !asTheyShouldBe(await KeysAsync()); tries++)
        {
            tries.ShouldBeLessThan(600);
            await Task.Delay(100);
        }
    }

    private async Task<JsonArray> KeysAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_keyServer.Url, "/api/v1/keyserver/keys?limit=500"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _keyServerToken);
        using var answer = await _http.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["items"]!.AsArray();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _keyServer.DisposeAsync();
        _provider.Dispose();
    }
}
