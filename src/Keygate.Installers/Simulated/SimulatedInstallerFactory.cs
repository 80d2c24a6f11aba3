using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;

namespace Keygate.Installers;

/// <summary>
/// The kind <c>installer.simulated</c>: an installer without a machine behind it, as a sandbox for plans and scripts. It keeps books of the files it
/// put in place, and misbehaves as its settings say: by chance with a seed, so that a run can be repeated, or by a script.
/// </summary>
public sealed class SimulatedInstallerFactory : IPluginFactory
{
    internal static readonly SandboxKind Sandbox = new()
    {
        Name = "simulated installer",
        Verbs = ["install", "remove"],
        Calls = "Installations",
        Act = "put the files in place",
        ActTwice = "arrive a second time",
        Refusal = "28 No space is left, by chance",
    };

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "installer.simulated", "Simulated installer", "Installs nowhere, keeps books of it, and misbehaves as told: for trying things out.", Sandbox.Settings);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) => Sandbox.Faults(settings);

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new SimulatedInstaller(context);
}
