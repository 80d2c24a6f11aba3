using Microsoft.Extensions.Logging;

namespace Keygate.Plugins.Abstractions;

/// <summary>
/// Describes a kind of plug-in and makes instances of it. Keygate finds factories by registration; an operator adds any number of
/// instances, each with settings of its own. The life of an instance: <see cref="Create"/> (no side effects) →
/// <see cref="IPlugin.StartAsync"/> → <see cref="IPlugin.CheckAsync"/> (at will) → use → <see cref="IAsyncDisposable.DisposeAsync"/>,
/// which must work after a half start as well. A change of settings makes a new instance.
/// </summary>
public interface IPluginFactory
{
    /// <summary>What Keygate shows and checks before an instance exists. Constant.</summary>
    PluginManifest Manifest { get; }

    /// <summary>
    /// Judges settings as a person enters them: what can be told without calling outside, all faults at once. Keygate has already seen that
    /// the required ones are there and that each fits its <see cref="SettingField"/>. Pure.
    /// </summary>
    /// <param name="settings">Every field that has a value or a default, as <see cref="PluginContext.Settings"/>.</param>
    IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) => [];

    /// <summary>Makes an instance. Must not call outside, open files or throw for bad settings: that is for <see cref="IPlugin.CheckAsync"/>.</summary>
    IPlugin Create(PluginContext context);
}

/// <summary>What a kind of plug-in says of itself.</summary>
/// <param name="Kind">Namespaced and stable, such as <c>issuer.key-administrator</c> or <c>installer.directory</c>.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">One sentence: what it connects to.</param>
/// <param name="Settings">Its settings, in the order of the form.</param>
public sealed record PluginManifest(string Kind, string Title, string Description, IReadOnlyList<SettingField> Settings)
{
    /// <summary>The version of these contracts that the plug-in was built for; Keygate refuses one that it does not know.</summary>
    public int ContractVersion { get; init; } = Contract.Version;

    /// <summary>
    /// True for an issuer without a connection: Keygate never calls it to issue or to retrieve, and lets a license wait until a person uploads key
    /// and file.
    /// </summary>
    public bool ByHand { get; init; }
}

/// <summary>The version of the contracts in this assembly.</summary>
public static class Contract
{
    /// <summary>Rises when a plug-in must change.</summary>
    public const int Version = 1;
}

/// <summary>What a setting holds.</summary>
public enum SettingType
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>Several lines, such as a certificate in PEM.</summary>
    LongText,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>Text that is stored encrypted and never shown again.</summary>
    Secret,
}

/// <summary>One setting of a plug-in.</summary>
/// <param name="Name">Its name in the settings, camelCase; stable.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Title">Its label.</param>
/// <param name="Help">One or two sentences: meaning, unit, bounds, an example.</param>
public sealed record SettingField(string Name, SettingType Type, string Title, string Help)
{
    /// <summary>True when an instance cannot exist without it.</summary>
    public bool Required { get; init; }

    /// <summary>The value where none is given; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>The least value of a <see cref="SettingType.Number"/>; null for no bound.</summary>
    public long? Minimum { get; init; }

    /// <summary>The greatest value of a <see cref="SettingType.Number"/>; null for no bound.</summary>
    public long? Maximum { get; init; }

    /// <summary>
    /// True when a change of it has no bearing on whether earlier keys are found by their trace, as with a certificate or a time zone. After any other
    /// change Keygate takes the issuer for another one, at which the search has yet to prove itself. Secrets always count as such.
    /// </summary>
    public bool KeepsTrace { get; init; }
}

/// <summary>A setting that cannot be used.</summary>
/// <param name="Setting">Name of the <see cref="SettingField"/>.</param>
/// <param name="Text">What is wrong and what would be right, in one sentence; no secrets.</param>
public sealed record SettingFault(string Setting, string Text);

/// <summary>All that an instance gets: its settings, a logger, a clock. It does not see Keygate's container.</summary>
/// <param name="Settings">Every field of the manifest that has a value or a default, by name; required ones are always there. Secrets in clear: never log them.</param>
/// <param name="Logger">For what helps at 3 a.m.; no secrets, no key files.</param>
/// <param name="Time">The clock for due dates; call time-outs follow real time.</param>
public sealed record PluginContext(IReadOnlyDictionary<string, string> Settings, ILogger Logger, TimeProvider Time)
{
    /// <summary>A setting, or empty text where it has none.</summary>
    public string this[string name] => Settings.TryGetValue(name, out var value) ? value : "";
}

/// <summary>A connection to one remote end. Thread-safe: Keygate calls from several orders at once, within the plug-in's concurrency limit.</summary>
public interface IPlugin : IAsyncDisposable
{
    /// <summary>Prepares for use. May be called again after it failed.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Tries the connection without changing anything at the remote end and says what is wrong: host, port, certificate, credentials,
    /// folder, rights. May be repeated.
    /// </summary>
    Task<Answer<Checked>> CheckAsync(CancellationToken cancellation);
}

/// <summary>A check that went well.</summary>
/// <param name="Facts">What was seen, one sentence, such as <c>Logged in to 127.0.0.1:7050 as provider-api; 12 key types are offered.</c></param>
public sealed record Checked(string Facts);
