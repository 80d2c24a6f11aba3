using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.XmlRpc;
using Shouldly;

namespace Keygate.Testing;

/// <summary>A running server that the demo has set up: plan 1, customer 1000001, issuer plug-in 1, installer plug-in 2, and one installed license.</summary>
public sealed class DemoProvider : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    private DemoProvider(TempFolder folder, ServerProcess server, JsonNode demo) =>
        (_folder, Server, Demo, Rest) = (folder, server, demo, new Rest(server.Url, (string)demo["api"]!["token"]!));

    public ServerProcess Server { get; }

    public JsonNode Demo { get; }

    public Rest Rest { get; }

    public string Data => _folder.File("data");

    /// <summary>The addresses of a machine, as the Partner API takes them: none.</summary>
    public static XmlRpcStruct Address => new() { ["ips"] = new XmlRpcArray(), ["macs"] = new XmlRpcArray() };

    /// <summary>Starts one.</summary>
    /// <param name="engine">Its database's engine.</param>
    /// <param name="ownClock">True for a clock that stands still until <see cref="Advance"/>.</param>
    /// <param name="database">Where its PostgreSQL is; null for a schema of its own.</param>
    public static async Task<DemoProvider> StartAsync(Engine engine, bool ownClock = false, string? database = null)
    {
        var folder = new TempFolder();
        var data = folder.File("data");
        var clock = folder.File("clock");
        await File.WriteAllTextAsync(clock, DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture));
        var server = await ServerProcess.StartAsync(
            data, engine == Engine.PostgreSql ? database ?? await TestDatabase.PostgresUrlAsync() : null,
            ownClock ? new Dictionary<string, string> { ["KEYGATE_TEST_CLOCK"] = clock } : null);
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

    /// <summary>Places an order of the demo's plan.</summary>
    public Task<JsonNode> PlaceAsync(params string[] resources) => PlaceAsync(1, resources);

    /// <summary>Places an order of the demo's plan and pays it; returns its number.</summary>
    public Task<int> OrderAndPayAsync(params string[] resources) => OrderAndPayAsync(1, resources);

    /// <summary>The same of another plan.</summary>
    public async Task<int> OrderAndPayAsync(int plan, params string[] resources)
    {
        var order = await PlaceAsync(plan, resources);
        var id = (int)order["id"]!;
        var (_, paid) = await Rest.PostAsync(
            FormattableString.Invariant($"orders/{id}/pay"), new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]! });
        ((int)paid["id"]!).ShouldBe(id);
        return id;
    }

    /// <summary>A plan like the demo's, over another issuer, installer, or other resources where these are named; returns its number.</summary>
    public async Task<int> PlanOverAsync(int? issuer, int? installer, params string[] resources) => (int)(await DoAsync("plans", Plan(issuer, installer, resources)))["id"]!;

    /// <summary>Why a plan over these resources is not put on sale.</summary>
    public async Task<string> PlanRefusedAsync(params string[] resources)
    {
        var (status, answer) = await Rest.PostAsync("plans", Plan(null, null, resources));
        status.ShouldBe(HttpStatusCode.Conflict, answer.ToString());
        return answer.ToJsonString();
    }

    private static JsonObject Plan(int? issuer, int? installer, string[] resources)
    {
        var offered = resources.Length > 0 ? resources : ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"];
        return new JsonObject
        {
            ["name"] = "Another virtual server",
            ["currency"] = "EUR",
            ["issuerId"] = issuer ?? 1,
            ["installerId"] = installer ?? 2,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["subscriptionFee"] = 990 }),
            ["rates"] = new JsonArray([.. offered.Select(r => (JsonNode)new JsonObject { ["resource"] = r, ["maxUnits"] = 1 })]),
        };
    }

    /// <summary>Adds a plug-in; returns its number.</summary>
    public async Task<int> PluginAsync(string name, string kind, JsonObject settings) =>
        (int)(await DoAsync("plugins", new JsonObject { ["name"] = name, ["kind"] = kind, ["settings"] = settings.DeepClone() }))["id"]!;

    /// <summary>Settings under which a plug-in can order at the built-in key server.</summary>
    public async Task<JsonObject> IssuerSettingsAsync() => new()
    {
        ["host"] = "127.0.0.1",
        ["port"] = Server.PartnerUrl.Port.ToString(CultureInfo.InvariantCulture),
        ["login"] = (string)Demo["partnerApi"]!["login"]!,
        ["password"] = (string)Demo["partnerApi"]!["password"]!,
        ["client"] = (string)Demo["partnerApi"]!["client"]!,
        ["certificate"] = (string)(await Rest.GetAsync("keyserver/door"))["certificate"]!,
        ["mayStillTake"] = "30",
    };

    /// <summary>Changes settings of a plug-in.</summary>
    public async Task ChangePluginAsync(int plugin, JsonObject settings)
    {
        var (status, answer) = await Rest.SendAsync(HttpMethod.Patch, $"plugins/{plugin}", new JsonObject { ["settings"] = settings.DeepClone() });
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
    }

    /// <summary>Posts what must be done.</summary>
    public async Task<JsonNode> DoAsync(string path, JsonNode? body = null)
    {
        var (status, answer) = await Rest.PostAsync(path, body);
        status.ShouldBe(HttpStatusCode.OK, $"{path}: {answer}");
        return answer;
    }

    /// <summary>What needs attention because of an order.</summary>
    public async Task<JsonNode> AttentionAsync(int order) =>
        (await Rest.GetAsync("attention?limit=500"))["items"]!.AsArray().Single(i => (int?)i!["orderId"] == order)!;

    /// <summary>Does what an item that needs attention offers, at the address that it names.</summary>
    public Task ActAsync(JsonNode item, string action) => DoAsync(((string)Action(item, action)["path"]!)["/api/v1/".Length..]);

    /// <summary>The same by the command that it names.</summary>
    public async Task ActByCommandAsync(JsonNode item, string action)
    {
        var words = ((string)Action(item, action)["command"]!).Split(' ');
        words[0].ShouldBe("keygate");
        var (exit, said) = await CommandAsync(words[1..]);
        exit.ShouldBe(0, said);
    }

    /// <summary>Calls the built-in key server as a partner would, over XML-RPC and TLS, without the login's password being wrong.</summary>
    public Task<XmlRpcStruct> PartnerAsync(string method, params XmlRpcValue[] arguments) =>
        PartnerAsync((string)Demo["partnerApi"]!["password"]!, method, arguments);

    /// <summary>The same with a password.</summary>
    public async Task<XmlRpcStruct> PartnerAsync(string password, string method, XmlRpcValue[] arguments)
    {
        using var client = new XmlRpcClient(new XmlRpcClientOptions
        {
            Url = Server.PartnerUrl, Pins = XmlRpcPins.Parse((string)(await Rest.GetAsync("keyserver/door"))["certificate"]!),
        });
        var login = new XmlRpcStruct { ["login"] = (string)Demo["partnerApi"]!["login"]!, ["password"] = password };
        var reply = await client.CallAsync($"partner10.{method}", XmlRpcArray.Create([login, .. arguments]), CancellationToken.None);
        reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.Text);
        return reply.Value.AsStruct();
    }

    /// <summary>Moves the server's own clock on.</summary>
    public void Advance(TimeSpan by)
    {
        _now += by;
        var beside = _folder.File("clock.new");
        File.WriteAllText(beside, _now.ToString("O", CultureInfo.InvariantCulture));
        File.Move(beside, _folder.File("clock"), overwrite: true);
    }

    /// <summary>Waits until the server says that it is ready.</summary>
    public Task ReadyAsync() => Server.ReadyAsync();

    /// <summary>Waits until an order is as it should be.</summary>
    /// <param name="order">The order.</param>
    /// <param name="asItShouldBe">Whether it is.</param>
    /// <param name="nudge">True to move the server's own clock on now and then, so that what waits for its time comes to it.</param>
    public async Task<JsonNode> UntilAsync(int order, Func<JsonNode, bool> asItShouldBe, bool nudge = false)
    {
        var watch = Stopwatch.StartNew();
        var nudges = 0;
        while (true)
        {
            var now = await Rest.GetAsync(string.Create(CultureInfo.InvariantCulture, $"orders/{order}"));
            if (asItShouldBe(now))
            {
                return now;
            }

            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(90), $"{now}\n{Server.Output}");
            if (nudge && watch.Elapsed.TotalSeconds > nudges)
            {
                nudges++;
                Advance(TimeSpan.FromSeconds(20));
            }

            await Task.Delay(100);
        }
    }

    /// <summary>The item of an order that stands for its license.</summary>
    public static JsonNode LicenseItem(JsonNode order) => order["items"]!.AsArray().Single(i => (string)i!["kind"]! == "License")!;

    private async Task<JsonNode> PlaceAsync(int plan, string[] resources) => await DoAsync("orders", new JsonObject
    {
        ["customerId"] = 1000001,
        ["planId"] = plan,
        ["subscriptionName"] = "scenario.example",
        ["resources"] = new JsonArray([.. resources.Select(r => (JsonNode)r)]),
    });

    private static JsonNode Action(JsonNode item, string name) => item["actions"]!.AsArray().Single(a => (string)a!["name"]! == name)!;

    public async ValueTask DisposeAsync()
    {
        Rest.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
