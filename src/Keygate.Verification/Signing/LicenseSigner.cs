using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Verification;

/// <summary>Signs license files with one key. Safe to use from many threads: each signature takes a writer of its own from a pool.</summary>
/// <remarks>For many files on one thread, <see cref="LicenseFileWriter"/> saves the copy. Dispose it only when no thread signs any more.</remarks>
public sealed class LicenseSigner : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentBag<LicenseFileWriter> _writers = [];

    /// <summary>Makes a signer from a certificate with its private key: ECDSA on P-256, or RSA with 2048 bits or more.</summary>
    /// <param name="keyId">The key's id, written into each file: letters and digits of ASCII, dots, underlines, hyphens.</param>
    /// <param name="certificate">The certificate with its private key. The signer keeps a reference of its own.</param>
    /// <exception cref="ArgumentException">The id or the key cannot be used; the message says why.</exception>
    public LicenseSigner(string keyId, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (LicenseRules.KeyIdFault(keyId) is { } fault)
        {
            throw new ArgumentException(fault, nameof(keyId));
        }
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("The signing certificate comes without its private key.", nameof(certificate));
        }
        if (!TrustedCertificate.TryCreate(certificate, out var trusted, out var reason))
        {
            throw new ArgumentException("The signing certificate " + reason + ".", nameof(certificate));
        }
        KeyId = keyId;
        Certificate = trusted;
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
        using var certificate = LoadPem(certificatePem, privateKeyPem);
        return new LicenseSigner(keyId, certificate);
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

    /// <summary>A key object of the caller's own: the framework promises nothing for one in two threads.</summary>
    internal AsymmetricAlgorithm OpenKey() => Algorithm == SigningAlgorithm.Rsa
        ? _certificate.GetRSAPrivateKey() ?? throw new CryptographicException("The RSA key is gone.")
        : _certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("The ECDSA key is gone.");
}
