using Keygate.Plugins.Abstractions;
using Answer = Keygate.Work.Answer;

namespace Keygate.Plugins;

/// <summary>
/// An installer plug-in under guard. Ask <see cref="PluginHost"/> for it before each act and don't keep it. It answers in Work's words, and
/// throws only when its cancellation calls it off, or when a transaction is open.
/// </summary>
public sealed class Installer
{
    private readonly PluginHost _host;
    private readonly LoadedPlugin _loaded;

    internal Installer(PluginHost host, LoadedPlugin loaded) => (_host, _loaded) = (host, loaded);

    /// <summary>Its number.</summary>
    public PluginId Id => _loaded.Row.Id;

    /// <summary>Its name.</summary>
    public string Name => _loaded.Row.Name;

    /// <summary>Installs the files of a license; the value is an <see cref="Installation"/>. Repeatable.</summary>
    public async Task<Answer> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        var installer = (IInstaller)_loaded.Instance.Plugin;
        return (await _host.CallAsync(_loaded, "install", token => installer.InstallAsync(request, token), cancellation)).Answer;
    }

    /// <summary>True when files can be removed from here.</summary>
    public bool CanRemove => _loaded.Instance.Plugin is IRemovesLicenses;

    /// <summary>Removes the files of a license; the value is a <see cref="Removal"/>. Repeatable.</summary>
    public async Task<Answer> RemoveAsync(RemoveRequest request, CancellationToken cancellation) =>
        _loaded.Instance.Plugin is IRemovesLicenses removes
            ? (await _host.CallAsync(_loaded, "remove", token => removes.RemoveAsync(request, token), cancellation)).Answer
            : Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot remove license files.").Mend("Remove the file on the machine yourself, then say so."));
}
