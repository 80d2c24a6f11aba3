using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Scenarios.Faults;

/// <summary>A provider that buys at the Key Administrator in Python: plug-in 3, plan 2. Its license 1 came from the demo's own key server, which is gone.</summary>
internal sealed class ForeignSides : IAsyncDisposable
{
    private const int Plugin = 3;

    private ForeignSides(ProviderSide provider, PythonAdministrator administrator) => (Provider, Administrator) = (provider, administrator);

    public ProviderSide Provider { get; }

    public PythonAdministrator Administrator { get; }

    /// <summary>Sets both up.</summary>
    /// <param name="engine">The provider's database.</param>
    /// <param name="trace">Whether the plug-in lays a trace.</param>
    /// <param name="ignoresAddresses">Whether the administrator does not look at addresses given at creation.</param>
    /// <param name="timeoutSeconds">The plug-in's time-out: short only where a test waits for it, since a busy machine may need long for a connection.</param>
    public static async Task<ForeignSides> StartAsync(Engine engine, bool trace = true, bool ignoresAddresses = false, int timeoutSeconds = 20)
    {
        var administrator = await PythonAdministrator.StartAsync();
        try
        {
            await administrator.IgnoreAddressesAsync(ignoresAddresses);
            var sides = new ForeignSides(await ProviderSide.StartAsync(engine), administrator);
            await sides.SetUpAsync(trace, timeoutSeconds);
            return sides;
        }
        catch
        {
            await administrator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Places and pays an order; returns its number.</summary>
    public async Task<int> OrderAsync(ServerProcess process)
    {
        var order = await Provider.PlaceAsync(process);
        await Provider.PayAsync(process, order);
        return order;
    }

    /// <summary>Places and pays an order and waits until it is complete and the trace is tried.</summary>
    public async Task FirstOrderAsync(ServerProcess process, bool proves = true)
    {
        await CompleteAsync(process, await OrderAsync(process));
        if (proves)
        {
            // The demo's time was the real one, a little ahead of the test's.
            Provider.Advance(TimeSpan.FromMinutes(10));
            await Provider.UntilAsync(process, $"plugins/{Plugin}", p => p["traceProvedAt"] is not null);
        }
    }

    /// <summary>Waits until an order is complete; the clock goes to the next look whenever the license waits for one.</summary>
    public Task CompleteAsync(ServerProcess process, int order) =>
        Provider.UntilAsync(process, $"orders/{order}", o => (string)o["state"]! == "CP", () => ToNextLookAsync(process, order));

    /// <summary>The license of an order.</summary>
    public async Task<JsonNode> LicenseAsync(ServerProcess process, int order)
    {
        var item = DemoProvider.LicenseItem(await Provider.GetAsync(process, $"orders/{order}"));
        return await Provider.GetAsync(process, $"licenses/{item["licenseId"]}");
    }

    /// <summary>Waits until the license of an order is looked for, and says when next.</summary>
    public async Task<DateTimeOffset> NextLookAsync(ServerProcess process, int order)
    {
        var item = DemoProvider.LicenseItem(await Provider.GetAsync(process, $"orders/{order}"));
        var license = await Provider.UntilAsync(process, $"licenses/{item["licenseId"]}", l => WaitsForLook(l, out _));
        WaitsForLook(license, out var next);
        return next;
    }

    /// <summary>What needs attention.</summary>
    public async Task<IReadOnlyList<JsonNode>> AttentionAsync(ServerProcess process) =>
        [.. (await Provider.GetAsync(process, "attention"))["items"]!.AsArray().Select(i => i!)];

    /// <summary>Waits until something needs attention, the clock going from look to look, and returns it: the only thing.</summary>
    public async Task<JsonNode> NeedsAttentionAsync(ServerProcess process, int order)
    {
        var items = await Provider.UntilAsync(process, "attention", a => a["items"]!.AsArray().Count > 0, () => ToNextLookAsync(process, order));
        return items["items"]!.AsArray().ShouldHaveSingleItem()!;
    }

    /// <summary>One live key at the administrator for each license bought there, and none besides but terminated ones.</summary>
    public async Task OneKeyForEachLicenseAsync(ServerProcess process, int licenses, int terminated = 0)
    {
        var ours = (await Provider.GetAsync(process, "licenses?limit=500"))["items"]!.AsArray().Where(l => (int)l!["issuer"]! == Plugin).ToList();
        ours.Select(l => (string)l!["status"]!).Distinct().ShouldBe(["Installed"]);
        ours.Count.ShouldBe(licenses);
        (await Administrator.LiveAsync()).ShouldBe(ours.Select(l => (string)l!["keyNumber"]!).Order(StringComparer.Ordinal));
        (await Administrator.KeysAsync()).Count.ShouldBe(licenses + terminated);
    }

    public async ValueTask DisposeAsync()
    {
        await Administrator.DisposeAsync();
        Provider.Dispose();
    }

    private async Task SetUpAsync(bool trace, int timeoutSeconds)
    {
        await using var process = await Provider.ProcessAsync();
        var plugin = await Provider.PostAsync(process, "plugins", new JsonObject
        {
            ["name"] = "Foreign administrator",
            ["kind"] = "issuer.key-administrator",
            ["settings"] = new JsonObject
            {
                ["host"] = "127.0.0.1",
                ["port"] = Administrator.Port.ToString(CultureInfo.InvariantCulture),
                ["path"] = "/xmlrpc",
                ["login"] = PythonAdministrator.Login,
                ["password"] = PythonAdministrator.Password,
                ["client"] = PythonAdministrator.Client,
                ["certificate"] = Administrator.Certificate,
                ["trace"] = trace ? "true" : "false",
            },
            ["limits"] = new JsonObject { ["timeoutSeconds"] = timeoutSeconds },
        });
        ((int)plugin["id"]!).ShouldBe(Plugin);
        var plan = await Provider.PostAsync(process, "plans", new JsonObject
        {
            ["name"] = "Virtual server with Plesk from elsewhere",
            ["currency"] = "EUR",
            ["hostingGate"] = "Dummy",
            ["issuerId"] = Plugin,
            ["installerId"] = 2,
            ["published"] = true,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["setupFee"] = 0, ["subscriptionFee"] = 990, ["renewalFee"] = 990 }),
            ["rates"] = new JsonArray(Rate("PLESK_10_AND_LATER_FOR_VZ"), Rate("10_DOMAINS"), Rate("30_DOMAINS"), Rate("100_DOMAINS")),
        });
        Provider.PlanId = (int)plan["id"]!;
        (await process.TerminateAsync()).ExitCode.ShouldBe(0);
    }

    private static JsonObject Rate(string resource) =>
        new() { ["resource"] = resource, ["includedUnits"] = 0, ["minUnits"] = 0, ["maxUnits"] = 1, ["setupFee"] = 0, ["recurringFee"] = 0 };

    private async Task ToNextLookAsync(ServerProcess process, int order)
    {
        if (WaitsForLook(await LicenseAsync(process, order), out var next) && next > Provider.Now)
        {
            Provider.Set(next);
        }
    }

    private static bool WaitsForLook(JsonNode license, out DateTimeOffset next)
    {
        next = default;
        return license["goingOn"] is { } on && (string)on["step"]! == "issue" && (string)on["state"]! == "ready" && on["nextAttemptAt"] is { } at
            && DateTimeOffset.TryParse((string)at!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out next);
    }
}
