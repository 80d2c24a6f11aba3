using System.Security.Cryptography.X509Certificates;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class LicenseSignerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\r")]
    public void Refuses_a_key_id_that_no_file_can_hold(string keyId)
    {
        using var certificate = X509Certificate2.CreateFromPem(NewKey().CertificatePem);

        Should.Throw<ArgumentException>(() => new LicenseSigner(keyId, certificate)).ParamName.ShouldBe("keyId");
    }

    [Fact]
    public void Refuses_a_certificate_without_its_private_key()
    {
        using var certificate = X509Certificate2.CreateFromPem(NewKey().CertificatePem);

        Should.Throw<ArgumentException>(() => new LicenseSigner("k", certificate)).Message.ShouldContain("without its private key");
    }

    [Fact]
    public void Refuses_a_private_key_of_another_certificate_and_a_broken_one()
    {
        var (one, other) = (NewKey(), NewKey());

        Should.Throw<ArgumentException>(() => LicenseSigner.FromPem("k", one.CertificatePem, other.PrivateKeyPem)).Message.ShouldContain("does not belong");
        Should.Throw<ArgumentException>(() => LicenseSigner.FromPem("k", one.CertificatePem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"));
        Should.Throw<ArgumentException>(() => LicenseSigner.FromPem("k", "", one.PrivateKeyPem));
    }

    [Fact]
    public void Goes_on_when_the_given_certificate_is_disposed_of()
    {
        var key = NewKey();
        LicenseSigner signer;
        using (var certificate = X509Certificate2.CreateFromPem(key.CertificatePem, key.PrivateKeyPem))
        {
            signer = new LicenseSigner("k", certificate);
        }

        using (signer)
        {
            new LicenseVerifier(TrustBundle.Parse(key.CertificatePem)).Verify(signer.Sign(Licenses.Small())).IsAuthentic.ShouldBeTrue();
        }
    }

    [Fact]
    public void Writes_its_own_key_id_whatever_the_license_says()
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Small() with { SigningKeyId = "another" });

        Licenses.Verifier.Verify(file).License!.SigningKeyId.ShouldBe("ec-1");
    }

    [Fact]
    public void A_writer_keeps_nothing_of_the_file_before()
    {
        using var writer = new LicenseFileWriter(Licenses.Rsa);
        var first = writer.Write(Licenses.Full()).ToArray();
        var second = writer.Write(Licenses.Small()).ToArray();

        // PKCS #1 signatures hold no chance, so that the same license gives the same file.
        second.ShouldBe(Licenses.Rsa.Sign(Licenses.Small()));
        writer.Write(Licenses.Full()).ToArray().ShouldBe(first);
    }

    [Fact]
    public void A_key_shows_nothing_of_itself()
    {
        NewKey().ToString().ShouldBe("***");
    }

    [Fact]
    public void A_new_keys_certificate_is_for_signatures_alone()
    {
        using var certificate = X509Certificate2.CreateFromPem(NewKey().CertificatePem);

        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
        certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages.ShouldBe(X509KeyUsageFlags.DigitalSignature);
    }

    private static LicenseSigningKey NewKey() => LicenseSigningKey.Create(SigningAlgorithm.EcdsaP256, "Keygate test", Licenses.Made, Licenses.Made.AddYears(10));
}
