using System.Globalization;
using System.Text.RegularExpressions;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Architecture;

/// <summary>The page of what operators asked for names tests that exist, and says of every requirement how it stands.</summary>
public sealed partial class RequirementsTests
{
    private const int Count = 48;

    private static readonly List<(int Number, string ShownBy, string NotYet)> Rows =
    [
        .. from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "reference", "requirements.md"))
           let row = Row().Match(line)
           where row.Success
           select (int.Parse(row.Groups["number"].Value, CultureInfo.InvariantCulture), row.Groups["tests"].Value, row.Groups["rest"].Value.Trim()),
    ];

    [Fact]
    public void Every_requirement_stands_there_once_with_a_test_or_with_what_is_missing()
    {
        Rows.Select(r => r.Number).ShouldBe(Enumerable.Range(1, Count));
        Rows.Where(r => !TestName().IsMatch(r.ShownBy) && !r.NotYet.StartsWith("Not built", StringComparison.Ordinal)).Select(r => r.Number).ShouldBeEmpty();
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal);

        Rows.SelectMany(r => TestName().Matches(r.ShownBy))
            .Where(t => !sources[t.Groups["class"].Value].Any(text => text.Contains($" {t.Groups["method"].Value}(", StringComparison.Ordinal)))
            .Select(t => t.Value).ShouldBeEmpty();
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| [^|]+ \| (?<tests>[^|]*)\| (?<rest>[^|]*)\|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<class>[A-Za-z]+Tests)\\.(?<method>[A-Za-z0-9_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestName();
}
