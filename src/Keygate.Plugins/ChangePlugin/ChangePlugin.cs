using System.Data.Common;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>What is to be changed of a plug-in; what is left out stays.</summary>
public sealed record ChangePluginRequest
{
    /// <summary>A new name.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// New values by setting. A setting that is left out stays; null takes it away, so that its default holds; a secret sent back as
    /// <see cref="Plugin.Hidden"/> stays.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Settings { get; init; }

    /// <summary>All limits anew.</summary>
    public PluginLimits? Limits { get; init; }

    /// <summary>All costs anew; without a key type, none is known any more.</summary>
    public PluginCosts? Costs { get; init; }

    /// <summary>The version that the change was made from; null to change whatever is there.</summary>
    public int? Version { get; init; }
}

/// <summary>Changes a plug-in. Calls under way end with the old settings, later ones use the new.</summary>
public sealed class ChangePlugin
{
    private readonly PluginStore _store;
    private readonly PluginKinds _kinds;
    private readonly PluginSecrets _secrets;
    private readonly PluginReader _reader;
    private readonly Lanes _lanes;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal ChangePlugin(PluginStore store, PluginKinds kinds, PluginSecrets secrets, PluginReader reader, Lanes lanes, WorkQueue queue, Audit audit) =>
        (_store, _kinds, _secrets, _reader, _lanes, _queue, _audit) = (store, kinds, secrets, reader, lanes, queue, audit);

    /// <summary>In this order: it exists, nobody changed it meanwhile, all faults of name, settings, limits and costs at once, the name is free.</summary>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, PluginId id, ChangePluginRequest request, Actor actor, CancellationToken cancellation)
    {
        var row = await _store.FindForUpdateAsync(tx, id, cancellation);
        if (row is null)
        {
            return PluginHost.NotFound(id);
        }

        if (request.Version is { } version && version != row.Version)
        {
            return PluginsErrors.ChangedMeanwhile.Because($"Your change was made from version {version}; '{row.Name}' has version {row.Version} by now.");
        }

        if (!_kinds.Find(row.Kind).TryGet(out var kind, out var unknown))
        {
            return unknown;
        }

        var name = request.Name?.Trim() ?? row.Name;
        var limits = request.Limits ?? row.Limits;
        var costs = request.Costs is { KeyTypes.Count: 0 } ? null : request.Costs ?? row.KnownCosts;
        var secrets = _secrets.Open(row);
        var faults = PluginNames.Faults(name).Concat(limits.Faults(costs)).ToList();
        faults.AddRange(kind.Check(Merge(row, secrets, request.Settings), secrets, out var settings));
        if (Error.Of(faults) is { } error)
        {
            return error;
        }

        if (name != row.Name && await _store.NameTakenAsync(tx, name, id, cancellation))
        {
            return PluginNames.Taken(name);
        }

        try
        {
            if (!await _store.ChangeAsync(tx, row, name, settings, limits, costs, KeepsTrace(kind, row, settings), cancellation))
            {
                return PluginsErrors.ChangedMeanwhile;
            }
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            return PluginNames.Taken(name);
        }

        // Also where the limits stay: what waited for a wrong setting to be mended is tried again at once.
        await _lanes.SetAsync(tx, limits.LaneOf(id), cancellation);

        // The trail names what was changed; old and new values may be secrets.
        string[] changed = [.. name == row.Name ? [] : new[] { "name" }, .. limits == row.Limits ? [] : new[] { "limits" }, .. request.Costs is null ? [] : new[] { "costs" }, .. request.Settings?.Keys ?? []];
        await _audit.AddAsync(tx, actor, "plugin.changed", id.Subject, string.Join(", ", changed), cancellation);
        var after = (await _reader.FindAsync(tx, id, cancellation))!;
        if (row.IsIssuer && request.Settings is not null)
        {
            await FetchOfferProcess.StartAsync(tx, _queue, id, cancellation);
        }

        return after;
    }

    private static bool KeepsTrace(PluginKind kind, PluginRow row, PluginSettings settings)
    {
        var before = kind.Complete(new PluginSettings(Json.Read<SortedDictionary<string, string>>(row.Settings), new(StringComparer.Ordinal)));
        var after = kind.Complete(new PluginSettings(settings.Clear, new(StringComparer.Ordinal)));
        return kind.Manifest.Settings.All(f => f.KeepsTrace || before.GetValueOrDefault(f.Name) == after.GetValueOrDefault(f.Name));
    }

    // A setting that an older version of the kind had, and this one hasn't, falls away without being a fault of the caller's.
    private Dictionary<string, string?> Merge(PluginRow row, IReadOnlyDictionary<string, string> secrets, IReadOnlyDictionary<string, string?>? changes)
    {
        var known = _kinds.All.First(m => m.Kind == row.Kind).Settings.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var merged = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (setting, value) in Json.Read<Dictionary<string, string>>(row.Settings).Concat(secrets).Where(s => known.Contains(s.Key)))
        {
            merged[setting] = value;
        }

        foreach (var (setting, value) in changes ?? new Dictionary<string, string?>())
        {
            merged[setting] = value;
        }

        return merged;
    }
}
