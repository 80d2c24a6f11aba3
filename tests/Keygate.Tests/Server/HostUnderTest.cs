using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Keygate.Tests.Server;

/// <summary>A whole server in this process, on ports that the system chose and in a folder of its own, driven over HTTP.</summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    private readonly TempFolder? _folder;

    private HostUnderTest(KeygateHost host, KeygateSettings settings, TempFolder? folder)
    {
        (Host, Settings, _folder) = (host, settings, folder);
        Anonymous = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = host.HttpUrl };
        Client = ClientOf(CliFile.Read(settings.Data)!.Token);
    }

    public KeygateHost Host { get; }

    public KeygateSettings Settings { get; }

    /// <summary>A client with the token of the local command line.</summary>
    public HttpClient Client { get; }

    public HttpClient Anonymous { get; }

    public static async Task<HostUnderTest> StartAsync(Engine engine = Engine.Sqlite, Func<KeygateSettings, KeygateSettings>? with = null)
    {
        var folder = new TempFolder();
        var settings = await SettingsAsync(folder, engine);
        return await StartAsync(with?.Invoke(settings) ?? settings, folder);
    }

    public static async Task<HostUnderTest> StartAsync(KeygateSettings settings, TempFolder? folder = null)
    {
        var host = KeygateHost.Build(settings, builder => builder.Logging.ClearProviders()).Value;
        var started = await host.StartAsync(CancellationToken.None);
        if (!started.IsDone)
        {
            await host.DisposeAsync();
            folder?.Dispose();
        }

        started.Error.ShouldBeNull();
        return new HostUnderTest(host, settings, folder);
    }

    public static async Task<KeygateSettings> SettingsAsync(TempFolder folder, Engine engine)
    {
        var settings = KeygateSettings.ForFolder(folder.File("data")) with { Http = new Uri("http://127.0.0.1:0"), BillingApi = new Uri("http://127.0.0.1:0"), PartnerApi = new Uri("https://127.0.0.1:0") };
        return engine == Engine.Sqlite
            ? settings
            : settings with { Database = await TestDatabase.PostgresAddressAsync(), KeyServerDatabase = await TestDatabase.PostgresAddressAsync() };
    }

    public HttpClient ClientOf(string token)
    {
        var client = new HttpClient { BaseAddress = Host.HttpUrl };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public Task<Reply> GetAsync(string path) => Reply.OfAsync(Client.GetAsync("/api/v1" + path));

    public Task<Reply> PostAsync(string path, string body, string? idempotencyKey = null) => PostAsync(Client, path, body, idempotencyKey);

    public static async Task<Reply> PostAsync(HttpClient client, string path, string body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1" + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await Reply.OfAsync(client.SendAsync(request));
    }

    /// <summary>Waits until the server says that it is ready: its work joins in shortly after the start.</summary>
    public async Task<Reply> ReadyAsync()
    {
        for (var i = 0; ; i++)
        {
            var ready = await Reply.OfAsync(Anonymous.GetAsync("/health/ready"));
            if (ready.Status == 200 || i == 300)
            {
                ready.Status.ShouldBe(200, ready.Text);
                return ready;
            }

            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Anonymous.Dispose();
        await Host.StopAsync(CancellationToken.None);
        await Host.DisposeAsync();
        _folder?.Dispose();
    }
}

/// <summary>An answer of the REST door, read to its end.</summary>
internal sealed record Reply(int Status, string? Type, JsonNode? Json, string Text, bool Replayed)
{
    public string? Code => (string?)Json?["code"];

    public string? Field => (string?)Json?["field"];

    public static async Task<Reply> OfAsync(Task<HttpResponseMessage> answer)
    {
        using var response = await answer;
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        return new Reply((int)response.StatusCode, type, type?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null, text,
            response.Headers.Contains("Idempotency-Replayed"));
    }

    public Reply ShouldBeProblem(int status, string code)
    {
        Status.ShouldBe(status, Text);
        Type.ShouldBe("application/problem+json");
        Code.ShouldBe(code);
        ((string?)Json!["remedy"]).ShouldNotBeNullOrWhiteSpace();
        ((string?)Json!["traceId"]).ShouldNotBeNullOrWhiteSpace();
        return this;
    }
}
