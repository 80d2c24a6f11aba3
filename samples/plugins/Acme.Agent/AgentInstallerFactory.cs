using Keygate.Plugins.Abstractions;

namespace Acme.Agent;

/// <summary>Says what this kind of plug-in is and which settings it takes, and makes instances.</summary>
public sealed class AgentInstallerFactory : IPluginFactory
{
    public PluginManifest Manifest { get; } = new("installer.acme-agent", "Acme agent", "Hands license files to the agent that runs beside Acme's product.",
    [
        new SettingField("address", SettingType.Text, "Address", "Where the agent listens, such as https://agent.example.net:7080/.") { Required = true },
        new SettingField("password", SettingType.Secret, "Password", "What the agent asks for.") { Required = true },
    ]);

    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) =>
        Uri.TryCreate(settings["address"], UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? []
            : [new SettingFault("address", $"'{settings["address"]}' is no address; write one such as https://agent.example.net:7080/.")];

    // No side effects here: nothing is sent before the first verb.
    public IPlugin Create(PluginContext context) => new AgentInstaller(new Uri(context["address"]), context["password"]);
}
