using System.Text;
using System.Text.RegularExpressions;
using Keygate.Testing;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public partial class LicenseFileWriterTests
{
    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256)]
    [InlineData(SigningAlgorithm.Rsa)]
    public void Writes_what_the_verifier_reads_back_on_both_ways(SigningAlgorithm algorithm)
    {
        var signer = Licenses.Signer(algorithm);

        foreach (var license in new[] { Licenses.Small(), Licenses.Full() })
        {
            var file = signer.Sign(license);
            var fast = Licenses.Verifier.Verify(file);
            var slow = Licenses.Verifier.VerifyByDocument(file, null);

            fast.Refusal.ShouldBeNull();
            slow.Refusal.ShouldBeNull();
            fast.License.ShouldBe(license with { SigningKeyId = signer.KeyId });
            slow.License.ShouldBe(fast.License);
            slow.VerifiedOctets.ShouldBe(fast.VerifiedOctets);
            fast.SignedBy!.Fingerprint.ShouldBe(signer.Certificate.Fingerprint);
            Licenses.Verifier.VerifyByOctets(file, out _).ShouldNotBeNull("a file of ours takes the fast way");
        }
    }

    [Fact]
    public void Has_one_wire_form()
    {
        var text = Encoding.UTF8.GetString(Licenses.Ecdsa.Sign(Licenses.Full()));

        Approve.That(Signatures().Replace(text, "<$1>...</$1>").Replace("><", ">\n<", StringComparison.Ordinal), "license-file", "xml");
    }

    /// <summary>A file that a key server of version 0.1 handed out. It was sold: no later verifier may refuse it.</summary>
    [Fact]
    public void A_file_that_was_handed_out_is_good_for_ever()
    {
        string Kept(string name) => Path.Combine(Repository.Root, "tests/Keygate.Tests/Verification/golden", name);
        var verifier = new LicenseVerifier(TrustBundle.Parse(File.ReadAllText(Kept("trust.pem"))));

        var verification = verifier.Verify(File.ReadAllBytes(Kept("license-1.xml")), new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

        verification.Refusal.ShouldBeNull();
        verification.Validity.ShouldBe(LicenseValidity.Valid);
        var license = verification.License.ShouldNotBeNull();
        (license.KeyNumber, license.KeyVersion, license.KeyType, license.Product, license.ProductVersion, license.Owner)
            .ShouldBe(("PLSK.00000001", 0, "PLESK_10_AND_LATER_FOR_VZ", "Plesk", "10", "Northwind Hosting"));
        license.Features.ShouldBe(["30_DOMAINS"]);
        (license.StartDate, license.UpdateDate, license.SusDate, license.ExpirationDate)
            .ShouldBe((new LicenseDate(2026, 11, 25), new LicenseDate(2026, 12, 25), new LicenseDate(2026, 12, 25), new LicenseDate(2027, 1, 4)));
        license.Properties.Select(p => (p.Name, p.Type, p.Value)).ShouldBe([("virtual-environment", "string", "virtuozzo"), ("domains-max", "integer", "30")]);
        verifier.Verify(File.ReadAllBytes(Kept("license-1.xml")), new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)).Validity.ShouldBe(LicenseValidity.Expired);
    }

    // What differs from key to key and from signature to signature.
    [GeneratedRegex("<(SignatureValue|X509Certificate|DigestValue)>[^<]*</\\1>", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Signatures();
}
