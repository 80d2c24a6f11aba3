using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Keygate.Api;
using Keygate.Kernel;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Architecture;

/// <summary>All errors that the rooms declare: what scripts match, and what people read when something fails.</summary>
public sealed partial class ErrorListTests
{
    private static readonly IReadOnlyList<(string Room, FieldInfo Field, Error Error)> All =
    [
        .. from room in House.Assemblies()
           from type in room.Value.GetTypes()
           from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           where field.FieldType == typeof(Error)
           select (room.Key, field, (Error)field.GetValue(null)!),
    ];

    [Fact]
    public void Every_error_stands_in_the_list_of_its_room() => All
        .Where(e => e.Field.DeclaringType!.Name != $"{e.Room.Replace(".", "", StringComparison.Ordinal)}Errors" || !e.Field.IsPublic || !e.Field.IsInitOnly)
        .Select(e => $"{e.Field.DeclaringType!.FullName}.{e.Field.Name}").ShouldBeEmpty();

    [Fact]
    public void Every_code_begins_with_its_room_and_is_its_own()
    {
        All.Count.ShouldBeGreaterThan(50);
        All.Where(e => !Code().IsMatch(e.Error.Code) || !string.Equals(e.Error.Code.Split('.')[0], e.Room.Replace(".", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
            .Select(e => $"{e.Room}: {e.Error.Code}").ShouldBeEmpty();
        All.GroupBy(e => e.Error.Code).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();
    }

    [Fact]
    public void Every_error_has_a_title_and_a_remedy() => All
        .Where(e => e.Error.Title.Length < 10 || e.Error.Title.EndsWith('.')
            || e.Error.Remedy.Length < 10 || !e.Error.Remedy.EndsWith('.') || e.Error.Remedy == e.Error.Title)
        .Select(e => $"{e.Error.Code}: {e.Error.Title} / {e.Error.Remedy}").ShouldBeEmpty();

    [Fact]
    public void The_page_lists_them_all()
    {
        var page = new StringBuilder(
            """
            # Errors

            Made by a test from the declarations; it fails when this page drifts from them. Codes are stable: scripts may match them. REST answers a
            problem with `code`, `title`, `detail` (what happened this time), `remedy` and, where one is at fault, `field`.

            """);
        foreach (var room in House.Order.Where(r => All.Any(e => e.Room == r)))
        {
            page.Append($"\n## {room}\n\n| code | kind, status | what | remedy |\n| --- | --- | --- | --- |\n");
            foreach (var (_, _, error) in All.Where(e => e.Room == room).OrderBy(e => e.Error.Code, StringComparer.Ordinal))
            {
                page.Append($"| `{error.Code}` | {error.Kind}, {Problems.StatusOf(error.Kind)} | {Cell(error.Title)} | {Cell(error.Remedy)} |\n");
            }
        }

        Approve.File(page.ToString(), Path.Combine(Repository.Root, "docs/reference/errors.md"));
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.None, 1000)]
    private static partial Regex Code();
}
