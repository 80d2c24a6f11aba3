using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class LicenseVerifierTests
{
    private static readonly DateTimeOffset InFebruary = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, Func<string, byte[]>> Rewritings => new()
    {
        { "a declaration", f => Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + f) },
        { "a byte order mark", f => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(f)] },
        { "UTF-16", f => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(f)] },
        { "single quotes", f => Encoding.UTF8.GetBytes(f.Replace("kind=\"ip\"", "kind='ip'", StringComparison.Ordinal)) },
        { "attributes in another order", f => Encoding.UTF8.GetBytes(f.Replace("name=\"note\" type=\"string\"", "type=\"string\"\n name=\"note\"", StringComparison.Ordinal)) },
        { "short empty elements", f => Encoding.UTF8.GetBytes(f.Replace("></DigestMethod>", "/>", StringComparison.Ordinal)) },
        { "an empty value", f => Encoding.UTF8.GetBytes(f.Replace("type=\"string\"></property>", "type=\"string\" />", StringComparison.Ordinal)) },
        { "one namespace declaration less", f => Encoding.UTF8.GetBytes(f.Replace("<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">", "<SignedInfo>", StringComparison.Ordinal)) },
        { "a declaration more", f => Encoding.UTF8.GetBytes(f.Replace("<product>", "<product xmlns:x=\"urn:x\">", StringComparison.Ordinal)) },
        { "character references", f => Encoding.UTF8.GetBytes(f.Replace("Müller", "M&#252;ller", StringComparison.Ordinal)) },
        { "a CDATA section", f => Encoding.UTF8.GetBytes(f.Replace("<product>plesk</product>", "<product><![CDATA[ple]]>sk</product>", StringComparison.Ordinal)) },
        { "line ends of Windows", f => Encoding.UTF8.GetBytes(f.Replace("\n", "\r\n", StringComparison.Ordinal)) },
        { "comments outside the root", f => Encoding.UTF8.GetBytes("<!-- for server 7 -->\n" + f + "\n<!-- end -->\n") },
        { "a line end at the end", f => Encoding.UTF8.GetBytes(f + "\r\n") },
    };

    [Theory]
    [MemberData(nameof(Rewritings), DisableDiscoveryEnumeration = true)]
    public void Accepts_a_file_that_a_tool_spelt_anew(string what, Func<string, byte[]> rewrite)
    {
        foreach (var signer in new[] { Licenses.Ecdsa, Licenses.Rsa })
        {
            var original = signer.Sign(Licenses.Full());
            var rewritten = rewrite(Encoding.UTF8.GetString(original));

            rewritten.ShouldNotBe(original, what);
            var result = Licenses.Verifier.Verify(rewritten);

            result.Refusal.ShouldBeNull(what);
            result.License.ShouldBe(Licenses.Full() with { SigningKeyId = signer.KeyId });
            result.VerifiedOctets.ShouldBe(Licenses.Verifier.Verify(original).VerifiedOctets);
        }
    }

    [Theory]
    [InlineData("2026-01-31T23:59:59Z", LicenseValidity.NotYetValid)]
    [InlineData("2026-02-01T00:00:00Z", LicenseValidity.Valid)]
    [InlineData("2026-02-28T23:59:59Z", LicenseValidity.Valid)]
    [InlineData("2026-03-01T00:30:00+01:00", LicenseValidity.Valid)]
    [InlineData("2026-03-01T00:00:00Z", LicenseValidity.Expired)]
    public void Says_what_the_dates_mean_at_a_moment(string now, LicenseValidity expected)
    {
        var result = Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(Licenses.Full()), DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        result.IsAuthentic.ShouldBeTrue();
        result.Validity.ShouldBe(expected);
        result.IsUsable.ShouldBe(expected == LicenseValidity.Valid);
        result.License!.KeyNumber.ShouldBe("PLSK.00041207");
    }

    [Fact]
    public void Calls_nothing_usable_without_a_clock()
    {
        var result = Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(Licenses.Full()));

        result.IsAuthentic.ShouldBeTrue();
        result.Validity.ShouldBe(LicenseValidity.Unchecked);
        result.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public void A_license_without_dates_is_valid_from_its_issue_for_ever()
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Small());

        Licenses.Verifier.Verify(file, DateTimeOffset.MinValue).IsUsable.ShouldBeTrue();
        Licenses.Verifier.Verify(file, DateTimeOffset.MaxValue).IsUsable.ShouldBeTrue();
    }

    [Fact]
    public void Refuses_a_file_cut_short_at_every_length()
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Full());

        for (var length = 0; length < file.Length; length++)
        {
            var result = Licenses.Verifier.Verify(file[..length]);

            result.Refusal.ShouldNotBeNull($"length {length}").Code.ShouldBe(LicenseRefusalCode.CutShort, $"length {length}");
        }
    }

    [Theory]
    [InlineData("not xml at all", LicenseRefusalCode.NotWellFormed)]
    [InlineData("{\"key\": 1}", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<key xmlns=\"urn:keygate:license:1\"><a></b></key>", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<key xmlns=\"urn:keygate:license:1\">\u0001</key>", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<?xml version=\"1.1\"?><key xmlns=\"urn:keygate:license:1\"></key>", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<?xml version=\"1.0\" encoding=\"utf-7\"?><key xmlns=\"urn:keygate:license:1\"></key>", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<?xml version=\"1.0\" encoding=\"nonsense\"?><key xmlns=\"urn:keygate:license:1\"></key>", LicenseRefusalCode.NotWellFormed)]
    [InlineData("<html><body></body></html>", LicenseRefusalCode.WrongRoot)]
    [InlineData("<key></key>", LicenseRefusalCode.WrongRoot)]
    [InlineData("<license xmlns=\"urn:keygate:license:1\"></license>", LicenseRefusalCode.WrongRoot)]
    [InlineData("<key xmlns=\"http://parallels.com/schemas/keys/aps/3\"></key>", LicenseRefusalCode.WrongRoot)]
    [InlineData("<key xmlns=\"urn:keygate:license:2\"></key>", LicenseRefusalCode.UnknownVersion)]
    [InlineData("<key xmlns=\"urn:keygate:license:1\"></key>", LicenseRefusalCode.NoSignature)]
    [InlineData("<key xmlns=\"urn:keygate:license:1\"><Signature></Signature></key>", LicenseRefusalCode.NoSignature)]
    [InlineData("<key xmlns=\"urn:keygate:license:1\"><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></key>", LicenseRefusalCode.SignatureShape)]
    public void Names_what_is_wrong_with_a_file_that_is_no_license(string file, LicenseRefusalCode expected)
    {
        var refusal = Licenses.Verifier.Verify(Encoding.UTF8.GetBytes(file)).Refusal.ShouldNotBeNull();

        refusal.Code.ShouldBe(expected);
        refusal.Reason.ShouldEndWith(".");
        refusal.Remedy.ShouldEndWith(".");
    }

    [Fact]
    public void Refuses_a_file_larger_than_its_bound_without_looking_into_it()
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Small());

        new LicenseVerifier(Licenses.Trust, file.Length).Verify(file).IsAuthentic.ShouldBeTrue();
        new LicenseVerifier(Licenses.Trust, file.Length - 1).Verify(file).Refusal!.Code.ShouldBe(LicenseRefusalCode.TooLarge);
        Licenses.Verifier.Verify(new byte[LicenseFormat.FileBytesMax + 1]).Refusal!.Code.ShouldBe(LicenseRefusalCode.TooLarge);
    }

    [Fact]
    public async Task Many_threads_share_one_verifier_and_one_signer()
    {
        var license = Licenses.Full();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                var mine = license with { KeyVersion = (thread * 100) + i };
                var signer = i % 10 == 0 ? Licenses.Rsa : Licenses.Ecdsa;
                Licenses.Verifier.Verify(signer.Sign(mine), InFebruary).License.ShouldBe(mine with { SigningKeyId = signer.KeyId });
            }
        }, TestContext.Current.CancellationToken)));
    }
}
