using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;

namespace Keygate.Issuers;

/// <summary>
/// The kind <c>issuer.simulated</c>: an issuer without a company behind it, as a sandbox for plans and scripts. It keeps real books of the keys it
/// made, and misbehaves as its settings say: by chance with a seed, so that a run can be repeated, or by a script.
/// </summary>
public sealed class SimulatedFactory : IPluginFactory
{
    internal const string KeyTypes = "keyTypes", Features = "features";

    internal static readonly SandboxKind Sandbox = new()
    {
        Name = "simulated issuer",
        Verbs = ["issue", "retrieve", "activate", "renew", "change", "suspend", "resume", "terminate", "find", "offer", "list"],
        Calls = "Requests",
        Act = "make the key",
        ActTwice = "make a second key",
        Refusal = "244 Refused by chance",
    };

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "issuer.simulated", "Simulated issuer", "Makes keys that no product accepts, and misbehaves as told: for trying things out.",
        [
            .. Sandbox.Settings,
            new(KeyTypes, SettingType.LongText, "Key types offered", "What its account may order, by identifier, with spaces or line breaks between. Nothing here and below: anything.") { KeepsTrace = true },
            new(Features, SettingType.LongText, "Features offered", "Features and upgrade plans that its account may order, likewise.") { KeepsTrace = true },
        ]);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) => Sandbox.Faults(settings);

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new Simulated(context);
}
