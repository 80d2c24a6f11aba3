using System.Text.RegularExpressions;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Architecture;

/// <summary>What readers of the repository would trip over.</summary>
public sealed partial class TidyTests
{
    private const int ScreenLines = 70;

    // Spelled in halves, so that this file does not find itself.
    private static readonly Regex StrayWords = new($@"\b({"TO"}DO|{"FIX"}ME|{"HA"}CK|{"NotImple"}mentedException)\b", RegexOptions.None, TimeSpan.FromSeconds(5));
    private static readonly Regex MachinePaths = new($@"(?<![\w./:-])/({"wo"}rk|{"ho"}me|{"ro"}ot|{"Us"}ers)/\w|[A-Z]:\\{"Us"}ers\\", RegexOptions.None, TimeSpan.FromSeconds(5));

    [Fact]
    public void No_stray_words() => Hits(StrayWords).ShouldBeEmpty();

    [Fact]
    public void No_paths_of_somebodys_machine() => Hits(MachinePaths).ShouldBeEmpty();

    [Fact]
    public void Finds_what_it_looks_for()
    {
        StrayWords.IsMatch("// " + "TO" + "DO: later").ShouldBeTrue();
        StrayWords.IsMatch("mas" + "TO" + "DON").ShouldBeFalse();
        MachinePaths.IsMatch("see /" + "home/someone/x").ShouldBeTrue();
        MachinePaths.IsMatch("https://example.net/" + "home/x").ShouldBeFalse();
    }

    [Fact]
    public void Every_room_tells_on_one_screen_what_it_is()
    {
        var rooms = Directory.GetDirectories(Path.Combine(Repository.Root, "src"));

        rooms.Length.ShouldBeGreaterThan(15);
        rooms.Select(room => (Room: Path.GetFileName(room), Readme: Path.Combine(room, "README.md")))
            .Select(r => !File.Exists(r.Readme) ? $"{r.Room} has no README.md"
                : File.ReadAllLines(r.Readme).Length is var lines && lines > ScreenLines ? $"{r.Room}: README.md has {lines} lines, {ScreenLines} are a screen" : "")
            .Where(fault => fault.Length > 0).ShouldBeEmpty();
    }

    /// <summary>An error that is made where it happens is in no list, and its code is not stable.</summary>
    [Fact]
    public void No_error_is_made_on_the_spot() => Repository.Files()
        .Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal) && !f.EndsWith("Errors.cs", StringComparison.Ordinal))
        .Where(f => MadeOnTheSpot().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, f))))
        .ShouldBeEmpty();

    /// <summary>Relative links of our pages lead to files that exist.</summary>
    [Fact]
    public void No_link_leads_nowhere() => Repository.Files().Where(f => f.EndsWith(".md", StringComparison.Ordinal) && !IsSourceDocument(f))
        .SelectMany(file => Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, file))).Select(m => (file, Target: m.Groups[1].Value)))
        .Where(link => !link.Target.Contains("://", StringComparison.Ordinal) && link.Target.Split('#')[0] is { Length: > 0 } path
            && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(link.file)!, path)))
        .Select(link => $"{link.file}: {link.Target}")
        .ShouldBeEmpty();

    private static IEnumerable<string> Hits(Regex regex) => Repository.Files().Where(IsText).Where(f => !IsSourceDocument(f)).SelectMany(file =>
        File.ReadLines(Path.Combine(Repository.Root, file)).Select((line, i) => (line, i)).Where(l => regex.IsMatch(l.line)).Select(l => $"{file}:{l.i + 1}: {l.line.Trim()}"));

    private static bool IsText(string file) => Path.GetExtension(file) is "" or ".cs" or ".md" or ".csproj" or ".props" or ".targets" or ".json" or ".sql" or ".sh" or ".slnx"
        or ".txt" or ".xml" or ".razor" or ".css" or ".js" or ".yml" or ".svg";

    // Given from outside, and quoted as they are.
    private static bool IsSourceDocument(string file) => file.StartsWith("docs/reference/business-automation", StringComparison.Ordinal) || file.StartsWith("docs/reference/partner-api-", StringComparison.Ordinal);

    [GeneratedRegex(@"new Error\(|new\(\s*""[a-z]+\.[a-z0-9-]+"",\s*ErrorKind\.", RegexOptions.None, 5000)]
    private static partial Regex MadeOnTheSpot();

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.None, 5000)]
    private static partial Regex Link();
}
