using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>
/// Plug-ins whose other side is not to be had: cause and remedy stand on every door, nothing is done half way, and each paid order goes on by
/// itself, or by one act, once the cause is mended; one key for each, never two. All cases run beside each other in one server.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class WrongPluginTests
{
    private static readonly string[] Ordered = ["PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"];

    /// <summary>One thing that is wrong with a plug-in.</summary>
    private sealed record Case(string What, int Plugin, string Cause, string Remedy, Func<Task> Mend)
    {
        public bool Stops { get; init; }

        /// <summary>A plan that was put on sale while the other side was to be had; null where that does not matter.</summary>
        public int? Plan { get; init; }

        public int Order { get; set; }
    }

    [Theory]
    [BothEngines]
    public async Task An_issuer_that_cannot_be_used(Engine engine)
    {
        await using var provider = await DemoProvider.StartAsync(engine, ownClock: true);
        await using var expired = ExpiredServer.Start();
        await using var elsewhere = await OtherKeyServer.StartAsync();
        var right = await provider.IssuerSettingsAsync();
        using var foreign = Certificate("CN=foreign", -1, 1);
        var closed = Number(FreePort.Take());

        async Task<Case> IssuerAsync(string what, JsonObject wrong, string cause, string remedy, Func<int, Task>? also = null)
        {
            var plugin = await provider.PluginAsync(what, "issuer.key-administrator", right);
            var plan = await provider.PlanOverAsync(plugin, null);
            await provider.ChangePluginAsync(plugin, Over(right, wrong));
            return new Case(what, plugin, cause, remedy, async () =>
            {
                await provider.ChangePluginAsync(plugin, right);
                await (also?.Invoke(plugin) ?? Task.CompletedTask);
            })
            {
                Plan = plan,
            };
        }

        var away = await provider.PluginAsync("key server down", "issuer.key-administrator", elsewhere.Settings);
        var awayPlan = await provider.PlanOverAsync(away, null);
        await elsewhere.StopAsync();
        Case[] cases =
        [
            await IssuerAsync("wrong port", new() { ["port"] = closed }, $"HTTP request error: Nothing listens at 127.0.0.1:{closed}", "Check the plug-in's port"),
            await IssuerAsync("a port without TLS", new() { ["port"] = Number(provider.Server.Url.Port) }, "HTTP request error: ", "it speaks TLS only"),
            await IssuerAsync("foreign certificate", new() { ["certificate"] = foreign.ExportCertificatePem() }, "HTTP request error: ", "put it into the plug-in's settings; otherwise somebody else answers there"),
            await IssuerAsync("expired certificate", new() { ["port"] = Number(expired.Port), ["certificate"] = expired.Pem }, "is valid from", "needs a new certificate"),
            await IssuerAsync("wrong password", new() { ["password"] = "wrong" }, "200 ", "Check login and password of the plug-in, test it, resume it, and resubmit",
                plugin => provider.DoAsync($"plugins/{plugin}/resume")) with { Stops = true },
            new("key server down", away, $"HTTP request error: Nothing listens at 127.0.0.1:{elsewhere.Port}", "that the Key Administrator runs", elsewhere.ComeBackAsync) { Plan = awayPlan },
        ];

        await WalkAsync(provider, cases, issuers: true, byCommand: engine == Engine.Sqlite);

        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1 + cases.Length - 1);
        (await elsewhere.KeysAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task An_installer_whose_disk_is_full_or_cannot_be_written()
    {
        using var full = SmallFileSystem.Mount("size=64k");
        using var locked = SmallFileSystem.Mount("size=64k");
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite, ownClock: true);
        var ballast = Path.Combine(full.Path, "ballast");
        Fill(ballast);
        locked.Remount("ro");
        var blocked = Path.Combine(provider.Data, "in-the-way");
        await File.WriteAllTextAsync(blocked, "a file");

        async Task<Case> InstallerAsync(string what, string root, string cause, string remedy, Action mend) =>
            new(what, await provider.PluginAsync(what, "installer.directory", new JsonObject { ["root"] = root }), cause, remedy, () =>
            {
                mend();
                return Task.CompletedTask;
            });

        Case[] cases =
        [
            await InstallerAsync("disk full", full.Path, $"No space is left in {full.Path}", "Free space there", () => File.Delete(ballast)),
            await InstallerAsync("read-only folder", locked.Path, $"The file system of {locked.Path}", "Mount it for writing", () => locked.Remount("rw")),
            await InstallerAsync("a file in the folder's place", blocked, $"{blocked} cannot be a folder", "Remove it", () => File.Delete(blocked)),
        ];

        await WalkAsync(provider, cases, issuers: false, byCommand: true, whileBroken: () =>
        {
            Directory.GetFiles(full.Path, "*", SearchOption.AllDirectories).ShouldBe([ballast]);
            Directory.GetFileSystemEntries(locked.Path).ShouldBeEmpty();
        });

        // Each key was made once, before the installation; what failed was tried again with the same key.
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1 + cases.Length);
    }

    [Fact]
    public async Task An_installation_that_keeps_failing_needs_attention_and_goes_on_by_one_act()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite, ownClock: true);
        var blocked = Path.Combine(provider.Data, "in-the-way");
        await File.WriteAllTextAsync(blocked, "a file");
        var plugin = await provider.PluginAsync("blocked", "installer.directory", new JsonObject { ["root"] = blocked });
        var order = await provider.OrderAndPayAsync(await provider.PlanOverAsync(null, plugin), Ordered);
        await provider.UntilAsync(order, o => DemoProvider.LicenseItem(o)["cause"] is not null);

        // The step's ten minutes are over: the state falls back, and a person is asked.
        provider.Advance(TimeSpan.FromMinutes(11));
        var failed = await provider.UntilAsync(order, o => (string)o["state"]! == "PF");

        var comment = (string)DemoProvider.LicenseItem(failed)["comment"]!;
        comment.ShouldStartWith("Could not create License into Subscription: ");
        comment.ShouldContain($"{blocked} cannot be a folder");
        ((string)failed["licenses"]![0]!["status"]!).ShouldBe("Retrieved");
        var item = await provider.AttentionAsync(order);
        ((string)item["cause"]!).ShouldContain($"{blocked} cannot be a folder");
        item["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["record-installed", "correct-plugin", "resubmit", "terminate"], ignoreOrder: true);

        File.Delete(blocked);
        await provider.ActAsync(item, "resubmit");
        await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(2);
    }

    private static async Task WalkAsync(DemoProvider provider, IReadOnlyList<Case> cases, bool issuers, bool byCommand, Action? whileBroken = null)
    {
        foreach (var one in cases)
        {
            one.Order = await provider.OrderAndPayAsync(one.Plan ?? await provider.PlanOverAsync(null, one.Plugin), Ordered);
        }

        foreach (var one in cases)
        {
            await SaysWhyAsync(provider, one, issuers);
            if (byCommand)
            {
                await SaysWhyByCommandAsync(provider, one);
            }
        }

        whileBroken?.Invoke();
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(issuers ? 1 : 1 + cases.Count);

        foreach (var one in cases)
        {
            await one.Mend();
            if (one.Stops)
            {
                await provider.ActAsync(await provider.AttentionAsync(one.Order), "resubmit");
            }
        }

        foreach (var one in cases)
        {
            var done = await provider.UntilAsync(one.Order, o => (string)o["state"]! == "CP", nudge: true);
            var license = done["licenses"]!.AsArray().ShouldHaveSingleItem($"{one.What}: {done}")!;
            var places = (await provider.Rest.GetAsync($"licenses/{license["id"]}"))["installedAt"]!.AsArray();
            File.Exists((string)places.ShouldHaveSingleItem()!).ShouldBeTrue(one.What);
        }
    }

    private static async Task SaysWhyAsync(DemoProvider provider, Case one, bool issuers)
    {
        var met = await provider.UntilAsync(one.Order, o => one.Stops ? (string)o["state"]! == "PF" : DemoProvider.LicenseItem(o)["cause"] is not null);
        var item = DemoProvider.LicenseItem(met);
        var comment = (string)item["comment"]!;
        comment.ShouldContain(one.Cause, customMessage: one.What);
        comment.ShouldMatch($@" \(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, attempt 1 of 8, license request {item["licenseId"]}\)$", one.What);
        ((string)item["remedy"]!).ShouldContain(one.Remedy, customMessage: one.What);
        ((string)met["licenses"]![0]!["status"]!).ShouldBe(issuers ? "Pending" : "Installing", one.What);
        (item["nextAttemptAt"] is null).ShouldBe(one.Stops, one.What);

        var stalled = (await provider.Rest.GetAsync("orders/stalled?minutes=0&limit=500"))["items"]!.AsArray().Single(o => (int)o!["id"]! == one.Order)!;
        ((string)stalled["nextStep"]!).ShouldContain(one.Cause, customMessage: one.What);

        var (_, check) = await provider.Rest.PostAsync($"plugins/{one.Plugin}/test");
        ((bool)check["passed"]!).ShouldBeFalse(one.What);
        ((string)check["text"]!).ShouldContain(one.Cause, customMessage: one.What);
        ((string)check["remedy"]!).ShouldContain(one.Remedy, customMessage: one.What);

        if (one.Stops)
        {
            var attention = await provider.AttentionAsync(one.Order);
            ((string)attention["cause"]!).ShouldContain(one.Cause, customMessage: one.What);
            ((string)attention["remedy"]!).ShouldContain(one.Remedy, customMessage: one.What);
            attention["actions"]!.AsArray().Select(a => (string)a!["name"]!).ShouldBe(["correct-plugin", "resume", "resubmit", "cancel"], one.What);
        }
    }

    private static async Task SaysWhyByCommandAsync(DemoProvider provider, Case one)
    {
        (string[] Command, int Exit, bool TellsRemedy)[] doors =
        [
            (["order", "show", Number(one.Order)], 0, true),
            (["order", "stalled", "--minutes", "0", "--limit", "500"], 0, false),
            (["plugin", "test", Number(one.Plugin)], 1, true),
            .. one.Stops ? new[] { (new[] { "attention", "list" }, 0, true) } : [],
        ];
        foreach (var (command, exit, tellsRemedy) in doors)
        {
            var what = $"{one.What}: {string.Join(' ', command)}";
            var (code, said) = await provider.CommandAsync(command);
            code.ShouldBe(exit, $"{what}: {said}");
            said.ShouldContain(one.Cause, customMessage: what);
            if (tellsRemedy)
            {
                said.ShouldContain(one.Remedy, customMessage: what);
            }
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Over(JsonObject right, JsonObject wrong)
    {
        var all = right.DeepClone().AsObject();
        foreach (var (name, value) in wrong)
        {
            all[name] = value!.DeepClone();
        }

        return all;
    }

    internal static X509Certificate2 Certificate(string subject, int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(toDays));
    }

    private static void Fill(string file)
    {
        using var stream = File.Create(file);
        try
        {
            while (true)
            {
                stream.Write(new byte[4096]);
                stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // That was the last free byte.
        }
    }
}
