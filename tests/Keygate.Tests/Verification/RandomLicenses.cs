using System.Globalization;
using System.Text;
using Keygate.Verification;

namespace Keygate.Tests.Verification;

/// <summary>Valid licenses with texts that want every escape.</summary>
internal static class RandomLicenses
{
    // What XML, canonicalization or UTF-8 treat in a way of their own.
    public static readonly string[] Oddities =
    [
        "&", "<", ">", "\"", "'", "]]>", "\t", "\n", "  ", " ", "&amp;", "&#13;", "<!--", "ä", "Ö", "ß", "é", "中文", "日本", "\U0001F600", "\U00010000", "\U0010FFFD",
        "\u007f", "\u0080", "\u0085", "\u00a0", "\u07ff", "\u0800", "\u200b", "\u2028", "\ud7ff", "\ue000", "\ufeff", "\ufffd", "a", "Z", "0", "%", "\\", "=", "/", ";",
    ];

    public static LicenseFile Make(Random random)
    {
        string Text(bool oneLine)
        {
            string text;
            do
            {
                text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Oddities[random.Next(Oddities.Length)]));
                text = oneLine ? text.Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal) : text;
            }
            while (text.Length == 0);
            return text;
        }

        string? Maybe(Func<string> make) => random.Next(2) == 0 ? null : make();
        LicenseDate? MaybeDate(int year) => random.Next(2) == 0 ? null : new LicenseDate(year, random.Next(1, 13), random.Next(1, 29));

        return new LicenseFile
        {
            KeyNumber = $"EXT.{random.Next(100_000_000).ToString("D8", CultureInfo.InvariantCulture)}",
            KeyVersion = random.Next(10_000),
            KeyType = Text(true),
            Features = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Text(true)).Distinct()],
            Product = Text(false),
            ProductVersion = Maybe(() => Text(false)),
            Owner = Maybe(() => Text(false)),
            StartDate = MaybeDate(2025),
            ExpirationDate = MaybeDate(2026),
            UpdateDate = MaybeDate(2027),
            SusDate = MaybeDate(9999),
            LicenseServerUrl = Maybe(() => "https://ka.example.com/?a=<b>&c=\"d\""),
            UpdateTicket = Maybe(() => new string(random.GetItems<char>("0123456789abcdef", 32))),
            Bindings = [.. Enumerable.Range(0, random.Next(3)).Select(i => new LicenseBinding((BindingKind)i, Text(false)))],
            Properties = [.. Enumerable.Range(0, random.Next(4)).Select(i => new LicenseProperty(Text(true) + i, Text(true), random.Next(4) == 0 ? "" : Text(false)))],
            KeyBody = random.Next(2) == 0 ? null : Encoding.UTF8.GetBytes(Text(false)),
        };
    }
}
