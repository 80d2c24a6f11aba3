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
    public async Task<Result<Page<Plugin>>> ListAsync(Session session, string? kind, PageRequest page, CancellationToken cancellation)
    {
        var filter = $"plugins {kind}";
        var after = 0L;
        if (page.Cursor is { } cursor && !Cursor.TryRead(cursor, filter, out _, out after))
        {
            return KernelErrors.CursorForeign;
        }

        var rows = await _store.ListAsync(session, kind, after, page.Limit + 1, cancellation);
        var more = rows.Count > page.Limit;
        return new Page<Plugin>([.. rows.Take(page.Limit).Select(View)], more ? Cursor.After(filter, "", rows[page.Limit - 1].Id.Value) : null);
    }

    internal Plugin View(PluginRow row)
    {
        var settings = new SortedDictionary<string, string>(Json.Read<Dictionary<string, string>>(row.Settings), StringComparer.Ordinal);
        foreach (var secret in PluginSecrets.Names(row))
        {
            settings[secret] = Plugin.Hidden;
        }

        return new Plugin
        {
            Id = row.Id, Name = row.Name, Kind = row.Kind, Settings = settings, Limits = row.Limits, PausedAt = row.PausedAt, PausedReason = row.PausedReason,
            LastCheck = row.CheckedAt is { } at ? new PluginCheck(row.CheckPassed == true, row.CheckText ?? "", row.CheckRemedy, at) : null,
            TraceProvedAt = row.TraceProvedAt, Problem = _kinds.Find(row.Kind).Error?.Detail, Version = row.Version, CreatedAt = row.CreatedAt, ChangedAt = row.ChangedAt,
        };
    }
}
