using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Which licenses are to be compared.</summary>
public sealed record SyncLicensesRequest
{
    /// <summary>Licenses by number; null for all.</summary>
    public IReadOnlyList<int>? Ids { get; init; }

    /// <summary>Where all are meant, only those of this issuer plug-in; null for all issuers that show their keys.</summary>
    public PluginId? Issuer { get; init; }
}

/// <summary>Comparisons that were begun.</summary>
/// <param name="Runs">One for each issuer; one that was under way already is not begun anew.</param>
public sealed record SyncStarted(IReadOnlyList<SyncRunView> Runs);

/// <summary>Compares a selection of licenses, or all of an issuer or of all issuers, in the background.</summary>
public sealed class SyncLicenses
{
    private const int SelectionMax = 10_000;

    private readonly SyncStore _store;
    private readonly LicenseStore _licenses;
    private readonly PluginReader _plugins;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal SyncLicenses(SyncStore store, LicenseStore licenses, PluginReader plugins, WorkQueue queue, Audit audit) =>
        (_store, _licenses, _plugins, _queue, _audit) = (store, licenses, plugins, queue, audit);

    /// <summary>Begins it. Refused where a license is not there, or the issuer shows no keys.</summary>
    public async Task<Result<SyncStarted>> HandleAsync(Tx tx, SyncLicensesRequest request, Actor actor, CancellationToken cancellation)
    {
        var wanted = await IssuersAsync(tx, request, cancellation);
        if (!wanted.TryGet(out var issuers, out var error))
        {
            return error;
        }

        var runs = new List<SyncRunView>();
        foreach (var (issuer, ids) in issuers)
        {
            if (await SyncRunProcess.StartAsync(tx, _store, _queue, issuer, ids, cancellation) is { } run)
            {
                runs.Add(SyncRunView.Of((await _store.RunAsync(tx, run, cancellation))!));
                await _audit.AddAsync(tx, actor, "licenses.sync", issuer.Subject, ids is null ? "all" : FormattableString.Invariant($"{ids.Count} licenses"), cancellation);
            }
        }

        return new SyncStarted(runs);
    }

    /// <summary>Ends a run; what it has found stays. May be repeated.</summary>
    public async Task<Result<SyncRunView>> CancelAsync(Tx tx, int run, CancellationToken cancellation)
    {
        await _store.CancelAsync(tx, run, cancellation);
        return await _store.RunAsync(tx, run, cancellation) is { } ended ? SyncRunView.Of(ended) : LicensingErrors.SyncRunNotFound.Because($"There is no comparison {run}.");
    }

    /// <summary>Comparisons, newest first.</summary>
    public Task<Result<Page<SyncRunView>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.NewestFirstAsync("sync-runs", (before, rows) => _store.RunsAsync(session, before, rows, cancellation), r => r.Id, SyncRunView.Of);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/licenses/sync", (SyncLicensesRequest request, HttpContext http, WriteDoor door, SyncLicenses handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("SyncLicenses").WithTags("Sync").WithSummary("Compare a selection of licenses, or all, with their issuers, in the background.");
        routes.MapPost("/sync-runs/{id:int}/cancel", (int id, HttpContext http, WriteDoor door, SyncLicenses handler) =>
                door.WriteAsync(http, null, (tx, _) => handler.CancelAsync(tx, id, http.RequestAborted)))
            .WithName("CancelSyncRun").WithTags("Sync").WithSummary("End a comparison; what it has found stays.");
        routes.MapGet("/sync-runs", (int? limit, string? cursor, HttpContext http, Database database, SyncLicenses handler) =>
                database.ReadAsync(s => handler.ListAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListSyncRuns").WithTags("Sync").WithSummary("Comparisons of many licenses, newest first, with their progress.");
    }

    private async Task<Result<IReadOnlyList<(PluginId Issuer, IReadOnlyList<LicenseId>? Ids)>>> IssuersAsync(Tx tx, SyncLicensesRequest request, CancellationToken cancellation)
    {
        var comparable = (await _plugins.ConnectedIssuersAsync(tx, cancellation)).Select(p => p.Id).ToHashSet();
        if (request.Ids is null)
        {
            return request.Issuer is { } only && !comparable.Contains(only)
                ? LicensingErrors.CannotCompare.Because($"Plug-in {only} is no issuer that shows its keys, or is paused.").At("issuer")
                : Result(comparable.Where(i => request.Issuer is null || i == request.Issuer).Select(i => (i, (IReadOnlyList<LicenseId>?)null)));
        }

        if (request.Ids.Count is 0 or > SelectionMax)
        {
            return LicensingErrors.NothingToCompare.Because($"{request.Ids.Count} licenses were named; 1 to {SelectionMax} can be.").At("ids");
        }

        var byIssuer = new Dictionary<PluginId, List<LicenseId>>();
        foreach (var id in request.Ids.Distinct().Select(LicenseId.Of))
        {
            if (await _licenses.FindAsync(tx, id, cancellation) is not { } license)
            {
                return LicensingErrors.NotFound.Because($"There is no license {id}.").At("ids");
            }

            if (!comparable.Contains(license.IssuerId))
            {
                return LicensingErrors.CannotCompare.Because($"Plug-in {license.IssuerId}, the issuer of license {id}, shows no keys, or is paused.").At("ids");
            }

            (byIssuer.TryGetValue(license.IssuerId, out var ids) ? ids : byIssuer[license.IssuerId] = []).Add(id);
        }

        return Result(byIssuer.Select(i => (i.Key, (IReadOnlyList<LicenseId>?)i.Value)));

        static Result<IReadOnlyList<(PluginId, IReadOnlyList<LicenseId>?)>> Result(IEnumerable<(PluginId, IReadOnlyList<LicenseId>?)> all) =>
            all.OrderBy(i => i.Item1.Value).ToList();
    }
}
