using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Keygate.KeyServer;

/// <summary>A key's number, <c>PREFIX.NNNNNNNN.RRRR</c>. Only the eight digits identify the key; the revision rises with its content.</summary>
/// <param name="Prefix">The product's prefix.</param>
/// <param name="Key">The eight digits.</param>
/// <param name="Revision">The revision, from 0.</param>
public readonly record struct KeyNumber(string Prefix, KeyId Key, int Revision)
{
    /// <summary>The highest number that eight digits can say.</summary>
    public const int NumberMax = 99_999_999;

    /// <summary>The highest revision that four digits can say.</summary>
    public const int RevisionMax = 9999;

    /// <summary>The number without its revision, as license files write it.</summary>
    public string Stem => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{Key.Value:D8}");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stem}.{Revision:D4}");
}

/// <summary>What a caller names a key by: its number with or without revision, or its activation code.</summary>
internal sealed partial record KeyName
{
    private KeyName(string prefix, KeyId? number, string? activationCode) => (Prefix, Number, ActivationCode) = (prefix, number, activationCode);

    /// <summary>The prefix; empty for an activation code, and where the digits alone were given.</summary>
    public string Prefix { get; }

    /// <summary>The eight digits; null for an activation code.</summary>
    public KeyId? Number { get; }

    /// <summary>The activation code; null for a number.</summary>
    public string? ActivationCode { get; }

    /// <summary>A key by its digits alone, whatever its prefix.</summary>
    public static KeyName Of(KeyId number) => new("", number, null);

    /// <summary>Reads either form, in any case and with blanks around it; the revision is not looked at.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out KeyName? name)
    {
        name = null;
        var trimmed = text.Length <= 64 ? text.Trim().ToUpperInvariant() : "";
        if (NumberForm().Match(trimmed) is { Success: true } match)
        {
            name = new KeyName(match.Groups[1].Value, KeyId.Of(int.Parse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)), null);
        }
        else if (CodeForm().IsMatch(trimmed))
        {
            name = new KeyName("", null, trimmed);
        }

        return name is not null;
    }

    [GeneratedRegex(@"^([A-Z0-9]{1,16})\.([0-9]{8})(?:\.[0-9]{4})?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NumberForm();

    [GeneratedRegex(@"^[A-Z0-9]{6}(?:-[A-Z0-9]{6}){4}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodeForm();
}
