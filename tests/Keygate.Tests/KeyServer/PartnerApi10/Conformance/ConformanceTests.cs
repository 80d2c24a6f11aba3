using System.Globalization;
using System.Text;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>
/// One case per method, form and result code of the Partner API 1.0 reference, sent as raw text over TLS. The page in docs/reference says what is covered, what
/// cannot occur and why, and what is missing.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly Suite Suite = new();

    [Theory, BothEngines]
    public async Task Every_case_gets_its_code(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var wrong = new StringBuilder();

        foreach (var one in Suite.Cases)
        {
            var answer = await world.SendAsync(one.Method, await one.Arguments(world));
            if (answer.Code != one.Code)
            {
                wrong.AppendLine(CultureInfo.InvariantCulture, $"{one.Method}({one.Form}): {answer.Code} in place of {one.Code}: {answer.Description}");
            }
            else if (answer.Description.Length == 0)
            {
                wrong.AppendLine(CultureInfo.InvariantCulture, $"{one.Method}({one.Form}): {answer.Code} says nothing.");
            }
        }

        wrong.ToString().ShouldBe("");
    }

    [Fact]
    public async Task Every_method_of_the_server_has_its_cases()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);

        // What Keygate has of its own beside the reference is called otherwise.
        Suite.Methods.Select(m => $"partner10.{m.Method}").Order(StringComparer.Ordinal).ShouldBe(server.Get<PartnerDoor>().Dispatcher.Methods.Select(m => m.Method)
            .Where(m => !m.StartsWith("keygate.", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_shows_what_is_covered_and_what_is_not() =>
        Approve.File(Page(), Path.Combine(Repository.Root, "docs/reference/partner-api-coverage.md"));

    private static string Page()
    {
        var forms = Suite.Cases.Select(c => (c.Method, c.Form)).Distinct().ToList();
        var cells = Suite.Methods.SelectMany(m => forms.Where(f => f.Method == m.Method).SelectMany(f => m.Codes.Select(code => Cell(m.Method, f.Form, code)))).ToList();
        var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Coverage of Partner API 1.0

            Made by the conformance suite, which sends {Suite.Cases.Count} requests to each of the two databases, written from the reference as raw text, one or more for every method, form
            and result code; it fails when one is answered otherwise. Of {cells.Count} places {cells.Count(c => c == "yes")} are covered,
            {cells.Count(c => c == "can't occur")} cannot occur, and {cells.Count(c => c == "**missing**")} are missing. Codes in brackets are answered beyond what the reference lists for the method: the [decisions](../adr/0019-what-partner-api-1-leaves-open.md) say why.

            """));
        foreach (var (method, section, codes) in Suite.Methods)
        {
            var own = forms.Where(f => f.Method == method).Select(f => f.Form).ToList();
            page.Append(CultureInfo.InvariantCulture, $"\n## {method} ({section})\n\n| code | {string.Join(" | ", own)} |\n| --- |{string.Concat(own.Select(_ => " --- |"))}\n");
            foreach (var code in codes.Union(Suite.Cases.Where(c => c.Method == method).Select(c => c.Code)).Order())
            {
                var name = codes.Contains(code) ? $"{code}" : $"({code})";
                var row = own.Select(form => codes.Contains(code) ? Cell(method, form, code) : Covers(method, form, code) ? "yes" : "");
                page.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", row)} |\n");
            }

            foreach (var gaps in Suite.Gaps.Where(g => g.Method == method).GroupBy(g => (g.Reason, g.CanOccur)))
            {
                var list = string.Join(", ", gaps.Select(g => g.Code).Distinct().Order());
                page.Append(CultureInfo.InvariantCulture, $"\n- {list} {(gaps.Key.CanOccur ? "missing" : "can't occur")}: {gaps.Key.Reason}.");
            }

            page.Append(Suite.Gaps.Any(g => g.Method == method) ? "\n" : "");
        }

        return page.ToString();
    }

    private static string Cell(string method, string form, int code)
    {
        var gap = Suite.Gaps.FirstOrDefault(g => g.Method == method && g.Code == code && (g.Form is null || g.Form == form));
        return Covers(method, form, code) ? "yes" : gap is { CanOccur: false } ? "can't occur" : "**missing**";
    }

    private static bool Covers(string method, string form, int code) => Suite.Cases.Any(c => c.Method == method && c.Form == form && c.Code == code);
}
