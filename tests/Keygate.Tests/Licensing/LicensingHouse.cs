using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Api;
using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Keygate.Tests.Licensing;

/// <summary>
/// Licensing without Orders, on a database of its own and driven over HTTP: a small catalog, an issuer and an installer in memory. The clock stands
/// still until a test moves it; work runs as it does in a server.
/// </summary>
internal sealed class LicensingHouse : IAsyncDisposable
{
    public const string PanelProduct = "PLESK_10";
    public const string Antivirus = "ANTIVIRUS";
    public const string Bought = "SITEBUILDER_4";
    public const string ByHardware = "STORAGE_2";

    private static readonly CatalogContents Contents = new()
    {
        Classes =
        [
            new LicenseClass { KeyType = PanelProduct, Name = "Plesk 10", Product = "Plesk", Version = "10", BillType = Keygate.Catalog.BillType.Lease },
            new LicenseClass { KeyType = Antivirus, Name = "Anti-virus for Plesk", Product = "Anti-virus", BillType = Keygate.Catalog.BillType.Lease, IsAdditional = true },
            new LicenseClass { KeyType = Bought, Name = "Sitebuilder 4", Product = "Sitebuilder", Version = "4", BillType = Keygate.Catalog.BillType.Purchase },
            new LicenseClass { KeyType = ByHardware, Name = "Storage 2", Product = "Storage", Version = "2", BillType = Keygate.Catalog.BillType.Lease, Activation = Keygate.Catalog.Activation.HardwareId },
        ],
        Features = [new Feature { Id = "10_DOMAINS", Name = "10 domains", Sort = 10 }, new Feature { Id = "30_DOMAINS", Name = "30 domains", Sort = 30 }],
        ClassFeatures = [new ClassFeature { KeyType = PanelProduct, FeatureId = "10_DOMAINS" }, new ClassFeature { KeyType = PanelProduct, FeatureId = "30_DOMAINS" }],
        AddOns = [new AddOn { Parent = PanelProduct, KeyType = Antivirus }],
    };

    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private int _keys;

    private LicensingHouse(TestDatabase database, WebApplication app, HttpClient http, ManualTime time) =>
        (_database, _app, _http, Time) = (database, app, http, time);

    public ManualTime Time { get; }

    public FakeIssuer Issuer => _app.Services.GetServices<IPluginFactory>().OfType<FakeIssuer>().Single();

    public FakeInstaller Installer => _app.Services.GetServices<IPluginFactory>().OfType<FakeInstaller>().Single();

    public RecordingObserver Observer => _app.Services.GetRequiredService<RecordingObserver>();

    public Database Database => _database.Database;

    public int IssuerId { get; private set; }

    public int InstallerId { get; private set; }

    public static Task<LicensingHouse> StartAsync(Engine engine, params IPluginFactory[] plugins) => StartAsync(engine, new ManualTime(), plugins);

