using System.Text.Json.Nodes;
using Keygate.Issuers;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Tests.Licensing.RenewLicense;

/// <summary>Licensing with the simulated issuer, whose keys run a month from the first of February, noon, and misbehave as its script says.</summary>
internal sealed class RenewingHouse : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private RenewingHouse(LicensingHouse house, TempFolder folder, int issuer) => (House, _folder, Issuer) = (house, folder, issuer);

    public LicensingHouse House { get; }

    public int Issuer { get; }

    public static async Task<RenewingHouse> StartAsync(Engine engine, string script = "")
    {
        var house = await LicensingHouse.StartAsync(engine, new SimulatedFactory());
        await house.RenewAutomaticallyAsync();
        var folder = new TempFolder();
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["script"] = script, ["lateSeconds"] = "60", ["journal"] = folder.File("keys.journal") },
        }))["id"]!;
        return new(house, folder, issuer);
    }

    /// <summary>A lease that is installed.</summary>
    public Task<int> InstalledAsync(Action<JsonObject>? change = null) => House.BroughtToAsync(LicenseState.Installed, LicensingHouse.PanelProduct, request =>
    {
        request["issuer"] = Issuer;
        change?.Invoke(request);
    });

    /// <summary>Moves the clock to noon of a day.</summary>
    public void To(string day) => House.Time.AdvanceTo(DateTimeOffset.Parse($"{day}T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public Task<JsonNode> UntilExpiresAsync(int id, string day) =>
        House.UntilAsync(id, l => (string?)l["license"]!["expirationDate"] == day && l["goingOn"] is null);

    /// <summary>
    /// Waits until a round of a job is over that saw the present day. One that was under way when the clock was moved may not have: so the next one, an hour on, is
    /// waited for too.
    /// </summary>
    public async Task RoundAsync(string job)
    {
        await EndedAsync(job);
        House.Time.Advance(TimeSpan.FromMinutes(61));
        await EndedAsync(job);
    }

    private async Task EndedAsync(string job)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var now = House.Time.GetUtcNow();
        while ((await House.Database.ReadAsync(
            s => s.GetAsync<long>("select coalesce(max(due_at), 0) from work where kind = @kind", new { kind = $"recurring/{job}" }, CancellationToken.None), CancellationToken.None))
            <= now.ToUnixTimeMilliseconds())
        {
            over.IsCancellationRequested.ShouldBeFalse($"{job} does not run.");
            await Task.Delay(20);
        }
    }

    public async Task<IReadOnlyList<string>> HistoryAsync(int id) => [.. (await House.HistoryAsync(id)).Select(h => h.What)];

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        _folder.Dispose();
    }
}
