using System.Text;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KernelTypes;

// Not named for its folder: other tests say Kernel.Result.
public class KernelTests
{
    private static readonly Error Refusal = new("test.refusal", ErrorKind.Conflict, "It does not fit", "Make it fit.");

    [Fact]
    public void A_result_is_a_value_or_a_refusal_and_never_both()
    {
        Result<int> done = 7;
        Result<int> refused = Refusal;

        (done.IsDone, done.Value, done.Error).ShouldBe((true, 7, null));
        (refused.IsDone, refused.Error).ShouldBe((false, Refusal));
        Should.Throw<InvalidOperationException>(() => refused.Value).Message.ShouldContain("test.refusal");
        done.Map(n => n + 1).Value.ShouldBe(8);
        refused.Map(n => n + 1).Error.ShouldBe(Refusal);
        ((IResult)done).Value.ShouldBe(7);
        ((IResult)refused).Value.ShouldBeNull();
    }

    [Fact]
    public void A_result_that_was_never_made_is_a_fault()
    {
        default(Result<int>).IsDone.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => default(Result<int>).TryGet(out _, out _));
    }

    [Fact]
    public void An_error_keeps_its_code_through_everything_that_is_added()
    {
        var error = Refusal.Because("The plan has no license.").At("planId").Mend("Choose another plan.");

        (error.Code, error.Kind, error.Title).ShouldBe(("test.refusal", ErrorKind.Conflict, "It does not fit"));
        error.ToString().ShouldBe("The plan has no license. (test.refusal). Choose another plan.");
        Refusal.Detail.ShouldBe(Refusal.Title);
        var read = Json.Read<Error>(Json.Write(error));
        (read.ToString(), read.Field, read.Kind).ShouldBe((error.ToString(), "planId", ErrorKind.Conflict));
    }

    [Fact]
    public void Several_faults_become_one_that_carries_the_others()
    {
        Error.Of([]).ShouldBeNull();
        var first = Refusal.At("a");
        var error = Error.Of([first, Refusal.At("b"), Refusal.At("c")])!;

        error.Field.ShouldBe("a");
        error.Others.Select(e => e.Field).ShouldBe(["b", "c"]);
    }

    [Fact]
    public void Json_is_camel_case_with_names_for_enums_and_plain_numbers()
    {
        var json = Json.Write(new Sample(new SampleId(17), ErrorKind.NotFound, null, "ü<&>"));

        json.ShouldBe("{\"orderId\":17,\"kind\":\"NotFound\",\"text\":\"ü<&>\"}");
        Json.Read<Sample>(json).ShouldBe(new Sample(new SampleId(17), ErrorKind.NotFound, null, "ü<&>"));
        Should.Throw<JsonException>(() => Json.Read<Sample>("null"));
        Should.Throw<JsonException>(() => Json.Read<Sample>("{"));
    }

    [Theory]
    [InlineData("17", true)]
    [InlineData("2147483647", true)]
    [InlineData("2147483648", false)]
    [InlineData("-1", false)]
    [InlineData(" 1", false)]
    [InlineData("1.0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_a_plain_number_is_an_id(string? text, bool isOne) => Parses<SampleId>(text).ShouldBe(isOne);

    [Fact]
    public void A_cursor_goes_on_where_the_page_ended_and_fits_no_other_list()
    {
        var cursor = Cursor.After("licenses by name", "a\nb", 42);

        Cursor.TryRead(cursor, "licenses by name", out var sort, out var id).ShouldBeTrue();
        (sort, id).ShouldBe(("a\nb", 42L));
        Cursor.TryRead(cursor, "licenses by date", out _, out _).ShouldBeFalse();
        Cursor.TryRead("*not base64*", "x", out _, out _).ShouldBeFalse();
        Cursor.TryRead(Convert.ToBase64String(Encoding.UTF8.GetBytes("x")), "x", out _, out _).ShouldBeFalse();
        Cursor.TryRead("", "x", out _, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, 50)]
    [InlineData(0, 1)]
    [InlineData(-5, 1)]
    [InlineData(70, 70)]
    [InlineData(100000, 500)]
    public void A_page_has_its_bounds(int? asked, int given) => PageRequest.Of(asked, null).Limit.ShouldBe(given);

    [Fact]
    public void A_secret_shows_itself_only_when_asked() => $"{new Secret("hunter2")}".ShouldBe("***");

    [Fact]
    public void The_test_clock_follows_its_file()
    {
        using var folder = new TempFolder();
        var file = folder.File("clock");
        File.WriteAllText(file, "2026-03-01T00:00:00Z\n");
        var clock = new FileClock(file);
        clock.GetUtcNow().ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

        File.WriteAllText(file, "2026-04-01T12:30:00+02:00");
        File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        clock.GetUtcNow().ShouldBe(new DateTimeOffset(2026, 4, 1, 10, 30, 0, TimeSpan.Zero));
    }

    private static bool Parses<T>(string? text)
        where T : struct, INumber<T> => T.TryParse(text, null, out _);

    private sealed record Sample(SampleId OrderId, ErrorKind Kind, string? Nothing, string Text);

    private readonly record struct SampleId(int Value) : INumber<SampleId>
    {
        public static SampleId Of(int value) => new(value);
    }
}