    public static async Task<LicensingHouse> StartAsync(Engine engine, ManualTime time, params IPluginFactory[] plugins)
    {
        var database = await TestDatabase.CreateAsync(
            engine, typeof(MasterKey).Assembly, typeof(WorkModule).Assembly, typeof(AccountsModule).Assembly, typeof(CatalogModule).Assembly, typeof(PluginsModule).Assembly,
            typeof(LicensingModule).Assembly);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(database.Database);
        builder.Services.AddSingleton(MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton<IPluginFactory, FakeIssuer>().AddSingleton<IPluginFactory, FakeInstaller>().AddSingleton<IPluginFactory, Keygate.Issuers.OfflineFactory>();
        foreach (var plugin in plugins)
        {
            builder.Services.AddSingleton(plugin);
        }

        builder.Services.AddSingleton<RecordingObserver>().AddSingleton<ILicenseObserver>(s => s.GetRequiredService<RecordingObserver>());
        builder.Services.AddApi().AddAccounts().AddWork().AddCatalog().AddPlugins().AddLicensing();
        var app = builder.Build();
        app.UseRouting();
        app.UseApi();
        var routes = app.MapApi();
        routes.MapPlugins();
        routes.MapLicensing();
        await app.StartAsync();

        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var house = new LicensingHouse(database, app, new HttpClient { BaseAddress = new Uri($"{url}{ApiModule.Prefix}/") }, time);
        await house.SetUpAsync();
        return house;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>All leases of the catalog are renewed automatically from here on; <paramref name="change"/> makes it another one.</summary>
    public Task RenewAutomaticallyAsync(Func<CatalogContents, CatalogContents>? change = null)
    {
        var contents = change?.Invoke(Contents) ?? Contents;
        return Database.WriteAsync(
            tx => Get<CatalogEditor>().EditAsync(
                tx, Actor.Keygate, _ => contents with { Classes = [.. contents.Classes.Select(c => c with { RenewedAutomatically = c.BillType == Keygate.Catalog.BillType.Lease })] },
                CancellationToken.None),
            CancellationToken.None);
    }

    /// <summary>Adds an issuer without a connection whose agreement covers the whole catalog, and returns its number.</summary>
    public async Task<int> OfflineAsync()
    {
        var id = (int)(await PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;
        await PutAsync($"plugins/{id}/offer", new JsonObject { ["keyTypes"] = new JsonArray(PanelProduct, Antivirus, Bought, ByHardware), ["features"] = new JsonArray("10_DOMAINS", "30_DOMAINS") });
        return id;
    }

    public async Task<byte[]> BytesAsync(string path) => await _http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    /// <summary>Licenses are asked of a plug-in of this kind from here on.</summary>
    public async Task UseIssuerAsync(string kind) => IssuerId = (int)(await PostAsync("plugins", new JsonObject { ["name"] = kind, ["kind"] = kind }))["id"]!;

    /// <summary>Writes a license request and returns its number.</summary>
    public async Task<int> RequestAsync(string keyType, Action<JsonObject>? change = null)
    {
        var request = new JsonObject { ["keyType"] = keyType, ["issuer"] = IssuerId, ["installer"] = InstallerId, ["target"] = "node4" };
        change?.Invoke(request);
        return (int)(await PostAsync("licenses", request))["id"]!;
    }

    /// <summary>Writes a license request and does by hand what is named, each until its state is there.</summary>
    public async Task<int> BroughtToAsync(LicenseState state, string keyType, Action<JsonObject>? change = null)
    {
        var id = await RequestAsync(keyType, change);
        foreach (var (verb, reached) in new[] { ("issue", LicenseState.Issued), ("retrieve", LicenseState.Retrieved), ("install", LicenseState.Installed) }.TakeWhile(s => s.Item2 <= state))
        {
            await DoAsync(id, verb, reached);
        }

        return id;
    }

    /// <summary>Does something by hand and waits for the state that it leads to.</summary>
    public async Task<JsonNode> DoAsync(int id, string verb, LicenseState reached)
    {
        await PostAsync($"licenses/{id}/{verb}");
        return await UntilStateAsync(id, reached);
    }

    /// <summary>Starts the process as Orders does.</summary>
    public async Task StartAsync(int id, Until until) => (await Database.WriteAsync(
        tx => _app.Services.GetRequiredService<LicenseProvisioning>().StartAsync(tx, LicenseId.Of(id), until, null, CancellationToken.None), CancellationToken.None))
        .TryGet(out _, out _).ShouldBeTrue();

    public Task<JsonNode> LicenseAsync(int id) => GetAsync($"licenses/{id}");

    /// <summary>Looks at a license until it fits and fails with it where it never does.</summary>
    public Task<JsonNode> UntilAsync(int id, Func<JsonNode, bool> fits) => UntilAsync($"licenses/{id}", fits);

    /// <summary>Looks at something until it fits and fails with it where it never does.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> fits)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var license = await GetAsync(path);
            if (fits(license))
            {
                return license;
            }

            over.IsCancellationRequested.ShouldBeFalse(license.ToJsonString());
            await Task.Delay(20);
        }
    }

    /// <summary>The license in a state, with no work under way.</summary>
    public Task<JsonNode> UntilStateAsync(int id, LicenseState state) => UntilAsync(id, l => (string)l["status"]! == state.ToString() && l["goingOn"] is null);

    public Task<JsonNode> UntilStoppedAsync(int id) => UntilAsync(id, l => (string?)l["goingOn"]?["state"] == "stopped");

    public async Task<IReadOnlyList<(string? From, string To, string What)>> HistoryAsync(int id) =>
        [.. (await GetAsync($"licenses/{id}/history"))["items"]!.AsArray().Select(h => ((string?)h!["from"], (string)h["to"]!, (string)h["what"]!))];

    public async Task<int[]> ListAsync(string query) => [.. (await GetAsync($"licenses?{query}"))["items"]!.AsArray().Select(l => (int)l!["id"]!)];

    public async Task<byte[]> DownloadAsync(int id) => await _http.GetByteArrayAsync(new Uri($"licenses/{id}/file", UriKind.Relative));

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null)
    {
        var (status, answer) = await SendAsync(path, body);
        status.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Created], $"{path}: {answer}");
        return JsonNode.Parse(answer)!;
    }

    public async Task<JsonNode> PutAsync(string path, JsonNode body)
    {
        using var answer = await _http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    public async Task<string> PutRefusedAsync(string path, JsonNode body, HttpStatusCode expected)
    {
        using var answer = await _http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.StatusCode.ShouldBe(expected);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task PatchAsync(string path, JsonNode body)
    {
        using var answer = await _http.PatchAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Posts, expects a refusal with this code and returns the problem's text.</summary>
    public async Task<string> RefusedAsync(string path, JsonNode? body, HttpStatusCode expected, string code)
    {
        var (status, answer) = await SendAsync(path, body);
        status.ShouldBe(expected, answer);
        answer.ShouldContain(code);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Add("Idempotency-Key", $"test-{Interlocked.Increment(ref _keys)}");
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task SetUpAsync()
    {
        var token = await _app.Services.GetRequiredService<LocalToken>().RenewAsync(null, CancellationToken.None);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token!.Value.Reveal);
        await Database.WriteAsync(
            tx => _app.Services.GetRequiredService<CatalogEditor>().EditAsync(tx, Actor.Keygate, _ => Contents, CancellationToken.None), CancellationToken.None);
        IssuerId = (int)(await PostAsync("plugins", new JsonObject { ["name"] = "Issuer", ["kind"] = "issuer.test" }))["id"]!;
        InstallerId = (int)(await PostAsync("plugins", new JsonObject { ["name"] = "Installer", ["kind"] = "installer.test" }))["id"]!;
    }

    /// <summary>What the rooms above would hear.</summary>
    internal sealed class RecordingObserver : ILicenseObserver
    {
        private readonly ConcurrentQueue<string> _heard = new();

        public IReadOnlyList<string> Heard => [.. _heard];

        public Task StoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation)
        {
            tx.AfterCommit(() => _heard.Enqueue($"{license} stopped: {failure.Error.Detail}"));
            return Task.CompletedTask;
        }

        public Task ResumedAsync(Tx tx, LicenseId license, CancellationToken cancellation)
        {
            tx.AfterCommit(() => _heard.Enqueue($"{license} goes on"));
            return Task.CompletedTask;
        }
    }
}
