using System.Net;
using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Api;
using Keygate.Plugins;
using Keygate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Plugins;

/// <summary>The room's REST over a socket; who calls is given, since recognizing callers is the Api room's affair.</summary>
public sealed class PluginsDoorTests : IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private PluginsRoom _room = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _room = await PluginsRoom.OpenAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddApi();
        builder.Services.AddSingleton(_room.Database).AddSingleton(_room.Host).AddSingleton(_room.Get<PluginKinds>()).AddSingleton(_room.Get<PluginReader>())
            .AddSingleton(_room.Get<AddPlugin>()).AddSingleton(_room.Get<ChangePlugin>()).AddSingleton(_room.Get<PausePlugin>()).AddSingleton(_room.Get<ResumePlugin>())
            .AddSingleton(_room.Get<OfferReader>()).AddSingleton(_room.Get<FetchOffer>()).AddSingleton(_room.Get<SelectOffer>()).AddSingleton(_room.Get<WriteDoor>());
        _app = builder.Build();
        _app.Use((http, next) =>
        {
            http.SetActor(PluginsRoom.Anna);
            return next(http);
        });
        _app.MapApi().MapPlugins();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/api/v1/") };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _room.DisposeAsync();
    }

    [Fact]
    public async Task A_plug_in_is_added_shown_changed_tested_paused_and_resumed()
    {
        var added = await SendAsync(HttpMethod.Post, "plugins", """{"name":"KA","kind":"issuer.test","settings":{"host":"ka.example.com","password":"planted-s3cret"},"limits":{"concurrency":4}}""");
        added["settings"]!.ToJsonString().ShouldBe("""{"host":"ka.example.com","password":"***"}""");
        ((int)added["limits"]!["concurrency"]!, (int)added["limits"]!["timeoutSeconds"]!).ShouldBe((4, 100));

        var changed = await SendAsync(HttpMethod.Patch, "plugins/1", """{"settings":{"port":"7051"},"version":1}""");
        ((int)changed["version"]!, (string)changed["settings"]!["port"]!).ShouldBe((2, "7051"));

        var check = await SendAsync(HttpMethod.Post, "plugins/1/test", null);
        ((bool)check["passed"]!, (string)check["text"]!).ShouldBe((true, "All is well."));

        ((string)(await SendAsync(HttpMethod.Post, "plugins/1/pause", """{"reason":"Maintenance"}"""))["pausedReason"]!).ShouldBe("Maintenance (paused by anna)");
        (await SendAsync(HttpMethod.Post, "plugins/1/resume", null))["pausedAt"].ShouldBeNull();
        ((bool)(await SendAsync(HttpMethod.Get, "plugins/1", null))["lastCheck"]!["passed"]!).ShouldBeTrue();
        ((JsonArray)(await SendAsync(HttpMethod.Get, "plugins?kind=issuer.test", null))["items"]!).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_kinds_say_what_their_settings_mean()
    {
        var kinds = await SendAsync(HttpMethod.Get, "plugin-kinds", null);

        Approve.That(kinds.ToJsonString(new() { WriteIndented = true }), "PluginKinds", "json");
    }

    [Fact]
    public async Task Refusals_come_as_problems_each_fault_with_its_field()
    {
        using var refused = await _http.PostAsync(new Uri("plugins", UriKind.Relative), Json("""{"name":"","kind":"issuer.test","settings":{"port":"x"}}"""), _cancellation);
        using var missing = await _http.GetAsync(new Uri("plugins/99", UriKind.Relative), _cancellation);

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await refused.Content.ReadAsStringAsync(_cancellation);
        foreach (var field in new[] { "name", "settings.host", "settings.port", "settings.password" })
        {
            problem.ShouldContain($"\"{field}\"");
        }

        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await missing.Content.ReadAsStringAsync(_cancellation)).ShouldContain("plugins.not-found");
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : Json(body) };
        using var response = await _http.SendAsync(request, _cancellation);
        var text = await response.Content.ReadAsStringAsync(_cancellation);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
