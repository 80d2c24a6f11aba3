using System.Globalization;

namespace Keygate.Verification;

/// <summary>The bounds and spellings of version 1. They hold both when a file is written and when one is read.</summary>
internal static class LicenseRules
{
    private static readonly LicenseFault[] None = [];

    public static IReadOnlyList<LicenseFault> Check(LicenseFile file)
    {
        List<LicenseFault>? faults = null;
        void Fault(string field, string? reason)
        {
            if (reason is not null)
            {
                (faults ??= []).Add(new LicenseFault(field, reason));
            }
        }

        Fault(nameof(file.KeyNumber), KeyNumberFault(file.KeyNumber));
        Fault(nameof(file.KeyVersion), file.KeyVersion is < 0 or > LicenseFormat.KeyVersionMax
            ? "The revision must lie between 0 and 9999." : null);
        Fault(nameof(file.KeyType), NameFault(file.KeyType));
        Fault(nameof(file.Product), TextFault(file.Product));
        Fault(nameof(file.ProductVersion), OptionalTextFault(file.ProductVersion));
        Fault(nameof(file.Owner), OptionalTextFault(file.Owner));
        Fault(nameof(file.LicenseServerUrl), AddressFault(file.LicenseServerUrl));
        Fault(nameof(file.UpdateTicket), TicketFault(file.UpdateTicket));
        Fault(nameof(file.SigningKeyId), file.SigningKeyId is null ? null : KeyIdFault(file.SigningKeyId));
        Fault(nameof(file.KeyBody), file.KeyBody is { Length: 0 } ? "An empty key body says nothing: leave it out."
            : file.KeyBody is { Length: > LicenseFormat.KeyBodyBytesMax } ? "The key body is larger than 512 KiB." : null);
        if (file.StartDate is { } start && file.ExpirationDate is { } end && end <= start)
        {
            Fault(nameof(file.ExpirationDate), "The expiration date must be later than the start date.");
        }

        CheckFeatures(file.Features, Fault);
        CheckBindings(file.Bindings, Fault);
        CheckProperties(file.Properties, Fault);
        return (IReadOnlyList<LicenseFault>?)faults ?? None;
    }

