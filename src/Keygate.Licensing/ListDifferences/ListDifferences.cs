using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>What does not stand here as it does at the issuers: licenses that are not in sync, and keys that nobody here knows.</summary>
public sealed class ListDifferences
{
    private readonly SyncStore _store;
    private readonly SyncLicense _sync;
    private readonly Audit _audit;

    internal ListDifferences(SyncStore store, SyncLicense sync, Audit audit) => (_store, _sync, _audit) = (store, sync, audit);

    /// <summary>Licenses that are not in sync, by number.</summary>
    public async Task<Result<Page<LicenseSync>>> ListAsync(Session session, PluginId? issuer, PageRequest page, CancellationToken cancellation)
    {
        var ids = await page.OldestFirstAsync($"not-in-sync {issuer}", (after, rows) => _store.OutPageAsync(session, issuer, after, rows, cancellation), id => id.Value, id => id);
        if (!ids.TryGet(out var found, out var error))
        {
            return error;
        }

        var items = new List<LicenseSync>();
        foreach (var id in found.Items)
        {
            items.Add((await _sync.ShowAsync(session, id, cancellation)).Value);
        }

        return new Page<LicenseSync>(items, found.Next);
    }

    /// <summary>Keys at issuers that no license here has, by number.</summary>
    public Task<Result<Page<StrayKey>>> StraysAsync(Session session, PluginId? issuer, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync($"stray-keys {issuer}", (after, rows) => _store.StraysAsync(session, issuer, after, rows, cancellation), k => k.Id, k => k);

    /// <summary>Leaves a stray key alone, with a reason that others will read.</summary>
    public async Task<Result<StrayKey>> IgnoreAsync(Tx tx, int id, string? reason, Actor actor, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > TerminateLicenseRequest.ReasonMax)
        {
            return LicensingErrors.ReasonMissing.At("reason");
        }

        if (await _store.IgnoreStrayAsync(tx, id, $"{reason.Trim()} ({actor.Name})", cancellation) == 0)
        {
            return LicensingErrors.StrayNotFound.Because($"There is no stray key {id}.");
        }

        await _audit.AddAsync(tx, actor, "stray-key.ignored", FormattableString.Invariant($"stray-key/{id}"), reason, cancellation);
        return (await _store.StraysAsync(tx, null, id - 1, 1, cancellation))[0];
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/licenses/not-in-sync", (PluginId? issuer, int? limit, string? cursor, HttpContext http, Database database, ListDifferences handler) =>
                database.ReadAsync(s => handler.ListAsync(s, issuer, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListNotInSync").WithTags("Sync").WithSummary("Licenses that differ from their keys at the issuers, with each difference.");
        routes.MapGet("/stray-keys", (PluginId? issuer, int? limit, string? cursor, HttpContext http, Database database, ListDifferences handler) =>
                database.ReadAsync(s => handler.StraysAsync(s, issuer, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListStrayKeys").WithTags("Sync").WithSummary("Live keys at issuers that no license here has.");
        routes.MapPost("/stray-keys/{id:int}/ignore", (int id, IgnoreStrayRequest request, HttpContext http, WriteDoor door, ListDifferences handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.IgnoreAsync(tx, id, request.Reason, actor, http.RequestAborted)))
            .WithName("IgnoreStrayKey").WithTags("Sync").WithSummary("Leave a stray key alone, with a reason.");
    }
}

/// <summary>Why a stray key is left alone.</summary>
/// <param name="Reason">In the person's words.</param>
public sealed record IgnoreStrayRequest(string? Reason);
