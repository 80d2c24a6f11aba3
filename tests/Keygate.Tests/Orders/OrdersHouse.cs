using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Api;
using Keygate.Api.Billing;
using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Notices;
using Keygate.Orders;
using Keygate.Panel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Keygate.Tests.Orders;

/// <summary>What a house is started with.</summary>
internal sealed record HouseSettings
{
    /// <summary>Another process at whose database this one works; null for a database of its own.</summary>
    public OrdersHouse? Beside { get; init; }

    public DatabaseOptions? Database { get; init; }

    public WorkOptions? Work { get; init; }

    /// <summary>How the Billing API's door behaves; null for one that lets callers of this machine in without a login.</summary>
    public BillingOptions? Billing { get; init; }

    /// <summary>What the clock shows; its usual time where null.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>A clock that is shared with others; null for one of its own.</summary>
    public ManualTime? Clock { get; init; }

    /// <summary>True where the world outside is told what happens.</summary>
    public bool Notices { get; init; }

    /// <summary>True where the plug-ins' breakers follow the clock that the test moves, not real time.</summary>
    public bool BreakersFollowTheClock { get; init; }
}

/// <summary>
/// The provider's side on a database of its own, driven over HTTP as an integrator would: a catalog, an issuer and an installer in memory, a
/// customer. The clock stands still until a test moves it; work runs as it does in a server.
/// </summary>
internal sealed class OrdersHouse : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly bool _beside;
    private int _keys;
    private bool _died;

    private OrdersHouse(TestDatabase database, Database own, WebApplication app, HttpClient http, ManualTime time, bool beside) =>
        (_database, Database, _app, _http, Time, _beside) = (database, own, app, http, time, beside);

    public ManualTime Time { get; }

    public FakeIssuer Issuer => _app.Services.GetServices<IPluginFactory>().OfType<FakeIssuer>().Single();

    public FakeInstaller Installer => _app.Services.GetServices<IPluginFactory>().OfType<FakeInstaller>().Single();

    public Database Database { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public int Customer { get; private set; }

    public int IssuerId { get; private set; }

    public int InstallerId { get; private set; }

    public static Task<OrdersHouse> StartAsync(Engine engine, params IPluginFactory[] plugins) => StartAsync(engine, new HouseSettings(), plugins);

    public static async Task<OrdersHouse> StartAsync(Engine engine, HouseSettings settings, params IPluginFactory[] plugins)
    {
        var database = settings.Beside?._database ?? await TestDatabase.CreateAsync(
            engine, settings.Database, typeof(MasterKey).Assembly, typeof(WorkModule).Assembly, typeof(AccountsModule).Assembly, typeof(CatalogModule).Assembly, typeof(PluginsModule).Assembly,
            typeof(LicensingModule).Assembly, typeof(OrdersModule).Assembly, typeof(NoticesModule).Assembly);
        var time = settings.Beside?.Time ?? settings.Clock ?? new ManualTime(settings.Now);

        // On SQLite one process works: its successor opens what it left.
        var own = settings.Beside is null || engine == Engine.Sqlite ? database.Database : database.OpenAgain();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(own);
        builder.Services.AddSingleton(MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton<IPluginFactory, FakeIssuer>().AddSingleton<IPluginFactory, FakeInstaller>().AddSingleton<IPluginFactory, Keygate.Issuers.OfflineFactory>();
        if (settings.Work is not null)
        {
            builder.Services.AddSingleton(settings.Work);
        }

        foreach (var plugin in plugins)
        {
            builder.Services.AddSingleton(plugin);
        }

        builder.Services.AddApi().AddAccounts().AddWork().AddCatalog().AddPlugins(settings.BreakersFollowTheClock ? time : null).AddLicensing().AddOrders().AddPanel();
        builder.Services.AddSingleton(settings.Billing ?? new BillingOptions { Allowed = [IPNetwork.Parse("127.0.0.0/8")] }).AddSingleton(new BillingAddress()).AddBillingApi();
        if (settings.Notices)
        {
            builder.Services.AddNotices();
        }

        var app = builder.Build();
        app.UseRouting();
        app.UseApi();
        app.UsePanel();
        var routes = app.MapApi();
        routes.MapAccounts();
        routes.MapCustomers();
        routes.MapPlugins();
        routes.MapLicensing();
        routes.MapOrders();
        routes.MapCatalog();
        if (settings.Notices)
        {
            routes.MapNotices();
        }

        app.MapBillingApi();
        app.MapPanel();
        await app.StartAsync();

        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var http = new HttpClient { BaseAddress = new Uri($"{url}{ApiModule.Prefix}/") };
        var token = await app.Services.GetRequiredService<LocalToken>().RenewAsync(null, CancellationToken.None);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token!.Value.Reveal);
        var house = new OrdersHouse(database, own, app, http, time, settings.Beside is not null);
        if (settings.Beside is { } first)
        {
            (house.Customer, house.IssuerId, house.InstallerId) = (first.Customer, first.IssuerId, first.InstallerId);
        }
        else
        {
            await house.SetUpAsync();
        }

        return house;
    }

    public SoakHouse ToSoak() => new(PostAsync, GetAsync, Database, Time, Customer, InstallerId, [Hosting.Plesk, Hosting.Domains30]);

    /// <summary>The work of this process ends as after a kill; its doors stay open.</summary>
    public Task DieAsync()
    {
        _died = true;
        return _app.Services.GetRequiredService<WorkEngine>().DieAsync();
    }

    /// <summary>The connection breaks by which this process says that it lives (PostgreSQL): the others take it for dead.</summary>
    public async Task CutNodeAsync()
    {
        var backend = _app.Services.GetRequiredService<WorkEngine>().Node.Backend ?? throw new InvalidOperationException("The node is not there.");
        await Database.ReadAsync(s => s.GetAsync<bool>("select pg_terminate_backend(@backend)", new { backend }, CancellationToken.None), CancellationToken.None);
    }

    /// <summary>Adds a plan over the whole catalog; <paramref name="change"/> makes it another one.</summary>
    public async Task<int> PlanAsync(Action<JsonObject>? change = null)
    {
        var plan = new JsonObject
        {
            ["name"] = "Virtual server",
            ["currency"] = "EUR",
            ["hostingGate"] = "Dummy",
            ["issuerId"] = IssuerId,
            ["installerId"] = InstallerId,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["subscriptionFee"] = 990, ["renewalFee"] = 990 }),
            ["rates"] = new JsonArray(
                Rate(Hosting.Plesk, 650), Rate(Hosting.Domains10, 0), Rate(Hosting.Domains30, 250), Rate(Hosting.Antivirus, 130), Rate(Hosting.Activated, 4900)),
        };
        change?.Invoke(plan);
        return (int)(await PostAsync("plans", plan))["id"]!;
    }

    /// <summary>Places an order for one Plesk with 30 domains, or for other resources.</summary>
    public Task<JsonNode> PlaceAsync(int plan, Action<JsonObject>? change = null)
    {
        var order = new JsonObject
        {
            ["customerId"] = Customer,
            ["planId"] = plan,
            ["subscriptionName"] = "northwind.example",
            ["target"] = "node4",
            ["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains30),
        };
        change?.Invoke(order);
        return PostAsync("orders", order);
    }

    public async Task<JsonNode> PayAsync(JsonNode order) =>
        await PostAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]!, ["reference"] = "bank 17" });

    /// <summary>An order that was placed and paid.</summary>
    public async Task<int> PaidAsync(int plan, Action<JsonObject>? change = null) => (int)(await PayAsync(await PlaceAsync(plan, change)))["id"]!;

    public Task<JsonNode> OrderAsync(int id) => GetAsync($"orders/{id}");

    /// <summary>Looks at an order until it fits; fails with the order where it never does.</summary>
    public Task<JsonNode> UntilAsync(int id, Func<JsonNode, bool> fits) => UntilAsync($"orders/{id}", fits);

    /// <summary>Looks at a license until it is in a state; fails with the license where it never is.</summary>
    public Task<JsonNode> UntilLicenseAsync(int id, string status) => UntilAsync($"licenses/{id}", l => (string)l["status"]! == status);

    /// <summary>Looks at a path until it fits; fails with what is there where it never does.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> fits)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var now = await GetAsync(path);
            if (fits(now))
            {
                return now;
            }

            over.IsCancellationRequested.ShouldBeFalse(now.ToJsonString());
            await Task.Delay(20);
        }
    }

    /// <summary>Moves the clock, and waits until all is done that is due by then.</summary>
    public Task AfterAsync(TimeSpan time) => Time.AfterAsync(Database, time);

    public Task<JsonNode> UntilStateAsync(int id, string state) => UntilAsync(id, o => (string)o["state"]! == state);

    public async Task<JsonNode> GetAsync(string path) => await ReadAsync(await _http.GetAsync(new Uri(path, UriKind.Relative)), path);

    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null)
    {
        var (status, answer) = await SendAsync(path, body, $"test-{Interlocked.Increment(ref _keys)}");
        status.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Created], $"{path}: {answer.ToJsonString()}");
        return answer;
    }

    /// <summary>Changes a part of something.</summary>
    public async Task PatchAsync(string path, JsonNode body) => await ReadAsync(await _http.PatchAsJsonAsync(new Uri(path, UriKind.Relative), body), path);

    /// <summary>Removes something.</summary>
    public async Task DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(new Uri(path, UriKind.Relative));
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {answer.StatusCode}");
    }

    /// <summary>What somebody with another token is answered.</summary>
    public async Task<HttpStatusCode> StatusAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Puts something whole.</summary>
    public async Task PutAsync(string path, JsonNode body) => await ReadAsync(await _http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body), path);

    /// <summary>Posts and expects a refusal; returns the problem.</summary>
    public async Task<JsonNode> RefusedAsync(string path, JsonNode? body, HttpStatusCode expected, string? key = "own")
    {
        var (status, answer) = await SendAsync(path, body, key == "own" ? $"test-{Interlocked.Increment(ref _keys)}" : key);
        status.ShouldBe(expected, answer.ToJsonString());
        ((string?)answer["remedy"]).ShouldNotBeNullOrWhiteSpace();
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(string path, JsonNode? body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    /// <summary>Where the server is.</summary>
    public Uri Url => new(_http.BaseAddress!, "/");

    /// <summary>Where the Billing API is.</summary>
    public Uri BillingUrl => new(_http.BaseAddress!, "/RPC2");

    /// <summary>Posts a raw XML-RPC request to the Billing API; the raw answer.</summary>
    public async Task<(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)> XmlRpcAsync(string xml, string? basic = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, BillingUrl) { Content = new StringContent(xml, Encoding.UTF8, "text/xml") };
        request.Headers.Authorization = basic is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        using var http = new HttpClient();
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers);
    }

    /// <summary>How many things need attention, as the screens say it.</summary>
    public Task<int> AttentionCountAsync() => Database.ReadAsync(s => _app.Services.GetRequiredService<AttentionReader>().CountAsync(s, 100, CancellationToken.None), CancellationToken.None);

    /// <summary>Rows of a table.</summary>
    public Task<long> CountAsync(string table) => Database.ReadAsync(s => s.GetAsync<long>($"select count(*) from {table}", null, CancellationToken.None), CancellationToken.None);

    /// <summary>The subjects and states of all processes, to say what else was not started.</summary>
    public Task<List<string>> WorkAsync() => Database.ReadAsync(
        s => s.QueryAsync<string>("select kind || ' ' || subject || ' ' || lower(state) from work where kind not like 'recurring/%' and kind not like 'plugins.%' order by id", null, CancellationToken.None), CancellationToken.None);

    /// <summary>Changes the catalog behind the orders' back.</summary>
    public Task ChangeCatalogAsync(Func<CatalogContents, CatalogContents> change) => Database.WriteAsync(
        tx => _app.Services.GetRequiredService<CatalogEditor>().EditAsync(tx, Actor.Keygate, view => change(view.Contents), CancellationToken.None), CancellationToken.None);

    /// <summary>The process stops as it does when it is told to.</summary>
    public Task StopAsync()
    {
        _died = true;
        return _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_died)
        {
            await _app.StopAsync();
        }

        await _app.DisposeAsync();
        if (!_beside)
        {
            await _database.DisposeAsync();
        }
    }

    public static JsonObject Rate(string resource, long recurring) => new() { ["resource"] = resource, ["recurringFee"] = recurring };

    private async Task SetUpAsync()
    {
        await ChangeCatalogAsync(_ => Hosting.Contents);
        Customer = (int)(await PostAsync("customers", new JsonObject { ["name"] = "Northwind Traders", ["email"] = "office@northwind.example" }))["id"]!;
        IssuerId = (int)(await PostAsync("plugins", new JsonObject { ["name"] = "Issuer", ["kind"] = "issuer.test" }))["id"]!;
        InstallerId = (int)(await PostAsync("plugins", new JsonObject { ["name"] = "Installer", ["kind"] = "installer.test" }))["id"]!;
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, string path)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, string.Create(CultureInfo.InvariantCulture, $"{path}: {text}"));
            return JsonNode.Parse(text)!;
        }
    }
}
