using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Installers;
using Keygate.Issuers;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Tests.Licensing.TerminateLicenseSlice;

/// <summary>Licensing with the simulated issuer, whose books say what was ended, and an installer that writes into a folder or misbehaves by script.</summary>
internal sealed class TerminatingHouse : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly int _installer;

    private TerminatingHouse(LicensingHouse house, TempFolder folder, int issuer, int installer) => (House, _folder, Issuer, _installer) = (house, folder, issuer, installer);

    public static JsonObject Because => new() { ["reason"] = "Contract ended." };

    public LicensingHouse House { get; }

    public int Issuer { get; }

    public static async Task<TerminatingHouse> StartAsync(Engine engine, string script = "", string? installer = null)
    {
        var house = await LicensingHouse.StartAsync(engine, new SimulatedFactory(), new SimulatedInstallerFactory(), new DirectoryFactory());
        var folder = new TempFolder();
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["script"] = script, ["lateSeconds"] = "60", ["journal"] = folder.File("keys.journal") },
        }))["id"]!;
        var installing = (int)(await house.PostAsync("plugins", installer is null
            ? new JsonObject { ["name"] = "Folder", ["kind"] = "installer.directory", ["settings"] = new JsonObject { ["root"] = folder.File("machines") } }
            : new JsonObject { ["name"] = "Sandbox installer", ["kind"] = "installer.simulated", ["settings"] = new JsonObject { ["script"] = installer, ["journal"] = folder.File("files.journal") } }))["id"]!;
        return new(house, folder, issuer, installing);
    }

    /// <summary>An installed license; a lease has its additional one with it.</summary>
    public Task<int> InstalledAsync(string keyType = LicensingHouse.PanelProduct, Action<JsonObject>? change = null) => House.BroughtToAsync(LicenseState.Installed, keyType, request =>
    {
        (request["issuer"], request["installer"]) = (Issuer, _installer);
        if (keyType == LicensingHouse.PanelProduct)
        {
            request["addOns"] = new JsonArray(LicensingHouse.Antivirus);
        }

        change?.Invoke(request);
    });

    public Task TerminateAsync(int id) => House.PostAsync($"licenses/{id}/terminate", Because);

    /// <summary>Starts it as Orders does, whatever else is going on.</summary>
    public Task StartTerminatingAsync(int id) => House.Database.WriteAsync(
        async tx =>
        {
            await House.Get<TerminateLicense>().StartAsync(tx, LicenseId.Of(id), "Contract ended.", Actor.Keygate, null, CancellationToken.None);
            return Done.It;
        }, CancellationToken.None);

    public Task<JsonNode> TerminationAsync(int id) => House.GetAsync($"licenses/{id}/termination");

    /// <summary>What a preview or result says: number, key, copy.</summary>
    public string[] Said(JsonNode termination) => [.. termination["keys"]!.AsArray().Select(k => $"{(string?)k!["keyNumber"] ?? "-"} {k["key"]} {k["copy"]}")];

    public async Task<JsonNode> UntilAsync(int id, Func<JsonNode, bool> fits, TimeSpan? meanwhile = null)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var termination = await TerminationAsync(id);
            if (fits(termination))
            {
                return termination;
            }

            over.IsCancellationRequested.ShouldBeFalse(termination.ToJsonString());
            House.Time.Advance(meanwhile ?? TimeSpan.Zero);
            await Task.Delay(20);
        }
    }

    /// <summary>The result, once nothing is left to do; the clock moves on so far between two looks.</summary>
    public Task<JsonNode> UntilEndedAsync(int id, TimeSpan? meanwhile = null) => UntilAsync(id, t => (bool)t["ended"]!, meanwhile);

    /// <summary>The files that lie in the machines' folders.</summary>
    public string[] Files() => Directory.Exists(_folder.File("machines")) ? Directory.GetFiles(_folder.File("machines"), "*", SearchOption.AllDirectories) : [];

    public string[] Books() => File.ReadAllLines(_folder.File("keys.journal"));

    /// <summary>The keys that were ended, as the history of all licenses says, in their order.</summary>
    public async Task<string[]> EndedInOrderAsync() => [.. await House.Database.ReadAsync(
        s => s.QueryAsync<string>("select what from license_history where what like 'Key % terminated at the issuer: %' order by id", null, CancellationToken.None), CancellationToken.None)
        is var rows ? rows.Select(r => r.Split(' ')[1]) : []];

    /// <summary>Lets what stopped of a kind go on.</summary>
    public async Task ResubmitAsync(int id, string kind)
    {
        var queue = House.Get<Keygate.Work.WorkQueue>();
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var views = await House.Database.ReadAsync(s => queue.ViewAsync(s, [LicenseId.Of(id).Subject], CancellationToken.None), CancellationToken.None);
            if (views.FirstOrDefault(v => v.Kind == kind && v.IsStopped) is { } stopped)
            {
                (await House.Database.WriteAsync(tx => queue.ResubmitAsync(tx, stopped.Id, CancellationToken.None), CancellationToken.None)).IsDone.ShouldBeTrue();
                return;
            }

            over.IsCancellationRequested.ShouldBeFalse($"{kind} of license {id} did not stop.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        _folder.Dispose();
    }
}
