using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Scenarios.BadInput;

/// <summary>A key server in a process of its own, with a client that may order the sample price list; it goes down and comes back at the same address.</summary>
internal sealed class OtherKeyServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _address;
    private ServerProcess? _server;

    private OtherKeyServer(int port) => (Port, _address) = (port, string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}"));

    public int Port { get; }

    /// <summary>Settings of a plug-in that orders there.</summary>
    public JsonObject Settings { get; private set; } = [];

    public static async Task<OtherKeyServer> StartAsync()
    {
        var other = new OtherKeyServer(FreePort.Take());
        await other.ComeBackAsync();
        using var rest = await other.RestAsync();
        await rest.PostAsync("keyserver/price-lists", JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Programs.Samples, "hosting", "price-list.json"))));
        var (_, client) = await rest.PostAsync("keyserver/clients", new JsonObject { ["login"] = "northwind", ["name"] = "Northwind", ["priceList"] = "hosting" });
        var (_, login) = await rest.PostAsync($"keyserver/clients/{client["id"]}/logins", new JsonObject { ["login"] = "northwind-api" });
        other.Settings = new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = other.Port.ToString(CultureInfo.InvariantCulture),
            ["login"] = (string)login["login"]!,
            ["password"] = (string)login["password"]!,
            ["client"] = "northwind",
            ["certificate"] = (string)(await rest.GetAsync("keyserver/door"))["certificate"]!,
            ["mayStillTake"] = "30",
        };
        return other;
    }

    public async Task StopAsync() => (await _server!.TerminateAsync()).ExitCode.ShouldBe(0, _server.Output);

    public async Task ComeBackAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _server = await ServerProcess.StartAsync(
            _folder.File("keys"), null, new Dictionary<string, string> { ["KEYGATE_ROLES"] = "keyserver", ["KEYGATE_PARTNER_API"] = _address });
    }

    /// <summary>How many keys it has made.</summary>
    public async Task<int> KeysAsync()
    {
        using var rest = await RestAsync();
        return await rest.CountAsync("keyserver/keys");
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Rest> RestAsync() =>
        new(_server!.Url, (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.File("keys"), "cli.json")))!["token"]!);
}
