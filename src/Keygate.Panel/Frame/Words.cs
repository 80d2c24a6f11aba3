using System.Collections.Frozen;
using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Panel;

/// <summary>The texts of the screens in one language. English has all of them; what another language lacks is shown in English.</summary>
public sealed class Words
{
    private static readonly Words English = Read("en", null);

    private readonly FrozenDictionary<string, string> _texts;
    private readonly Words? _else;

    private Words(string language, FrozenDictionary<string, string> texts, Words? otherwise) => (Language, _texts, _else) = (language, texts, otherwise);

    /// <summary>The languages, English first.</summary>
    public static IReadOnlyList<Words> All { get; } = [English, Read("de", English)];

    /// <summary>The language's code, such as <c>en</c>.</summary>
    public string Language { get; }

    /// <summary>The keys that this language has itself.</summary>
    public IReadOnlyCollection<string> Keys => _texts.Keys;

    /// <summary>The text of a key. An unknown key is a fault of ours and shows itself.</summary>
    public string this[string key] => _texts.TryGetValue(key, out var text) ? text : _else?[key] ?? $"[{key}]";

    /// <summary>The text of a key with values in its places {0}, {1} ...</summary>
    public string Of(string key, params object?[] values) => string.Format(CultureInfo.InvariantCulture, this[key], values);

    /// <summary>The text of an enum's member, such as <c>LicenseState.Installed</c>.</summary>
    public string Of<T>(T member)
        where T : struct, Enum => this[$"{typeof(T).Name}.{member}"];

    /// <summary>The first language of an Accept-Language header that there is; English otherwise.</summary>
    public static Words For(string? accepted)
    {
        foreach (var part in (accepted ?? "").Split(','))
        {
            var wanted = part.Split(';')[0].Trim();
            if (All.FirstOrDefault(w => wanted.StartsWith(w.Language, StringComparison.OrdinalIgnoreCase)) is { } found)
            {
                return found;
            }
        }

        return English;
    }

    private static Words Read(string language, Words? otherwise)
    {
        using var stream = typeof(Words).Assembly.GetManifestResourceStream($"Words/{language}.json")!;
        using var reader = new StreamReader(stream);
        return new Words(language, Json.Read<Dictionary<string, string>>(reader.ReadToEnd()).ToFrozenDictionary(StringComparer.Ordinal), otherwise);
    }
}
