using FsCheck;
using FsCheck.Fluent;
using Keygate.Installers;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers;

public sealed class SafeNameTests
{
    [Theory]
    [InlineData("PLSK.00041207.xml", "PLSK.00041207.xml")]
    [InlineData("shop.example.com", "shop.example.com")]
    [InlineData("..", "%2E.")]
    [InlineData("../etc", "%2E.%2Fetc")]
    [InlineData(".hidden", "%2Ehidden")]
    [InlineData("a b", "a%20b")]
    [InlineData("a%20b", "a%2520b")]
    [InlineData("Zürich", "Z%C3%BCrich")]
    [InlineData("a\0b\n", "a%00b%0A")]
    public void Writes_all_but_plain_characters_as_hex(string text, string name) => SafeName.Of(text).ShouldBe(name);

    [Fact]
    public void Never_leaves_its_folder_and_never_gives_two_texts_one_name() =>
        Prop.ForAll<NonNull<string>, NonNull<string>>((first, second) =>
        {
            var (a, b) = (SafeName.Of(first.Get), SafeName.Of(second.Get));
            return a.All(c => char.IsAsciiLetterOrDigit(c) || "._-%".Contains(c, StringComparison.Ordinal))
                && !a.StartsWith('.')
                && (a == b) == (Wire(first.Get) == Wire(second.Get));
        }).QuickCheckThrowOnFailure();

    // Half a surrogate pair has no UTF-8 of its own: to the file system such texts are the same.
    private static string Wire(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
