using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Verification;

/// <summary>A certificate whose key may sign license files. Immutable and safe to use from many threads.</summary>
/// <remarks>Its dates and its issuer are for people to read: to stand in the bundle is what makes a key trusted, and leaving the bundle ends it.</remarks>
public sealed class TrustedCertificate
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaPublicKey = "1.2.840.113549.1.1.1";
    private const int RsaBitsMin = 2048;
    private const int RsaBitsMax = 8192;

    // The parameters of an EC key in a certificate: the object identifier of the curve P-256.
    private static readonly byte[] P256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    // The framework promises nothing for one key object in two threads, so that each verification takes its own.
    private readonly ConcurrentBag<AsymmetricAlgorithm> _keys = [];
    private readonly Func<AsymmetricAlgorithm> _makeKey;
    private readonly byte[] _raw;

    private TrustedCertificate(X509Certificate2 certificate, SigningAlgorithm algorithm, int signatureBytes, Func<AsymmetricAlgorithm> makeKey)
    {
        _raw = certificate.RawData;
        _makeKey = makeKey;
        Algorithm = algorithm;
        Subject = certificate.Subject;
        Fingerprint = Octets.Hex(Octets.Sha256(_raw, 0, _raw.Length));
        NotBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero);
        NotAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        Base64 = Convert.ToBase64String(_raw);
        Template = new SignatureTemplate(algorithm, Base64, signatureBytes);
    }

    /// <summary>The certificate's subject as it writes it.</summary>
    public string Subject { get; }

    /// <summary>SHA-256 of the certificate, in lower-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>The algorithm of its key.</summary>
    public SigningAlgorithm Algorithm { get; }

    /// <summary>From when the certificate counts, by its own words.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when the certificate counts, by its own words.</summary>
    public DateTimeOffset NotAfter { get; }

    internal string Base64 { get; }

    internal SignatureTemplate Template { get; }

    /// <summary>The certificate in DER, a copy.</summary>
    public byte[] ToDer() => (byte[])_raw.Clone();

    /// <inheritdoc/>
    public override string ToString() => Subject + " (" + Fingerprint + ")";

    internal static bool TryCreate(X509Certificate2 certificate, [NotNullWhen(true)] out TrustedCertificate? trusted, out string reason)
    {
        trusted = null;
        reason = "";
        try
        {
            switch (certificate.PublicKey.Oid.Value)
            {
                case EcPublicKey:
                    var point = certificate.PublicKey.EncodedKeyValue.RawData;
                    if (certificate.PublicKey.EncodedParameters?.RawData is not { } curve || !curve.SequenceEqual(P256) || point.Length != 65 || point[0] != 4)
                    {
                        reason = "holds an elliptic-curve key that is not on P-256";
                        return false;
                    }
                    var parameters = new ECParameters
                    {
                        Curve = ECCurve.NamedCurves.nistP256,
                        Q = new ECPoint { X = point.Skip(1).Take(32).ToArray(), Y = point.Skip(33).ToArray() },
                    };
                    // The framework checks that the point lies on the curve.
                    using (ECDsa.Create(parameters))
                    {
                        trusted = new TrustedCertificate(certificate, SigningAlgorithm.EcdsaP256, 64, () => ECDsa.Create(parameters));
                    }
                    return true;
                case RsaPublicKey:
                    using (var rsa = certificate.GetRSAPublicKey() ?? throw new CryptographicException())
                    {
                        var bits = rsa.KeySize;
                        if (bits is < RsaBitsMin or > RsaBitsMax)
                        {
                            reason = string.Format(CultureInfo.InvariantCulture, "holds an RSA key of {0} bits: 2048 to 8192 are accepted", bits);
                            return false;
                        }
                        var rsaParameters = rsa.ExportParameters(includePrivateParameters: false);
                        trusted = new TrustedCertificate(certificate, SigningAlgorithm.Rsa, (bits + 7) / 8, () => MakeRsa(rsaParameters));
                    }
                    return true;
                default:
                    reason = "holds a key that is neither ECDSA nor RSA";
                    return false;
            }
        }
        catch (CryptographicException)
        {
            reason = "holds a public key that cannot be read";
            return false;
        }
    }

    /// <summary>Whether a signature value in base64 fits a text. A value in any but its one canonical spelling doesn't.</summary>
    internal bool Verifies(byte[] signed, string signatureBase64)
    {
        if (!StrictBase64.TryDecode(signatureBase64, out var signature))
        {
            return false;
        }
        var hash = Octets.Sha256(signed, 0, signed.Length);
        if (!_keys.TryTake(out var key))
        {
            key = _makeKey();
        }
        try
        {
            return key is ECDsa ecdsa
                ? signature.Length == 64 && ecdsa.VerifyHash(hash, signature)
                : ((RSA)key).VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            _keys.Add(key);
        }
    }

    private static RSA MakeRsa(RSAParameters parameters)
    {
        var rsa = RSA.Create();
        rsa.ImportParameters(parameters);
        return rsa;
    }
}
