using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

/// <summary>Contents that a trusted key has signed, but that are none of version 1: the fields are never guessed.</summary>
public class LicenseContentReaderTests
{
    public static TheoryData<string, string> Changes => new()
    {
        { "<key-number>PLSK.00041207</key-number>", "" },
        { "<key-number>PLSK.00041207</key-number>", "<key-number>PLSK.00041207</key-number><key-number>PLSK.00000001</key-number>" },
        { "<key-number>PLSK.00041207</key-number>", "<key-number>plsk.00041207</key-number>" },
        { "<key-number>PLSK.00041207</key-number>", "<key-number>PLSK.00041207.0001</key-number>" },
        { "<key-number>PLSK.00041207</key-number>", "<key-number>PLSK<b></b>.00041207</key-number>" },
        { "<key-version>0001</key-version>", "<key-version>1</key-version>" },
        { "<key-version>0001</key-version>", "<key-version>+001</key-version>" },
        { "<key-version>0001</key-version>", "<key-version>٠٠٠١</key-version>" },
        { "<description>", "<description kind=\"x\">" },
        { "</description>", "</description><description><keytype>X</keytype></description>" },
        { "<feature>LP_2</feature>", "<feature>LP_2</feature><feature>LP_2</feature>" },
        { "<feature>LP_2</feature>", "<feature></feature>" },
        { "<product>plesk</product>", "<product>plesk</product> " },
        { "<product>plesk</product>", "<product>ple\rsk</product>" },
        { "<product>plesk</product>", "<product>ple&#xD;sk</product>" },
        { "<product>plesk</product>", "<product>ple&#107;sk</product>" },
        { "<product>plesk</product>", "<product>ple&quot;sk</product>" },
        { "<product>plesk</product>", "<product>ple&apos;sk</product>" },
        { "<product>plesk</product>", "<product>ple&sk</product>" },
        { "<product>plesk</product>", "<product>ple>sk</product>" },
        { "<product>plesk</product>", "<product>ple\u0001sk</product>" },
        { "<product>plesk</product>", "<product>plesk</product >" },
        { "<product>plesk</product>", "<product/>" },
        { "<start-date>2026-02-01</start-date>", "<start-date>Instant</start-date>" },
        { "<start-date>2026-02-01</start-date>", "<start-date>2026-2-1</start-date>" },
        { "<start-date>2026-02-01</start-date>", "<start-date>2026-02-30</start-date>" },
        { "<start-date>2026-02-01</start-date>", "<start-date>2026-04-01</start-date>" },
        { "<expiration-date>2026-03-01</expiration-date>", "<expiration-date>2026-03-01</expiration-date><expiration-date>2099-03-01</expiration-date>" },
        { "<expiration-date>2026-03-01</expiration-date>", "<expiration-date></expiration-date>" },
        { "<update-ticket>00112233445566778899aabbccddeeff</update-ticket>", "<update-ticket>00112233445566778899AABBCCDDEEFF</update-ticket>" },
        { "<license-server-url>https://", "<license-server-url>javascript://" },
        { "kind=\"ip\"", "kind=\"mac\"" },
        { "kind=\"ip\"", "kind='ip'" },
        { "kind=\"ip\"", "kind=\"ip\" x=\"y\"" },
        { "<binding kind=\"ip\">192.0.2.7</binding>", "<binding>192.0.2.7</binding>" },
        { "name=\"note\" type=\"string\"", "type=\"string\" name=\"note\"" },
        { "name=\"note\"", "name=\"no&#xA;te\"" },
        { "name=\"note\"", "name=\"no&gt;te\"" },
        { "name=\"note\"", "name=\"é\"" },
        { "<key-body>AAEC/f7/PA==</key-body>", "<key-body>AAEC/f7/PB==</key-body>" },
        { "<key-body>AAEC/f7/PA==</key-body>", "<key-body>AAEC /f7/PA==</key-body>" },
        { "<key-body>AAEC/f7/PA==</key-body>", "<key-body></key-body>" },
        { "<signing-key-id>ec-1</signing-key-id>", "" },
        { "<signing-key-id>ec-1</signing-key-id>", "<signing-key-id>ec 1</signing-key-id>" },
        { "<signing-key-id>ec-1</signing-key-id>", "<signing-key-id>ec-1</signing-key-id><new-element></new-element>" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Refuses_signed_content_that_is_none_of_version_1(string here, string with)
    {
        var content = Forgery.ContentOf(Licenses.Ecdsa, Licenses.Full());
        content.ShouldContain(here);
        using var writer = new LicenseFileWriter(Licenses.Ecdsa);

        var result = Licenses.Verifier.Verify(writer.SignAsIs(content.Replace(here, with, StringComparison.Ordinal)));

        // The signature is right, so that only the layout can be what is wrong; where the octets aren't canonical XML, the signature can't be read at all.
        result.Refusal.ShouldNotBeNull().Code.ShouldBe(LicenseRefusalCode.Layout);
        result.License.ShouldBeNull();
    }

    [Fact]
    public void Accepts_the_same_content_unchanged()
    {
        using var writer = new LicenseFileWriter(Licenses.Ecdsa);

        Licenses.Verifier.Verify(writer.SignAsIs(Forgery.ContentOf(Licenses.Ecdsa, Licenses.Full()))).IsAuthentic.ShouldBeTrue();
    }

    [Fact]
    public void Refuses_octets_that_end_anywhere_but_at_the_roots_end()
    {
        var octets = Encoding.UTF8.GetBytes(Forgery.ContentOf(Licenses.Ecdsa, Licenses.Full()) + "</key>");

        LicenseContentReader.Read(octets, out _).ShouldNotBeNull();
        for (var length = 0; length < octets.Length; length++)
        {
            LicenseContentReader.Read(octets[..length], out var reason).ShouldBeNull();
            reason.ShouldNotBeNullOrEmpty();
        }
        LicenseContentReader.Read([.. octets, (byte)'\n'], out _).ShouldBeNull();
    }

    [Fact]
    public void Refuses_octets_that_are_not_utf_8()
    {
        var octets = Encoding.UTF8.GetBytes(Forgery.ContentOf(Licenses.Ecdsa, Licenses.Small()) + "</key>");
        octets[Encoding.UTF8.GetString(octets).IndexOf("plesk", StringComparison.Ordinal)] = 0xFF;

        LicenseContentReader.Read(octets, out var reason).ShouldBeNull();
        reason.ShouldBe("a text is not UTF-8");
    }
}
