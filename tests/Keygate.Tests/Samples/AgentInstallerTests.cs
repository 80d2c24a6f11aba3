using System.Collections.Concurrent;
using System.Net;
using Acme.Agent;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Samples;

/// <summary>The sample plug-in of docs/extend against a small agent that can refuse, break off and lie.</summary>
public sealed class AgentInstallerTests
{
    private static readonly RetrievedFile License = new("ACM.00000017.0001", "<key>17</key>"u8.ToArray(), "xml");

    [Fact]
    public async Task Installs_files_and_a_repeat_changes_nothing()
    {
        await using var agent = await FakeAgent.StartAsync();
        await using var plugin = agent.Plugin();

        for (var i = 0; i < 2; i++)
        {
            var answer = await plugin.InstallAsync(Request, default);

            answer.Outcome.ShouldBe(Outcome.Done, answer.Reason?.Cause);
            answer.Value!.Places.ShouldBe([$"{agent.Address}instances/mail%2F1/licenses/ACM.00000017.0001.xml"]);
            agent.Files.ShouldHaveSingleItem().Value.ShouldBe(License.Content);
        }
    }

    [Fact]
    public async Task Checks_without_changing_anything()
    {
        await using var agent = await FakeAgent.StartAsync();
        await using var plugin = agent.Plugin();

        (await plugin.CheckAsync(default)).Value!.Facts.ShouldBe($"{agent.Address} answers: Acme Agent 1");
        agent.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_NotDone_only_when_nothing_was_sent()
    {
        await using var plugin = FakeAgent.PluginAt(new Uri($"http://127.0.0.1:{FreePort.Take()}/"), "right");

        var answer = await plugin.InstallAsync(Request, default);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task Pauses_when_the_password_is_wrong()
    {
        await using var agent = await FakeAgent.StartAsync();
        await using var plugin = FakeAgent.PluginAt(agent.Address, "wrong");

        var answer = await plugin.InstallAsync(Request, default);

        (answer.Outcome, answer.PausesPlugin, answer.Reason!.Code).ShouldBe((Outcome.Refused, true, "401"));
    }

    [Theory]
    [InlineData("refuse", Outcome.Refused)]
    [InlineData("fail", Outcome.Unknown)]
    [InlineData("cut", Outcome.Unknown)]
    [InlineData("lie", Outcome.Unknown)]
    public async Task Chooses_its_word_with_care(string behaviour, Outcome expected)
    {
        await using var agent = await FakeAgent.StartAsync(behaviour);
        await using var plugin = agent.Plugin();

        var answer = await plugin.InstallAsync(Request, default);

        answer.Outcome.ShouldBe(expected, answer.Reason?.Cause);
        answer.Reason!.Cause.ShouldNotBeEmpty();
        answer.PausesPlugin.ShouldBeFalse();
    }

    [Fact]
    public void Names_an_address_that_is_none() =>
        ((IPluginFactory)new AgentInstallerFactory()).Faults(new Dictionary<string, string> { ["address"] = "agent", ["password"] = "x" }).ShouldHaveSingleItem().Setting.ShouldBe("address");

    /// <summary>The excerpts of the page are the sample's own lines.</summary>
    [Fact]
    public void Is_what_the_documentation_shows()
    {
        var root = Repository.Root;
        var sample = string.Join('\n', Directory.GetFiles(Path.Combine(root, "samples/plugins/Acme.Agent"), "*.cs").Select(File.ReadAllText));
        var blocks = File.ReadAllText(Path.Combine(root, "docs/extend/first-plugin.md")).Split("```csharp\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)]).ToList();

        blocks.Count.ShouldBe(5);
        blocks.Where(b => !b.StartsWith("services.", StringComparison.Ordinal)).ShouldAllBe(b => sample.Contains(b));
    }

    private static InstallRequest Request => new() { LicenseId = 17, SubscriptionId = 3, Target = "mail/1", Files = [License], Token = "t" };

    private sealed class FakeAgent : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private FakeAgent(WebApplication app) => _app = app;

        public ConcurrentDictionary<string, byte[]> Files { get; } = new();

        public Uri Address => new(_app.Urls.Single() + "/");

        public static async Task<FakeAgent> StartAsync(string behaviour = "")
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
            var agent = new FakeAgent(builder.Build());
            agent._app.Run(http => agent.AnswerAsync(http, behaviour));
            await agent._app.StartAsync();
            return agent;
        }

        public IInstaller Plugin() => PluginAt(Address, "right");

        public static IInstaller PluginAt(Uri address, string password) => (IInstaller)new AgentInstallerFactory().Create(new PluginContext(
            new Dictionary<string, string> { ["address"] = address.ToString(), ["password"] = password }, NullLogger.Instance, TimeProvider.System));

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext http, string behaviour)
        {
            var place = http.Request.Path.Value!;
            if (http.Request.Headers.Authorization != "Bearer right")
            {
                http.Response.StatusCode = 401;
            }
            else if (place == "/health")
            {
                await http.Response.WriteAsync("Acme Agent 1");
            }
            else if (http.Request.Method == "GET")
            {
                await http.Response.Body.WriteAsync(Files[place]);
            }
            else
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body);
                Files[place] = behaviour == "lie" ? [1, 2, 3] : body.ToArray();
                http.Response.StatusCode = behaviour switch { "refuse" => 404, "fail" => 500, _ => 204 };
                if (behaviour == "cut")
                {
                    http.Abort();
                }
            }
        }
    }
}
