using System.Text.Json.Nodes;
using Keygate.Issuers;
using Keygate.Licensing;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing.FindSurplusKeys;

/// <summary>An issuer whose answer is clean and which has made two keys for it.</summary>
public sealed class FindSurplusKeysTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, BothEngines]
    public async Task Finds_a_key_that_was_made_twice_behind_a_clean_answer_and_ends_it_with_what_came_along(Engine engine)
    {
        await using var house = await StartAsync(engine, new SimulatedFactory());
        var issuer = await IssuerAsync(house, "issuer.simulated", "issue 2: answer-twice");
        var first = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, r => r["issuer"] = issuer);
        var second = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, r => (r["issuer"], r["addOns"]) = (issuer, new JsonArray(Antivirus)));
        Live().ShouldBe(["SIM.00000001.0000", "SIM.00000002.0000", "SIMA.00000003.0000", "SIM.00000004.0000", "SIMA.00000005.0000"]);

        await AdvanceAsync(house, TimeSpan.FromMinutes(50));
        await NothingLeftAsync(house, waits: 2);
        Live().Count.ShouldBe(5);
        await AdvanceAsync(house, TimeSpan.FromMinutes(30));
        await UntilAsync(() => Live().Count == 3);

        Live().ShouldBe(["SIM.00000001.0000", "SIM.00000002.0000", "SIMA.00000003.0000"]);
        await house.UntilAsync(second, l => l["goingOn"] is null);
        (await house.HistoryAsync(second)).Select(h => h.What).Where(w => w.Contains("SIM.00000004") || w.Contains("SIMA.00000005")).ShouldBe(
            [
                "Key SIMA.00000005.0000 was made in addition to SIM.00000002.0000 for the same request and is terminated at the issuer",
                "Key SIM.00000004.0000 was made in addition to SIM.00000002.0000 for the same request and is terminated at the issuer",
                "Surplus key SIMA.00000005.0000 is terminated at the issuer",
                "Surplus key SIM.00000004.0000 is terminated at the issuer",
            ], ignoreOrder: true);
        (await house.HistoryAsync(first)).ShouldNotContain(h => h.What.Contains("in addition"));
        await NothingLeftAsync(house, waits: 0);
    }

    [Theory, BothEngines]
    public async Task Waits_for_an_issuer_that_cannot_be_asked(Engine engine)
    {
        await using var house = await StartAsync(engine, new SimulatedFactory());
        var issuer = await IssuerAsync(house, "issuer.simulated", "issue 1: answer-twice\nfind 2: not-done\nfind 4: stall");
        var id = await house.BroughtToAsync(LicenseState.Installed, PanelProduct, r => r["issuer"] = issuer);

        await AdvanceAsync(house, TimeSpan.FromMinutes(80));
        Live().Count.ShouldBe(2);
        for (var i = 0; i < 8 && Live().Count == 2; i++)
        {
            await AdvanceAsync(house, TimeSpan.FromMinutes(15));
        }

        await UntilAsync(() => Live().Count == 1);
        Live().ShouldBe([(string)(await house.LicenseAsync(id))["keyNumber"]!]);
    }

    /// <summary>Such an issuer would have every key of the account found, other people's among them.</summary>
    [Fact]
    public async Task Ends_nothing_at_an_issuer_that_finds_keys_by_any_trace()
    {
        await using var house = await StartAsync(Engine.Sqlite, new CredulousFactory());
        var issuer = await IssuerAsync(house, "issuer.credulous", "issue 1: answer-twice");
        await house.BroughtToAsync(LicenseState.Installed, PanelProduct, r => r["issuer"] = issuer);

        await AdvanceAsync(house, TimeSpan.FromMinutes(80));
        await AdvanceAsync(house, TimeSpan.FromMinutes(80));

        Live().Count.ShouldBe(2);
        await NothingLeftAsync(house, waits: 0);
        (await house.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from work where kind = 'licensing.end-surplus-key'", null, default), default)).ShouldBe(0);
    }

    private string Journal => _folder.File("keys.journal");

    private async Task<int> IssuerAsync(LicensingHouse house, string kind, string script) => (int)(await house.PostAsync("plugins", new JsonObject
    {
        ["name"] = "Sandbox", ["kind"] = kind, ["settings"] = new JsonObject { ["script"] = script, ["journal"] = Journal },
    }))["id"]!;

    /// <summary>The keys that cost money, as the issuer's own books have them.</summary>
    private List<string> Live()
    {
        using var file = new FileStream(Journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var last = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).GroupBy(k => (string)k["Number"]!).Select(g => g.Last());
        return [.. last.SelectMany(k => k["AddOns"]!.AsArray().Prepend(k)).Where(k => !(bool)k!["Terminated"]!).Select(k => (string)k!["Number"]!)];
    }

    private static async Task AdvanceAsync(LicensingHouse house, TimeSpan by)
    {
        // In steps that are longer than the job's interval, each with time for the work that it wakes.
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromMinutes(10))
        {
            await house.Time.AfterAsync(house.Database, TimeSpan.FromMinutes(10));
        }
    }

    private static async Task NothingLeftAsync(LicensingHouse house, int waits) =>
        (await house.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from surplus_looks", null, default), default)).ShouldBe(waits);

    private static async Task UntilAsync(Func<bool> there)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!there())
        {
            over.IsCancellationRequested.ShouldBeFalse();
            await Task.Delay(20);
        }
    }

    private sealed class CredulousFactory : IPluginFactory
    {
        private readonly SimulatedFactory _whole = new();

        public PluginManifest Manifest => _whole.Manifest with { Kind = "issuer.credulous" };

        public IPlugin Create(PluginContext context) => new Credulous(_whole.Create(context));
    }

    private sealed class Credulous(IPlugin whole) : IIssuer, IFindsKeys, ITerminatesKeys
    {
        private string _trace = "";

        public TimeSpan MayStillTake => ((IFindsKeys)whole).MayStillTake;

        public Task StartAsync(CancellationToken cancellation) => whole.StartAsync(cancellation);

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => whole.CheckAsync(cancellation);

        public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
        {
            _trace = request.Trace;
            return ((IIssuer)whole).IssueAsync(request, cancellation);
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => ((IIssuer)whole).RetrieveAsync(keyNumber, cancellation);

        public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) =>
            ((IFindsKeys)whole).FindAsync(asked with { Trace = _trace }, cancellation);

        public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => ((ITerminatesKeys)whole).TerminateAsync(keyNumber, cancellation);

        public ValueTask DisposeAsync() => whole.DisposeAsync();
    }
}
