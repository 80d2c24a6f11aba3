using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Verification;

/// <summary>Signs license files and tokens with one key of this process. Safe to use from many threads: each signature takes a writer of its own from a pool.</summary>
/// <remarks>For many files on one thread, <see cref="LicenseFileWriter"/> saves the copy. Dispose it only when no thread signs any more.</remarks>
public sealed class LicenseSigner : ILicenseSigner, IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly byte[]? _ed25519;
    private readonly ConcurrentBag<LicenseFileWriter> _writers = [];
    private readonly ConcurrentBag<AsymmetricAlgorithm> _keys = [];

    /// <summary>Makes a signer from a certificate with its private key: ECDSA on P-256, or RSA with 2048 bits or more.</summary>
    /// <param name="keyId">The key's id, written into each file: letters and digits of ASCII, dots, underlines, hyphens.</param>
    /// <param name="certificate">The certificate with its private key. The signer keeps a reference of its own.</param>
    /// <exception cref="ArgumentException">The id or the key cannot be used; the message says why.</exception>
    public LicenseSigner(string keyId, X509Certificate2 certificate)
        : this(keyId, certificate, null)
    {
    }

    private LicenseSigner(string keyId, X509Certificate2 certificate, byte[]? ed25519)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (LicenseRules.KeyIdFault(keyId) is { } fault)
        {
            throw new ArgumentException(fault, nameof(keyId));
        }
        if (ed25519 is null && !certificate.HasPrivateKey)
        {
            throw new ArgumentException("The signing certificate comes without its private key.", nameof(certificate));
        }
        if (!TrustedCertificate.TryCreate(certificate, out var trusted, out var reason))
        {
            throw new ArgumentException("The signing certificate " + reason + ".", nameof(certificate));
        }
        KeyId = keyId;
        Certificate = trusted;
        _ed25519 = ed25519;
        _certificate = new X509Certificate2(certificate);
    }

    /// <summary>The key's id as it stands in each file.</summary>
    public string KeyId { get; }

    /// <summary>The certificate that verifiers need in their bundle.</summary>
    public TrustedCertificate Certificate { get; }

    /// <summary>What it signs with.</summary>
    public SigningAlgorithm Algorithm => Certificate.Algorithm;

    /// <summary>Makes a signer from PEM.</summary>
    /// <exception cref="ArgumentException">The two do not belong together, cannot be read, or cannot be used.</exception>
    public static LicenseSigner FromPem(string keyId, string certificatePem, string privateKeyPem)
    {
        if (Ed25519FromPem(certificatePem, privateKeyPem) is var (own, key))
        {
            using (own)
            {
                return new LicenseSigner(keyId, own, key);
            }
        }
        using var certificate = LoadPem(certificatePem, privateKeyPem);
        return new LicenseSigner(keyId, certificate);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> SignAsync(byte[] octets, CancellationToken cancellation) => ValueTask.FromResult(SignOctets(octets));

    /// <summary>Signs octets as <see cref="ILicenseSigner.SignAsync"/> says, at once.</summary>
    public byte[] SignOctets(byte[] octets)
    {
        if (_ed25519 is not null)
        {
            return Ed25519.Sign(_ed25519, octets);
        }
        if (!_keys.TryTake(out var key))
        {
            key = OpenKey();
        }
        try
        {
            return key is ECDsa ecdsa
                ? ecdsa.SignData(octets, HashAlgorithmName.SHA256)
                : ((RSA)key).SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _keys.Add(key);
        }
    }

    /// <summary>Signs a license and returns the file.</summary>
    /// <exception cref="ArgumentException">The license breaks a rule of version 1 (see <see cref="LicenseFile.Check"/>); nothing was signed.</exception>
    public byte[] Sign(LicenseFile license)
    {
        if (!_writers.TryTake(out var writer))
        {
            writer = new LicenseFileWriter(this);
        }
        try
        {
            return writer.Write(license).ToArray();
        }
        finally
        {
            _writers.Add(writer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_writers.TryTake(out var writer))
        {
            writer.Dispose();
        }
        while (_keys.TryTake(out var key))
        {
            key.Dispose();
        }
        _certificate.Dispose();
    }

    private static X509Certificate2 LoadPem(string certificatePem, string privateKeyPem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificatePem, privateKeyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The framework says the same in several ways, and none of them is for people.
            throw new ArgumentException("The signing key cannot be read, or does not belong to its certificate.", nameof(privateKeyPem), e);
        }
    }

    // The framework reads such certificates, but not their private keys.
    private static (X509Certificate2 Certificate, byte[] Key)? Ed25519FromPem(string certificatePem, string privateKeyPem)
    {
        X509Certificate2 certificate;
        byte[] pkcs8;
        try
        {
            certificate = X509Certificate2.CreateFromPem(certificatePem);
            var fields = PemEncoding.Find(privateKeyPem);
            pkcs8 = Convert.FromBase64String(privateKeyPem[fields.Base64Data]);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
        if (certificate.PublicKey.Oid.Value != TrustedCertificate.Ed25519PublicKey)
        {
            certificate.Dispose();
            return null;
        }
        var start = Ed25519.PrivateKeyStart;
        var fits = pkcs8.Length == start.Length + Ed25519.KeyBytes && pkcs8.AsSpan().StartsWith(start) && SigningAlgorithm.Ed25519.IsOffered()
            && Ed25519.PublicKeyOf(pkcs8[start.Length..]).AsSpan().SequenceEqual(certificate.PublicKey.EncodedKeyValue.RawData);
        if (fits)
        {
            return (certificate, pkcs8[start.Length..]);
        }
        certificate.Dispose();
        throw new ArgumentException("The signing key cannot be read here, or does not belong to its certificate.", nameof(privateKeyPem));
    }

    /// <summary>A key object of the caller's own: the framework promises nothing for one in two threads.</summary>
    internal AsymmetricAlgorithm OpenKey() => !Algorithm.SignsFiles()
        ? throw new InvalidOperationException("Files are signed with ECDSA or RSA; this key is for tokens alone.")
        : Algorithm == SigningAlgorithm.Rsa
        ? _certificate.GetRSAPrivateKey() ?? throw new CryptographicException("The RSA key is gone.")
        : _certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("The ECDSA key is gone.");
}
