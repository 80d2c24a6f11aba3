using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Plugins;

/// <summary>Reads plug-ins for screens, lists and other rooms. No secret leaves it.</summary>
public sealed class PluginReader
{
    private readonly PluginStore _store;
    private readonly PluginKinds _kinds;

    internal PluginReader(PluginStore store, PluginKinds kinds) => (_store, _kinds) = (store, kinds);

    /// <summary>One plug-in; null where there is none.</summary>
    public async Task<Plugin?> FindAsync(Session session, PluginId id, CancellationToken cancellation) =>
        await _store.FindAsync(session, id, cancellation) is { } row ? View(row) : null;

    /// <summary>A page of plug-ins by number; of one kind where <paramref name="kind"/> names it.</summary>
    public Task<Result<Page<Plugin>>> ListAsync(Session session, string? kind, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync($"plugins {kind}", (after, rows) => _store.ListAsync(session, kind, after, rows, cancellation), p => p.Id.Value, View);

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
            Id = row.Id, Name = row.Name, Kind = row.Kind, Settings = settings, Limits = row.Limits, PausedAt = row.PausedAt, PausedReason = row.PausedReason,
            LastCheck = row.CheckedAt is { } at ? new PluginCheck(row.CheckPassed == true, row.CheckText ?? "", row.CheckRemedy, at) : null,
            TraceProvedAt = row.TraceProvedAt, Problem = kind.Error?.Detail, ByHand = kind.IsDone && kind.Value.Manifest.ByHand, Version = row.Version, CreatedAt = row.CreatedAt, ChangedAt = row.ChangedAt,
        };
    }
}
