using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>Reads plug-ins for screens, lists and other rooms. No secret leaves it.</summary>
public sealed class PluginReader
{
    private readonly PluginStore _store;
    private readonly PluginKinds _kinds;
    private readonly Lanes _lanes;

    internal PluginReader(PluginStore store, PluginKinds kinds, Lanes lanes) => (_store, _kinds, _lanes) = (store, kinds, lanes);

    /// <summary>One plug-in; null where there is none.</summary>
    public async Task<Plugin?> FindAsync(Session session, PluginId id, CancellationToken cancellation) =>
        await _store.FindAsync(session, id, cancellation) is { } row ? View(row) : null;

    /// <summary>Several plug-ins, as a question; those that there are.</summary>
    public Question<Plugin> Ask(Session session, IEnumerable<PluginId> ids, CancellationToken cancellation) => _store.Ask(session, ids, cancellation).As(View);

    /// <summary>One plug-in with what it has spent; null where there is none.</summary>
    public async Task<Plugin?> ShowAsync(Session session, PluginId id, CancellationToken cancellation) =>
        await FindAsync(session, id, cancellation) is { } plugin
            ? plugin with { Spending = await _lanes.SpendingAsync(session, id.Lane, plugin.Costs?.Currency, cancellation) }
            : null;

    /// <summary>What an order at an issuer costs; null where that is not known.</summary>
    public async Task<Cost?> CostAsync(Session session, PluginId issuer, string keyType, IEnumerable<string> features, IEnumerable<string> addOns, CancellationToken cancellation) =>
        (await _store.CostsAsync(session, issuer, cancellation))?.Of(keyType, features, addOns);

    /// <summary>A page of plug-ins by number; of one kind where <paramref name="kind"/> names it.</summary>
    public Task<Result<Page<Plugin>>> ListAsync(Session session, string? kind, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync($"plugins {kind}", (after, rows) => _store.ListAsync(session, kind, after, rows, cancellation), p => p.Id.Value, View);

    /// <summary>
    /// Issuers whose search by trace is to be tried: none was tried since they are what they are, or not for a day. A paused one waits.
    /// </summary>
    public async Task<IReadOnlyList<TraceDue>> TracesDueAsync(Session session, DateTimeOffset now, CancellationToken cancellation) =>
        [.. (await _store.IssuersAsync(session, cancellation))
            .Where(r => r.TraceProvedAt is null || !(now - r.TraceTriedAt < Issuer.ProofLasts))
            .Select(r => new TraceDue(r.Id, r.TraceSince, now - r.TraceTriedAt < Issuer.ProofLasts ? r.TraceTriedAt : null))];

    /// <summary>Issuers with a connection that are not paused, or wait for a comparison after a restore, by number: those whose keys can be asked about.</summary>
    public async Task<IReadOnlyList<Plugin>> ConnectedIssuersAsync(Session session, CancellationToken cancellation) =>
        [.. (await _store.ReadableIssuersAsync(session, cancellation)).Select(View).Where(p => !p.ByHand && p.Problem is null)];

    /// <summary>Plug-ins whose other side has not answered since then, by number; a paused one is not asked at all.</summary>
    public async Task<IReadOnlyList<Plugin>> AwayAsync(Session session, DateTimeOffset since, CancellationToken cancellation) =>
        [.. (await _store.AwayAsync(session, since, cancellation)).Select(View)];

    internal Plugin View(PluginRow row)
    {
        var settings = new SortedDictionary<string, string>(Json.Read<Dictionary<string, string>>(row.Settings), StringComparer.Ordinal);
        foreach (var secret in PluginSecrets.Names(row))
        {
            settings[secret] = Plugin.Hidden;
        }

        var kind = _kinds.Find(row.Kind);
        return new Plugin
        {
            Id = row.Id, Name = row.Name, Kind = row.Kind, Settings = settings, Limits = row.Limits, Costs = row.KnownCosts, PausedAt = row.PausedAt, PausedReason = row.PausedReason, RestoredAt = row.RestoredAt,
            AwaySince = row.AwaySince, AwayCause = row.AwayCause,
            LastCheck = row.CheckedAt is { } at ? new PluginCheck(row.CheckPassed == true, row.CheckText ?? "", row.CheckRemedy, at) : null,
            TraceProvedAt = row.TraceProvedAt, TraceTriedAt = row.TraceTriedAt, Problem = kind.Error?.Detail, ByHand = kind.IsDone && kind.Value.Manifest.ByHand,
            Status = row.Status, OfferAt = row.OfferAt, OfferCause = row.OfferCause, Version = row.Version, CreatedAt = row.CreatedAt, ChangedAt = row.ChangedAt,
        };
    }
}

/// <summary>An issuer whose search by trace is to be tried.</summary>
/// <param name="Id">The plug-in.</param>
/// <param name="Since">Only keys asked for since then prove anything; null for all.</param>
/// <param name="TriedAt">When it was tried in vain less than a day ago: only a key newer than that is worth a try. Null otherwise.</param>
public sealed record TraceDue(PluginId Id, DateTimeOffset? Since, DateTimeOffset? TriedAt);
