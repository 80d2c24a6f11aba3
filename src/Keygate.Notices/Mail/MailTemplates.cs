using System.Reflection;
using System.Text.RegularExpressions;
using Keygate.Kernel;

namespace Keygate.Notices;

/// <summary>Subject and body of a mail, with placeholders such as <c>{{keyNumber}}</c>.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Body">The body, plain text.</param>
public sealed record MailText(string Subject, string Body);

/// <summary>The built-in texts, and how placeholders are filled.</summary>
internal static partial class MailTemplates
{
    public static readonly IReadOnlyList<string> Languages = ["en", "de"];

    private static readonly Dictionary<string, Dictionary<string, MailText>> BuiltIn = Languages.ToDictionary(l => l, Load, StringComparer.Ordinal);

    /// <summary>What can be sent: <c>customer/</c> or <c>operator/</c>, and the event's topic.</summary>
    public static IReadOnlyCollection<string> Topics => BuiltIn["en"].Keys;

    public static MailText Of(string topic, string language) => BuiltIn[language][topic];

    /// <summary>Fills placeholders; one that the event has nothing for stays empty.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values) =>
        Placeholder().Replace(text, m => values.GetValueOrDefault(m.Groups[1].Value, ""));

    private static Dictionary<string, MailText> Load(string language)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"mail/{language}.json")!;
        using var reader = new StreamReader(stream);
        return Json.Read<Dictionary<string, MailText>>(reader.ReadToEnd());
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
