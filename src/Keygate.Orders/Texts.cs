using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>The bounds of texts that callers give.</summary>
internal static class Texts
{
    public const int NameMax = 250;

    public const int TextMax = 1000;

    public static Error? Name(string value, string field) =>
        string.IsNullOrWhiteSpace(value) || value.Length > NameMax || value.Any(char.IsControl)
            ? OrdersErrors.NameInvalid.Because($"'{Shown(value)}' is not a name of 1 to {NameMax} characters on one line.").At(field)
            : null;

    public static Error? Text(string? value, string field) =>
        value?.Length > TextMax ? OrdersErrors.TextTooLong.Because($"The text has {value.Length} characters; {TextMax} are allowed.").At(field) : null;

    public static Error? Reason(string? value) =>
        string.IsNullOrWhiteSpace(value) || value.Length > TextMax
            ? OrdersErrors.ReasonMissing.Because(string.IsNullOrWhiteSpace(value) ? "No reason is given." : $"The reason has {value.Length} characters.").At("reason")
            : null;

    private static string Shown(string value) => value.Length <= 40 ? value : value[..40] + "...";
}
