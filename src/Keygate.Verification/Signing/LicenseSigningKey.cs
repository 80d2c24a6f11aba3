using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Verification;

/// <summary>A signing key as PEM: a self-signed certificate for the trust bundle and its private key, which is a secret.</summary>
/// <remarks>The certificate is not a chain's: verifiers pin it. Give it a long life, since other tools look at its dates.</remarks>
public sealed class LicenseSigningKey
{
    private const int RsaBits = 2048;

    private LicenseSigningKey(string certificatePem, string privateKeyPem)
    {
        CertificatePem = certificatePem;
        PrivateKeyPem = privateKeyPem;
    }

    /// <summary>The certificate.</summary>
    public string CertificatePem { get; }

    /// <summary>The private key in PKCS #8, not encrypted: encrypt it before it is stored.</summary>
    public string PrivateKeyPem { get; }

    /// <summary>Makes a new key. RSA keys have 2048 bits.</summary>
    /// <param name="algorithm">What the key signs with.</param>
    /// <param name="commonName">The certificate's subject.</param>
    /// <param name="notBefore">From when the certificate counts.</param>
    /// <param name="notAfter">Until when the certificate counts.</param>
    public static LicenseSigningKey Create(SigningAlgorithm algorithm, string commonName, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        if (algorithm == SigningAlgorithm.Rsa)
        {
            using var rsa = RSA.Create(RsaBits);
            return SelfSign(new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), rsa, notBefore, notAfter);
        }
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return SelfSign(new CertificateRequest(subject.Build(), ecdsa, HashAlgorithmName.SHA256), ecdsa, notBefore, notAfter);
    }

    /// <summary>Shows nothing of the key.</summary>
    public override string ToString() => "***";

    private static LicenseSigningKey SelfSign(CertificateRequest request, AsymmetricAlgorithm key, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return new LicenseSigningKey(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
