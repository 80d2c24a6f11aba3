using System.Text.RegularExpressions;
using Keygate.Panel;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel;

/// <summary>Every text of the screens is there in every language, and none is there for nobody.</summary>
public sealed partial class WordsTests
{
    // Keys that are put together from a word of the program; the enums among them are walked below.
    private static readonly string[] Families = ["field.", "help.", "menu.", "bill-type.", "said.", "plug-in.", "director.", "path.", "change-state.", "sample.", "work-state."];

    [Fact]
    public void Each_text_that_a_screen_asks_for_is_there_in_each_language()
    {
        var asked = Sources().SelectMany(s => Asked().Matches(s).SelectMany(m => m.Groups["field"].Success ? [$"field.{m.Groups["field"].Value}", .. HelpOf(m.Groups["field"].Value, m.Groups["rest"].Value)] : new[] { m.Groups["key"].Value })).Where(k => !k.EndsWith('.')).Distinct().ToList();
        asked.Count.ShouldBeGreaterThan(100);
        foreach (var words in Words.All)
        {
            asked.Where(k => !words.Keys.Contains(k)).ShouldBeEmpty(words.Language);
            words.Keys.Except(Words.All[0].Keys).ShouldBeEmpty($"{words.Language} has what English has not");
        }
    }

    [Fact]
    public void Each_member_of_an_enum_that_is_shown_has_a_text()
    {
        Type[] shown =
        [
            typeof(Keygate.Licensing.LicenseState), typeof(Keygate.Orders.OrderState), typeof(Keygate.Licensing.AssignmentState), typeof(Keygate.Orders.ItemStatus),
            typeof(Keygate.Orders.ItemKind), typeof(Keygate.Orders.SubscriptionStatus), typeof(Keygate.Orders.ServiceStatus), typeof(Keygate.Orders.PeriodType),
            typeof(Keygate.Orders.HostingGate), typeof(Keygate.Accounts.StaffRole), typeof(Keygate.Catalog.BillType), typeof(Keygate.Catalog.Activation),
            typeof(Keygate.Catalog.CatalogKind), typeof(Keygate.Catalog.CatalogChangeKind),
            typeof(Keygate.Orders.ChangeWhen), typeof(Keygate.Licensing.SyncStatus), typeof(Keygate.Licensing.SyncCure), typeof(Keygate.Licensing.OfferStanding),
            typeof(Keygate.Plugins.OfferKind), typeof(Keygate.Plugins.OfferItemKind), typeof(Keygate.Plugins.OfferChangeKind), typeof(Keygate.Plugins.PluginStatus), typeof(FirstRunStep), typeof(Keygate.Accounts.ActorKind),
            typeof(Keygate.KeyServer.AccountKind), typeof(Keygate.KeyServer.ActivationRule), typeof(Keygate.KeyServer.BillingType), typeof(Keygate.KeyServer.KeyAct), typeof(Keygate.KeyServer.KeyKind),
            typeof(Keygate.KeyServer.KeyState), typeof(Keygate.KeyServer.LoginRole), typeof(Keygate.KeyServer.RenewalStanding), typeof(Keygate.KeyServer.SigningKeyOrigin), typeof(Keygate.KeyServer.SigningKeyPurpose),
            typeof(Keygate.KeyServer.SigningKeyState), typeof(Keygate.KeyServer.SigningKeyType), typeof(Keygate.KeyServer.VendorAction), typeof(Keygate.KeyServer.VendorActState), typeof(Keygate.KeyServer.VendorWord),
        ];
        foreach (var words in Words.All)
        {
            shown.SelectMany(t => Enum.GetNames(t).Select(n => $"{t.Name}.{n}")).Where(k => !words.Keys.Contains(k)).ShouldBeEmpty(words.Language);
        }
    }

    [Fact]
    public void No_text_is_there_that_no_screen_asks_for()
    {
        var all = string.Concat(Sources());
        Words.All[0].Keys.Where(k => !char.IsUpper(k[0])).Where(k => !all.Contains($"\"{k}\"", StringComparison.Ordinal) && !Families.Any(f => k.StartsWith(f, StringComparison.Ordinal)
            && all.Contains($"\"{k[f.Length..]}\"", StringComparison.Ordinal))).Except(["bill-type.Monthly", "bill-type.Purchase"]).ShouldBeEmpty();
    }

    private static IEnumerable<string> Sources() => Repository.Files()
        .Where(f => f.StartsWith("src/Keygate.Panel/", StringComparison.Ordinal) && (f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal)))
        .Select(f => File.ReadAllText(Path.Combine(Repository.Root, f)));

    // A field's help may have another key than its label; one that is chosen while the page is made is looked for as any other text is.
    private static string[] HelpOf(string field, string rest) =>
        !rest.Contains(" Help=\"", StringComparison.Ordinal) ? [$"help.{field}"] : Helped().Match(rest) is { Success: true } help ? [$"help.{help.Groups["key"].Value}"] : [];

    [GeneratedRegex(""" Help="(?<key>[a-z][^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Helped();

    [GeneratedRegex("""(?:(?:\bT|Words|words)(?:\[|\.Of\()"(?<key>[^"]+)"(?=[\],)]))|"(?<key>(?:said|director|path)\.[^"]+)"|<(?:Field|Choice) Name="(?<field>[^"]+)"(?<rest>(?:(?!/>).)*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Asked();
}
