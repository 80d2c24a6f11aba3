using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Plugins;

/// <summary>Settings taken apart: what may be shown, and what may not.</summary>
internal sealed record PluginSettings(SortedDictionary<string, string> Clear, SortedDictionary<string, string> Secret);

/// <summary>Seals the secret settings of a plug-in under the master key; each is bound to its plug-in and field.</summary>
internal sealed class PluginSecrets(MasterKey key)
{
    public string Seal(PluginId id, IReadOnlyDictionary<string, string> secrets) =>
        Json.Write(secrets.ToDictionary(s => s.Key, s => key.Seal(Purpose(id, s.Key), s.Value)));

    public SortedDictionary<string, string> Open(PluginRow row) =>
        new(Json.Read<Dictionary<string, string>>(row.Secrets).ToDictionary(s => s.Key, s => key.OpenText(Purpose(row.Id, s.Key), s.Value).Reveal), StringComparer.Ordinal);

    public static IEnumerable<string> Names(PluginRow row) => Json.Read<Dictionary<string, string>>(row.Secrets).Keys;

    private static string Purpose(PluginId id, string field) => $"plugin/{id}/{field}";
}
