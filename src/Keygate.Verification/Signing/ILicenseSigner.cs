namespace Keygate.Verification;

/// <summary>
/// A key that signs, wherever it lies: in this process (<see cref="LicenseSigner"/>), in a device, behind a socket. Safe to use from many threads.
/// </summary>
/// <remarks><see cref="LicenseIssuing"/> makes files, tokens and signed documents of it, and looks at each signature before it hands anything out.</remarks>
public interface ILicenseSigner
{
    /// <summary>The issuer's name of the key: letters and digits of ASCII, dots, underlines, hyphens.</summary>
    string KeyId { get; }

    /// <summary>The certificate that verifiers need in their bundle; it also tells the algorithm.</summary>
    TrustedCertificate Certificate { get; }

    /// <summary>
    /// Signs octets: ECDSA over their SHA-256 as r and s of 32 octets each, RSA over their SHA-256 with PKCS #1 v1.5, Ed25519 over the octets themselves. May
    /// be repeated: a second signature does no harm.
    /// </summary>
    ValueTask<byte[]> SignAsync(byte[] octets, CancellationToken cancellation);
}
