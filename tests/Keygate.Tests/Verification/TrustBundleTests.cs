using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class TrustBundleTests
{
    [Fact]
    public void Reads_back_what_it_writes()
    {
        var again = TrustBundle.Parse(Licenses.Trust.ToPem());

        again.Certificates.Select(c => c.Fingerprint).ShouldBe([Licenses.Ecdsa.Certificate.Fingerprint, Licenses.Rsa.Certificate.Fingerprint]);
        again.Certificates.Select(c => c.Algorithm).ShouldBe([SigningAlgorithm.EcdsaP256, SigningAlgorithm.Rsa]);
        again.ToPem().ShouldBe(Licenses.Trust.ToPem());
        again.Certificates[0].NotAfter.ShouldBe(Licenses.Made.AddYears(30));
        again.Certificates[0].Subject.ShouldBe("CN=Keygate test ec-1");
    }

    [Fact]
    public void Is_read_by_the_framework_and_reads_what_the_framework_writes()
    {
        var collection = new X509Certificate2Collection();
        collection.ImportFromPem(Licenses.Trust.ToPem());

        collection.Count.ShouldBe(2);
        TrustBundle.Parse(collection.ExportCertificatePems()).Certificates.Count.ShouldBe(2);
        TrustBundle.Parse(collection.ExportCertificatePems().ReplaceLineEndings("\r\n")).Certificates.Count.ShouldBe(2);
        TrustBundle.Of([.. collection]).ToPem().ShouldBe(Licenses.Trust.ToPem());
    }

    [Fact]
    public void Lists_a_certificate_once()
    {
        TrustBundle.Parse(Licenses.Trust.ToPem() + Licenses.Trust.ToPem()).Certificates.Count.ShouldBe(2);
    }

    [Fact]
    public void A_subject_cannot_begin_a_certificate_of_its_own()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName("x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        using var certificate = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256).CreateSelfSigned(Licenses.Made, Licenses.Made.AddYears(1));

        TrustBundle.Parse(TrustBundle.Of(certificate).ToPem()).Certificates.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("", "holds no certificate")]
    [InlineData("some text", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA", "Certificate 1 of the trust bundle is cut short")]
    [InlineData("-----BEGIN CERTIFICATE", "Certificate 1 of the trust bundle is cut short")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", "Certificate 1 of the trust bundle cannot be read")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "Certificate 1 of the trust bundle cannot be read")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "something else than certificates (PUBLIC KEY)")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "holds a private key")]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", "holds a private key")]
    public void Says_what_is_wrong_with_a_broken_bundle(string pem, string expected)
    {
        TrustBundle.TryParse(pem, out var bundle, out var reason).ShouldBeFalse();

        bundle.ShouldBeNull();
        reason.ShouldContain(expected);
        reason.Split(". ").Length.ShouldBe(2, "one sentence says what is wrong, one what to do");
        Should.Throw<FormatException>(() => TrustBundle.Parse(pem)).Message.ShouldBe(reason);
    }

    [Fact]
    public void Names_the_broken_one_of_several()
    {
        var pem = Licenses.Trust.ToPem();
        var secondHalf = pem.LastIndexOf("BEGIN CERTIFICATE", StringComparison.Ordinal) + 100;

        TrustBundle.TryParse(pem[..secondHalf], out _, out var reason).ShouldBeFalse();

        reason.ShouldContain("Certificate 2 of the trust bundle is cut short");
    }

    [Fact]
    public void Refuses_a_bundle_cut_short_inside_a_certificate_at_any_place()
    {
        var pem = Licenses.PemOf(Licenses.Ecdsa).TrimEnd();

        for (var length = 0; length < pem.Length; length++)
        {
            TrustBundle.TryParse(pem[..length], out _, out _).ShouldBeFalse($"length {length}");
        }
    }

    [Fact]
    public void Refuses_keys_that_version_1_does_not_use()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa1024 = RSA.Create(1024);
        using var onP384 = new CertificateRequest("CN=a", p384, HashAlgorithmName.SHA256).CreateSelfSigned(Licenses.Made, Licenses.Made.AddYears(1));
        using var small = new CertificateRequest("CN=b", rsa1024, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Licenses.Made, Licenses.Made.AddYears(1));

        TrustBundle.TryParse(onP384.ExportCertificatePem(), out _, out var curve).ShouldBeFalse();
        curve.ShouldContain("not on P-256");
        TrustBundle.TryParse(small.ExportCertificatePem(), out _, out var size).ShouldBeFalse();
        size.ShouldContain("1024 bits");
        Should.Throw<ArgumentException>(() => new LicenseSigner("k", onP384)).Message.ShouldContain("not on P-256");
        Should.Throw<ArgumentException>(() => new LicenseSigner("k", small)).Message.ShouldContain("1024 bits");
    }

    [Fact]
    public void Refuses_a_bundle_larger_than_its_bound()
    {
        TrustBundle.TryParse(new string(' ', TrustBundle.CharsMax + 1), out _, out var reason).ShouldBeFalse();
        reason.ShouldContain("larger than 1 MiB");

        var many = string.Concat(Enumerable.Repeat(Licenses.PemOf(Licenses.Ecdsa), TrustBundle.CertificatesMax + 1));
        TrustBundle.TryParse(many, out _, out reason).ShouldBeFalse();
        reason.ShouldContain("more than 256");
    }
}
