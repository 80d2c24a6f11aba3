using System.Globalization;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;

namespace Keygate.Plugins;

/// <summary>The kinds of plug-in that are installed. Constant while the program runs; thread-safe.</summary>
public sealed class PluginKinds
{
    private readonly SortedDictionary<string, IPluginFactory> _kinds = new(StringComparer.Ordinal);

    /// <summary>Collects the registered factories. Throws where two claim one kind: the composition is wrong.</summary>
    public PluginKinds(IEnumerable<IPluginFactory> factories)
    {
        foreach (var factory in factories)
        {
            if (!_kinds.TryAdd(factory.Manifest.Kind, factory))
            {
                throw new InvalidOperationException($"Two plug-ins claim the kind '{factory.Manifest.Kind}'.");
            }
        }
    }

    /// <summary>What each kind says of itself, by kind.</summary>
    public IReadOnlyList<PluginManifest> All => [.. _kinds.Values.Select(f => f.Manifest)];

    internal Result<PluginKind> Find(string kind)
    {
        if (!_kinds.TryGetValue(kind, out var factory))
        {
            return PluginsErrors.KindUnknown.Because($"There is no kind '{kind}'; there are {string.Join(", ", _kinds.Keys)}.").At("kind");
        }

        return factory.Manifest.ContractVersion == Contract.Version
            ? new PluginKind(factory)
            : PluginsErrors.ContractUnknown.Because(
                $"'{kind}' was built for version {factory.Manifest.ContractVersion} of the contract, this Keygate has {Contract.Version}.").At("kind");
    }
}

/// <summary>A kind that this Keygate can use.</summary>
internal sealed class PluginKind(IPluginFactory factory)
{
    public PluginManifest Manifest { get; } = factory.Manifest;

    public IPlugin Create(PluginContext context) => factory.Create(context);

    /// <summary>
    /// Takes given settings apart and finds all their faults at once. <paramref name="present"/> are the secrets that the plug-in has already:
    /// one that is sent back hidden stays as it is.
    /// </summary>
    public IReadOnlyList<Error> Check(
        IReadOnlyDictionary<string, string?> given, IReadOnlyDictionary<string, string> present, out PluginSettings settings)
    {
        var faults = new List<Error>();
        settings = new PluginSettings(new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        foreach (var name in given.Keys.Where(name => Manifest.Settings.All(f => f.Name != name)))
        {
            faults.Add(Fault(name, $"{Manifest.Title} has no setting '{name}'; it has {string.Join(", ", Manifest.Settings.Select(f => f.Name))}."));
        }

        foreach (var field in Manifest.Settings)
        {
            var value = given.GetValueOrDefault(field.Name);
            if (field.Type == SettingType.Secret && value == Plugin.Hidden)
            {
                value = present.GetValueOrDefault(field.Name);
            }

            if (string.IsNullOrWhiteSpace(value))
            {
                if (field is { Required: true, Default: null })
                {
                    faults.Add(Fault(field.Name, $"{field.Title} is missing."));
                }

                continue;
            }

            if (FaultOf(field, value) is { } fault)
            {
                faults.Add(Fault(field.Name, fault));
            }
            else
            {
                (field.Type == SettingType.Secret ? settings.Secret : settings.Clear)[field.Name] = field.Type is SettingType.Secret or SettingType.LongText ? value : value.Trim();
            }
        }

        // The plug-in judges only settings that are sound as far as Keygate can tell.
        if (faults.Count == 0)
        {
            faults.AddRange(factory.Faults(Complete(settings)).Select(f => Fault(f.Setting, f.Text)));
        }

        return faults;
    }

    /// <summary>The settings as an instance gets them: with defaults.</summary>
    public SortedDictionary<string, string> Complete(PluginSettings settings)
    {
        var complete = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in Manifest.Settings)
        {
            if ((settings.Clear.GetValueOrDefault(field.Name) ?? settings.Secret.GetValueOrDefault(field.Name) ?? field.Default) is { } value)
            {
                complete[field.Name] = value;
            }
        }

        return complete;
    }

    private static string? FaultOf(SettingField field, string value) => field.Type switch
    {
        SettingType.Number => !long.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? $"{field.Title} must be a whole number, not '{value}'."
            : number < (field.Minimum ?? long.MinValue) || number > (field.Maximum ?? long.MaxValue)
                ? string.Create(CultureInfo.InvariantCulture, $"{field.Title} must be {field.Minimum} to {field.Maximum}, not {number}.")
                : null,
        SettingType.Flag => value.Trim() is "true" or "false" ? null : $"{field.Title} must be true or false, not '{value}'.",
        SettingType.Text => value.Any(char.IsControl) ? $"{field.Title} must be one line of text." : null,
        _ => null,
    };

    private static Error Fault(string setting, string text) => PluginsErrors.SettingInvalid.Because(text).At($"settings.{setting}");
}
