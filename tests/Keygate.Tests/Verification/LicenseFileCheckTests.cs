using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class LicenseFileCheckTests
{
    public static TheoryData<string, string, Func<LicenseFile, LicenseFile>> Faulty => new()
    {
        { "KeyNumber", "PREFIX.NUMBER", f => f with { KeyNumber = "PLSK.00041207.0001" } },
        { "KeyNumber", "PREFIX.NUMBER", f => f with { KeyNumber = "" } },
        { "KeyNumber", "PREFIX.NUMBER", f => f with { KeyNumber = "plsk.00041207" } },
        { "KeyNumber", "PREFIX.NUMBER", f => f with { KeyNumber = "PLSK.1234567" } },
        { "KeyVersion", "0 and 9999", f => f with { KeyVersion = 10_000 } },
        { "KeyVersion", "0 and 9999", f => f with { KeyVersion = -1 } },
        { "KeyType", "not be empty", f => f with { KeyType = "" } },
        { "KeyType", "128 characters", f => f with { KeyType = new string('x', 129) } },
        { "Features[1]", "twice", f => f with { Features = ["a", "a"] } },
        { "Features[0]", "tabs", f => f with { Features = ["a\tb"] } },
        { "Features", "1000", f => f with { Features = [.. Enumerable.Range(0, 1001).Select(i => $"f{i}")] } },
        { "Product", "not be empty", f => f with { Product = "" } },
        { "ProductVersion", "leave it out", f => f with { ProductVersion = "" } },
        { "Owner", "carriage return", f => f with { Owner = "Line 1\r\nLine 2" } },
        { "Owner", "U+0000", f => f with { Owner = "a\0" } },
        { "Owner", "U+000B", f => f with { Owner = "a\vb" } },
        { "Owner", "U+FFFE", f => f with { Owner = "\ufffe" } },
        { "Owner", "U+D83D", f => f with { Owner = "half \ud83d" } },
        { "Owner", "U+DE00", f => f with { Owner = "\ude00\ud83d" } },
        { "Owner", "4096", f => f with { Owner = new string('x', 4097) } },
        { "ExpirationDate", "later than", f => f with { StartDate = new LicenseDate(2026, 2, 1), ExpirationDate = new LicenseDate(2026, 2, 1) } },
        { "LicenseServerUrl", "https://", f => f with { LicenseServerUrl = "ka.example.com" } },
        { "LicenseServerUrl", "https://", f => f with { LicenseServerUrl = "https://" } },
        { "LicenseServerUrl", "visible", f => f with { LicenseServerUrl = "https://ka.example.com/a b" } },
        { "UpdateTicket", "hexadecimal", f => f with { UpdateTicket = "00112233445566778899AABBCCDDEEFF" } },
        { "UpdateTicket", "hexadecimal", f => f with { UpdateTicket = "0011" } },
        { "Bindings[0]", "not be empty", f => f with { Bindings = [new(BindingKind.Ip, "")] } },
        { "Bindings[0]", "ip, hwid or instance", f => f with { Bindings = [new((BindingKind)7, "x")] } },
        { "Bindings", "100", f => f with { Bindings = [.. Enumerable.Range(0, 101).Select(i => new LicenseBinding(BindingKind.Instance, $"{i}"))] } },
        { "Properties[0]", "line ends", f => f with { Properties = [new("a\nb", "string", "")] } },
        { "Properties[0]", "carriage return", f => f with { Properties = [new("a", "str\ring", "")] } },
        { "Properties[0]", "not be empty", f => f with { Properties = [new("a", "", "")] } },
        { "Properties[1]", "twice", f => f with { Properties = [new("a", "string", "1"), new("a", "string", "2")] } },
        { "Properties[0]", "carriage return", f => f with { Properties = [new("a", "string", "\r")] } },
        { "Properties", "1000", f => f with { Properties = [.. Enumerable.Range(0, 1001).Select(i => new LicenseProperty($"p{i}", "string", ""))] } },
        { "KeyBody", "leave it out", f => f with { KeyBody = [] } },
        { "KeyBody", "512 KiB", f => f with { KeyBody = new byte[(512 * 1024) + 1] } },
        { "SigningKeyId", "ASCII", f => f with { SigningKeyId = "ä" } },
    };

    [Theory]
    [MemberData(nameof(Faulty), DisableDiscoveryEnumeration = true)]
    public void Names_the_faulty_field_and_signs_nothing(string field, string reason, Func<LicenseFile, LicenseFile> spoil)
    {
        var license = spoil(Licenses.Small());

        var fault = license.Check().ShouldHaveSingleItem();
        fault.Field.ShouldBe(field);
        fault.Reason.ShouldContain(reason);
        fault.Reason.ShouldEndWith(".");
        Should.Throw<ArgumentException>(() => Licenses.Ecdsa.Sign(license)).Message.ShouldContain(field + ": ");
    }

    [Fact]
    public void Names_all_faults_at_once()
    {
        var license = Licenses.Small() with { KeyNumber = "?", KeyVersion = -1, Features = ["ok", "", "\u0001"], Owner = "\r" };

        license.Check().Select(f => f.Field).ShouldBe(["KeyNumber", "KeyVersion", "Owner", "Features[1]", "Features[2]"]);
    }

    [Fact]
    public void Takes_everything_up_to_its_bounds()
    {
        var license = Licenses.Full() with
        {
            KeyNumber = "ABCDEFGHIJKLMNO1.123456789012345678",
            KeyVersion = 9999,
            KeyType = new string('中', 128),
            Features = [.. Enumerable.Range(0, 1000).Select(i => $"f{i}")],
            Owner = new string('\n', 4096),
            KeyBody = new byte[512 * 1024],
        };

        license.Check().ShouldBeEmpty();
        Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(license)).License.ShouldBe(license with { SigningKeyId = "ec-1" });
    }

    [Fact]
    public void Refuses_a_file_that_grows_beyond_the_bound()
    {
        var license = Licenses.Small() with
        {
            Properties = [.. Enumerable.Range(0, 1000).Select(i => new LicenseProperty($"p{i}", "string", new string('x', 1100)))],
        };

        license.Check().ShouldBeEmpty();
        Should.Throw<ArgumentException>(() => Licenses.Ecdsa.Sign(license)).Message.ShouldContain("larger than 1 MiB");
        Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(Licenses.Small())).IsAuthentic.ShouldBeTrue("the writer goes on after a refusal");
    }

    [Fact]
    public void Equality_looks_at_every_field()
    {
        var file = Licenses.Full() with { SigningKeyId = "a" };
        LicenseFile[] others =
        [
            file with { KeyNumber = "PLSK.00041208" }, file with { KeyVersion = 2 }, file with { KeyType = "x" }, file with { Features = ["x"] }, file with { Product = "x" },
            file with { ProductVersion = "x" }, file with { Owner = "x" }, file with { StartDate = null }, file with { ExpirationDate = null }, file with { UpdateDate = null },
            file with { SusDate = null }, file with { LicenseServerUrl = null }, file with { UpdateTicket = null }, file with { Bindings = [] }, file with { Properties = [] },
            file with { KeyBody = null }, file with { KeyBody = [1] }, file with { SigningKeyId = null },
        ];

        (file with { KeyBody = [.. file.KeyBody!], Features = [.. file.Features] }).ShouldBe(file);
        foreach (var other in others)
        {
            other.ShouldNotBe(file);
            file.ShouldNotBe(other);
        }
    }

    [Theory]
    [InlineData("2026-02-28", true)]
    [InlineData("2024-02-29", true)]
    [InlineData("0001-01-01", true)]
    [InlineData("9999-12-31", true)]
    [InlineData("2026-02-29", false)]
    [InlineData("2026-13-01", false)]
    [InlineData("2026-00-01", false)]
    [InlineData("0000-01-01", false)]
    [InlineData("2026-1-01", false)]
    [InlineData("2026-01-01 ", false)]
    [InlineData("2026/01/01", false)]
    [InlineData("٢٠٢٦-٠١-٠١", false)]
    [InlineData("", false)]
    public void A_day_is_written_in_one_way_only(string text, bool right)
    {
        LicenseDate.TryParse(text, out var date).ShouldBe(right);
        if (right)
        {
            date.ToString().ShouldBe(text);
            LicenseDate.FromDateOnly(date.ToDateOnly()).ShouldBe(date);
        }
    }

    [Fact]
    public void A_moment_falls_in_its_utc_day()
    {
        LicenseDate.Of(new DateTimeOffset(2026, 3, 1, 0, 30, 0, TimeSpan.FromHours(1))).ShouldBe(new LicenseDate(2026, 2, 28));
        new LicenseDate(2026, 3, 1).Begins.ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    }
}
