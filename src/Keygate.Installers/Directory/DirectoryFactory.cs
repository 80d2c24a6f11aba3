using Keygate.Plugins.Abstractions;

namespace Keygate.Installers;

/// <summary>
/// The kind <c>installer.directory</c>: writes license files into a folder of this machine (or of a file system mounted here), one folder
/// for each subscription or target.
/// </summary>
public sealed class DirectoryFactory : IPluginFactory
{
    internal const string Root = "root";

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "installer.directory", "Directory", "Writes license files into a folder of this machine.",
        [
            new(Root, SettingType.Text, "Folder", "Absolute path, such as /srv/licenses. Each subscription or target gets a folder of its own in it; it is made when it is missing.")
            {
                Required = true,
            },
        ]);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) => Path.IsPathFullyQualified(settings[Root])
        ? []
        : [new(Root, $"The folder must be an absolute path, such as /srv/licenses, not '{settings[Root]}'.")];

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new DirectoryInstaller(Path.GetFullPath(context[Root]), context.Logger);
}
