using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What does not stand here as it does at the issuers, and the comparisons that found it.</summary>
/// <param name="Licenses">Licenses that are not in sync.</param>
/// <param name="Strays">Keys at issuers that no license here has.</param>
/// <param name="Runs">The newest comparisons.</param>
/// <param name="Issuers">The issuers that can be asked for their keys.</param>
public sealed record SyncModel(Page<LicenseSync> Licenses, Page<StrayKey> Strays, IReadOnlyList<SyncRunView> Runs, IReadOnlyList<Plugin> Issuers);

/// <summary>License Manager &gt; Sync: compare all licenses or a selection, see what differs, cure it.</summary>
internal static class SyncScreen
{
    private const int RunsShown = 5, StraysShown = 50;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/sync", (string? cursor, HttpContext http) => ShowAsync<SyncPage>(http, cursor));
        admin.MapGet("/sync/runs", (Delegate)((HttpContext http) => ShowAsync<SyncRuns>(http, null)));
        admin.MapPost("/sync", ([FromForm] int? issuer, HttpContext http, SyncLicenses handler) =>
            StartAsync(http, handler, new SyncLicensesRequest { Issuer = issuer is { } of ? PluginId.Of(of) : null })).DisableAntiforgery();
        admin.MapPost("/licenses/sync", (IFormCollection form, HttpContext http, SyncLicenses handler) =>
            StartAsync(http, handler, new SyncLicensesRequest { Ids = [.. form["id"].Select(id => int.TryParse(id, out var of) ? of : 0)] })).DisableAntiforgery();
        admin.MapPost("/sync/runs/{id:int}/cancel", (int id, HttpContext http, SyncLicenses handler) => Screens.ActAsync(
            http, (tx, _) => handler.CancelAsync(tx, id, http.RequestAborted), _ => ("/admin/sync", Frame.Of(http).Words["said.sync-cancelled"]), () => ShowAsync<SyncPage>(http, null)));
        admin.MapPost("/sync/strays/{id:int}/ignore", (int id, [FromForm] string? reason, HttpContext http, ListDifferences handler) => Screens.ActAsync(
            http, (tx, actor) => handler.IgnoreAsync(tx, id, reason, actor, http.RequestAborted), _ => ("/admin/sync", Frame.Of(http).Words["said.ignored"]), () => ShowAsync<SyncPage>(http, null)))
            .DisableAntiforgery();
    }

    private static Task<IResult> StartAsync(HttpContext http, SyncLicenses handler, SyncLicensesRequest request) => Screens.ActAsync(
        http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
        begun => ("/admin/sync", Frame.Of(http).Words[begun.Runs.Count > 0 ? "said.sync-begun" : "said.sync-under-way"]), () => ShowAsync<SyncPage>(http, null));

    private static Task<IResult> ShowAsync<TPage>(HttpContext http, string? cursor)
        where TPage : Page
    {
        var (cancellation, differences) = (http.RequestAborted, Screens.Get<ListDifferences>(http));
        return Screens.Get<Database>(http).ReadAsync(
            async s => (await differences.ListAsync(s, null, PageRequest.Of(25, cursor), cancellation)).TryGet(out var licenses, out var error)
                ? Screens.Show<TPage>(http, ("Model", new SyncModel(
                    licenses, (await differences.StraysAsync(s, null, PageRequest.Of(StraysShown, null), cancellation)).Value,
                    (await Screens.Get<SyncLicenses>(http).ListAsync(s, PageRequest.Of(RunsShown, null), cancellation)).Value.Items,
                    await Screens.Get<PluginReader>(http).ConnectedIssuersAsync(s, cancellation))))
                : Screens.Fault(http, error), cancellation);
    }
}
