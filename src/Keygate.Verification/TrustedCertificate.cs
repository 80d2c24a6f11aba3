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
    internal const string Ed25519PublicKey = "1.3.101.112";
    private const int RsaBitsMin = 2048;
    private const int RsaBitsMax = 8192;

    // The parameters of an EC key in a certificate: the object identifier of the curve P-256.
    private static readonly byte[] P256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    // Half the order of P-256's group: of the two values of s that verify alike, tokens carry the lower one.
    private static readonly byte[] HalfOrder =
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xDE, 0x73, 0x7D, 0x56, 0xD3, 0x8B, 0xCF, 0x42, 0x79, 0xDC, 0xE5, 0x61, 0x7E, 0x31, 0x92, 0xA8,
    ];

    // The framework promises nothing for one key object in two threads, so that each verification takes its own.
    private readonly ConcurrentBag<AsymmetricAlgorithm> _keys = [];
    private readonly Func<AsymmetricAlgorithm>? _makeKey;
    private readonly ConcurrentDictionary<string, string> _headers = new(StringComparer.Ordinal);
    private readonly byte[] _raw;
    private readonly int _signatureBytes;
    private readonly SignatureTemplate? _template;
    private readonly (string Name, string Value)[] _jwk;

    private TrustedCertificate(
        X509Certificate2 certificate, SigningAlgorithm algorithm, int signatureBytes, (string Name, string Value)[] jwk, Func<AsymmetricAlgorithm>? makeKey)
    {
        _raw = certificate.RawData;
        _makeKey = makeKey;
        _jwk = jwk;
        _signatureBytes = signatureBytes;
        Algorithm = algorithm;
        KeyThumbprint = ThumbprintOf(jwk);
        Subject = certificate.Subject;
        Fingerprint = Octets.Hex(Octets.Sha256(_raw, 0, _raw.Length));
        NotBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero);
        NotAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        Base64 = Convert.ToBase64String(_raw);
        _template = algorithm.SignsFiles() ? new SignatureTemplate(algorithm, Base64, signatureBytes) : null;
    }

    /// <summary>The certificate's subject as it writes it.</summary>
    public string Subject { get; }

    /// <summary>SHA-256 of the certificate, in lower-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>The key's thumbprint (RFC 7638, SHA-256, base64url): how tokens name it.</summary>
    public string KeyThumbprint { get; }

    /// <summary>The algorithm of its key.</summary>
    public SigningAlgorithm Algorithm { get; }

    /// <summary>From when the certificate counts, by its own words.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when the certificate counts, by its own words.</summary>
    public DateTimeOffset NotAfter { get; }

    internal string Base64 { get; }

    /// <summary>The length of the key in bits, for RSA; 256 for the others.</summary>
    public int KeyBits => Algorithm == SigningAlgorithm.Rsa ? _signatureBytes * 8 : 256;

    /// <summary>The layout of signatures in files.</summary>
    internal SignatureTemplate Template => _template ?? throw new InvalidOperationException("Files are not signed with this key's algorithm.");

    /// <summary>The certificate in DER, a copy.</summary>
    public byte[] ToDer() => (byte[])_raw.Clone();

    /// <summary>The key as a JSON Web Key with its certificate (<c>x5c</c>), for programs that verify tokens with a JOSE library.</summary>
    /// <param name="keyId">The issuer's name of the key, shown as <c>id</c>; left out if absent.</param>
    public string ToJwk(string? keyId = null)
    {
        var json = new JsonWriting();
        WriteJwk(json, keyId);
        return json.ToString();
    }

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
                        trusted = new TrustedCertificate(certificate, SigningAlgorithm.EcdsaP256, 64,
                            [("crv", "P-256"), ("kty", "EC"), ("x", Base64Url.Encode(parameters.Q.X)), ("y", Base64Url.Encode(parameters.Q.Y))], () => ECDsa.Create(parameters));
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
                        trusted = new TrustedCertificate(certificate, SigningAlgorithm.Rsa, (bits + 7) / 8,
                            [("e", Base64Url.Encode(rsaParameters.Exponent!)), ("kty", "RSA"), ("n", Base64Url.Encode(rsaParameters.Modulus!))], () => MakeRsa(rsaParameters));
                    }
                    return true;
                case Ed25519PublicKey:
                    // Read here and verified where the platform can: a bundle must not become unreadable by a key that this platform does not use.
                    var raw = certificate.PublicKey.EncodedKeyValue.RawData;
                    if (raw.Length != 32)
                    {
                        reason = "holds an Ed25519 key that is not 32 bytes long";
                        return false;
                    }
                    trusted = new TrustedCertificate(certificate, SigningAlgorithm.Ed25519, 64, [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64Url.Encode(raw))], null);
                    return true;
                default:
                    reason = "holds a key that is neither ECDSA nor RSA nor Ed25519";
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
        return VerifiesSignature(signed, signature);
    }

    /// <summary>Whether a token's signature fits: in the one spelling that we write, which for ECDSA is the lower of two values that verify alike.</summary>
    internal bool VerifiesToken(byte[] signed, byte[] signature) =>
        signature.Length == _signatureBytes && (Algorithm != SigningAlgorithm.EcdsaP256 || HasLowerValue(signature)) && VerifiesSignature(signed, signature);

    /// <summary>Whether s, the second half of an ECDSA signature, is the lower one.</summary>
    internal static bool HasLowerValue(byte[] signature)
    {
        for (var i = 0; i < HalfOrder.Length; i++)
        {
            if (signature[32 + i] != HalfOrder[i])
            {
                return signature[32 + i] < HalfOrder[i];
            }
        }
        return true;
    }

    /// <summary>The one header of this key's tokens of a type, in base64url.</summary>
    internal string HeaderOf(string type) => _headers.GetOrAdd(type, t => TokenHeader.Of(Algorithm, KeyThumbprint, t));

    internal void WriteJwk(JsonWriting json, string? keyId)
    {
        json.Open('{').Member("kid", KeyThumbprint).Member("alg", Algorithm.TokenName()).Member("use", "sig");
        foreach (var (name, value) in _jwk)
        {
            json.Member(name, value);
        }
        json.Name("x5c").Open('[').Text(Base64).Close(']').Member("id", keyId).Close('}');
    }

    private static string ThumbprintOf((string Name, string Value)[] jwk)
    {
        var json = new JsonWriting().Open('{');
        foreach (var (name, value) in jwk)
        {
            json.Member(name, value);
        }
        var octets = json.Close('}').ToUtf8();
        return Base64Url.Encode(Octets.Sha256(octets, 0, octets.Length));
    }

    /// <summary>Whether a signature fits some octets.</summary>
    internal bool VerifiesSignature(byte[] signed, byte[] signature)
    {
        if (_makeKey is null)
        {
#if NET
            return VerifiesEd25519(signed, signature);
#else
            return false;
#endif
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

#if NET
    private bool VerifiesEd25519(byte[] signed, byte[] signature) =>
        Base64Url.TryDecode(_jwk[2].Value, out var publicKey) && Ed25519.Verify(publicKey, signed, signature);
#endif

    private static RSA MakeRsa(RSAParameters parameters)
    {
        var rsa = RSA.Create();
        rsa.ImportParameters(parameters);
        return rsa;
    }
}