    /// <summary>Says why a text cannot be a signing key's id, or null if it can.</summary>
    public static string? KeyIdFault(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "A signing key needs an id.";
        }
        if (text!.Length > LicenseFormat.NameCharsMax)
        {
            return "A signing key's id has at most 128 characters.";
        }
        foreach (var c in text)
        {
            if (!(IsDigit(c) || c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or '.' or '_' or '-'))
            {
                return "A signing key's id holds only letters and digits of ASCII, dots, underlines and hyphens.";
            }
        }
        return null;
    }

    public static string KindText(BindingKind kind) => kind switch
    {
        BindingKind.Ip => "ip",
        BindingKind.HardwareId => "hwid",
        BindingKind.Instance => "instance",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static BindingKind? KindOf(string text) => text switch
    {
        "ip" => BindingKind.Ip,
        "hwid" => BindingKind.HardwareId,
        "instance" => BindingKind.Instance,
        _ => null,
    };

    private static void CheckFeatures(IReadOnlyList<string> features, Action<string, string?> fault)
    {
        if (features.Count > LicenseFormat.ItemsMax)
        {
            fault(nameof(LicenseFile.Features), "A license has at most 1000 features.");
            return;
        }
        var seen = features.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        for (var i = 0; i < features.Count; i++)
        {
            var reason = NameFault(features[i]);
            if (reason is null && seen?.Add(features[i]) == false)
            {
                reason = "This feature is listed twice.";
            }
            if (reason is not null)
            {
                fault(At(nameof(LicenseFile.Features), i), reason);
            }
        }
    }

    private static void CheckBindings(IReadOnlyList<LicenseBinding> bindings, Action<string, string?> fault)
    {
        if (bindings.Count > LicenseFormat.BindingsMax)
        {
            fault(nameof(LicenseFile.Bindings), "A license has at most 100 bindings.");
            return;
        }
        for (var i = 0; i < bindings.Count; i++)
        {
            var reason = bindings[i] is not { } binding ? "A binding is missing."
                : binding.Kind is < BindingKind.Ip or > BindingKind.Instance ? "A license is bound by ip, hwid or instance only."
                : TextFault(binding.Value);
            if (reason is not null)
            {
                fault(At(nameof(LicenseFile.Bindings), i), reason);
            }
        }
    }

    private static void CheckProperties(IReadOnlyList<LicenseProperty> properties, Action<string, string?> fault)
    {
        if (properties.Count > LicenseFormat.ItemsMax)
        {
            fault(nameof(LicenseFile.Properties), "A license has at most 1000 properties.");
            return;
        }
        var seen = properties.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        for (var i = 0; i < properties.Count; i++)
        {
            var reason = properties[i] is not { } property ? "A property is missing."
                : NameFault(property.Name) ?? NameFault(property.Type)
                    ?? (property.Value is null ? "A property needs a value; it may be empty." : LengthFault(property.Value) ?? CharacterFault(property.Value, false))
                    ?? (seen?.Add(property.Name) == false ? "A property of this name is listed twice." : null);
            if (reason is not null)
            {
                fault(At(nameof(LicenseFile.Properties), i), reason);
            }
        }
    }

    private static string At(string list, int index) => list + "[" + index.ToString(CultureInfo.InvariantCulture) + "]";

    private static string? KeyNumberFault(string? text)
    {
        const string Reason = "A key number is written PREFIX.NUMBER: 1 to 16 upper-case letters or digits, a dot, 8 to 18 digits.";
        var dot = text?.IndexOf('.') ?? -1;
        if (dot is < 1 or > 16 || text!.Length - dot - 1 is < 8 or > 18)
        {
            return Reason;
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (i != dot && !IsDigit(text[i]) && !(i < dot && text[i] is >= 'A' and <= 'Z'))
            {
                return Reason;
            }
        }
        return null;
    }

    private static string? TicketFault(string? text)
    {
        const string Reason = "An update ticket is 32 lower-case hexadecimal digits.";
        if (text is null)
        {
            return null;
        }
        if (text.Length != LicenseFormat.UpdateTicketChars)
        {
            return Reason;
        }
        foreach (var c in text)
        {
            if (!IsDigit(c) && c is not (>= 'a' and <= 'f'))
            {
                return Reason;
            }
        }
        return null;
    }

    private static string? AddressFault(string? text)
    {
        if (text is null)
        {
            return null;
        }
        if (LengthFault(text) is { } tooLong)
        {
            return tooLong;
        }
        var host = text.StartsWith("https://", StringComparison.Ordinal) ? 8 : text.StartsWith("http://", StringComparison.Ordinal) ? 7 : -1;
        if (host < 0 || host == text.Length)
        {
            return "The license server's address begins with https:// or http:// and names a host.";
        }
        foreach (var c in text)
        {
            if (c is <= ' ' or >= (char)0x7F)
            {
                return "The license server's address holds only visible characters of ASCII: escape the others.";
            }
        }
        return null;
    }

    /// <summary>Names stand in attributes or are compared by products, so that they hold no line ends and no tabs.</summary>
    private static string? NameFault(string? text) =>
        string.IsNullOrEmpty(text) ? "This must not be empty."
        : text!.Length > LicenseFormat.NameCharsMax ? "This has at most 128 characters."
        : CharacterFault(text, true);

    private static string? TextFault(string? text) => string.IsNullOrEmpty(text) ? "This must not be empty." : LengthFault(text!) ?? CharacterFault(text!, false);

    private static string? OptionalTextFault(string? text) =>
        text is null ? null : text.Length == 0 ? "An empty text says nothing: leave it out." : TextFault(text);

    private static string? LengthFault(string text) => text.Length > LicenseFormat.TextCharsMax ? "This has at most 4096 characters." : null;

    private static string? CharacterFault(string text, bool oneLine)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is >= ' ' and < (char)0xD800 or >= (char)0xE000 and <= (char)0xFFFD)
            {
                continue;
            }
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }
            switch (c)
            {
                case '\t' or '\n' when !oneLine:
                    continue;
                case '\t' or '\n':
                    return "This may hold neither tabs nor line ends.";
                case '\r':
                    return "This may hold no carriage return: end lines with a line feed alone.";
                default:
                    return string.Format(CultureInfo.InvariantCulture, "This holds the character U+{0:X4} at position {1}, which XML does not allow.", (int)c, i);
            }
        }
        return null;
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
