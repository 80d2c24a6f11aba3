using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Verification;

/// <summary>A signing key as PEM: a self-signed certificate for the trust bundle and its private key, which is a secret.</summary>
/// <remarks>The certificate is not a chain's: verifiers pin it. Give it a long life, since other tools look at its dates.</remarks>
public sealed class LicenseSigningKey
{
    /// <summary>The sizes of RSA keys that are made.</summary>
    public static IReadOnlyList<int> RsaSizes { get; } = [2048, 3072];

    private LicenseSigningKey(string certificatePem, string privateKeyPem)
    {
        CertificatePem = certificatePem;
        PrivateKeyPem = privateKeyPem;
    }

    /// <summary>The certificate.</summary>
    public string CertificatePem { get; }

    /// <summary>The private key in PKCS #8, not encrypted: encrypt it before it is stored.</summary>
    public string PrivateKeyPem { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="algorithm">What the key signs with.</param>
    /// <param name="commonName">The certificate's subject.</param>
    /// <param name="notBefore">From when the certificate counts.</param>
    /// <param name="notAfter">Until when the certificate counts.</param>
    /// <param name="rsaBits">The size of an RSA key, one of <see cref="RsaSizes"/>.</param>
    /// <exception cref="NotSupportedException">This platform does not offer the algorithm: <see cref="SigningAlgorithms.IsOffered"/>.</exception>
    public static LicenseSigningKey Create(SigningAlgorithm algorithm, string commonName, DateTimeOffset notBefore, DateTimeOffset notAfter, int rsaBits = 2048)
    {
        if (!algorithm.IsOffered())
        {
            throw new NotSupportedException("This platform does not offer " + algorithm + ".");
        }
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        if (algorithm == SigningAlgorithm.Rsa)
        {
            using var rsa = RSA.Create(RsaSizes.Contains(rsaBits) ? rsaBits : throw new ArgumentOutOfRangeException(nameof(rsaBits)));
            return SelfSign(new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), rsa, notBefore, notAfter);
        }
        if (algorithm == SigningAlgorithm.Ed25519)
        {
            return Ed25519Certificate.Create(subject.Build(), notBefore, notAfter);
        }
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return SelfSign(new CertificateRequest(subject.Build(), ecdsa, HashAlgorithmName.SHA256), ecdsa, notBefore, notAfter);
    }

    /// <summary>Shows nothing of the key.</summary>
    public override string ToString() => "***";

    private static LicenseSigningKey SelfSign(CertificateRequest request, AsymmetricAlgorithm key, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        AddExtensions(request);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return new LicenseSigningKey(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static void AddExtensions(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    /// <summary>A self-signed certificate with a key that the framework cannot sign with.</summary>
    private sealed class Ed25519Certificate(byte[] privateKey) : X509SignatureGenerator
    {
        private static readonly Oid Algorithm = new("1.3.101.112");

        public static LicenseSigningKey Create(X500DistinguishedName subject, DateTimeOffset notBefore, DateTimeOffset notAfter)
        {
            var privateKey = RandomNumberGenerator.GetBytes(Ed25519.KeyBytes);
            var generator = new Ed25519Certificate(privateKey);
            var request = new CertificateRequest(subject, generator.PublicKey, HashAlgorithmName.SHA256);
            AddExtensions(request);
            var serial = RandomNumberGenerator.GetBytes(16);
            serial[0] &= 0x7F;
            using var certificate = request.Create(subject, generator, notBefore, notAfter, serial);
            return new LicenseSigningKey(certificate.ExportCertificatePem(), PemEncoding.WriteString("PRIVATE KEY", [.. Ed25519.PrivateKeyStart, .. privateKey]));
        }

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70];

        // The algorithm hashes by itself.
        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => Ed25519.Sign(privateKey, data);

        protected override PublicKey BuildPublicKey() => new(Algorithm, null, new AsnEncodedData(Algorithm, Ed25519.PublicKeyOf(privateKey)));
    }
}
