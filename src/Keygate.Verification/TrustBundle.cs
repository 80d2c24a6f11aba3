using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Keygate.Verification;

/// <summary>
/// The certificates whose keys may sign licenses: from PEM, which a product ships with, or from the issuer's signed <c>trust.json</c>
/// (<see cref="TrustRoots.ReadTrust"/>), which also tells revoked keys. Immutable.
/// </summary>
public sealed class TrustBundle
{
    /// <summary>The largest bundle that is read, in characters.</summary>
    public const int CharsMax = 1024 * 1024;

    /// <summary>The most certificates of one bundle.</summary>
    public const int CertificatesMax = 256;

    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";

    private TrustBundle(IReadOnlyList<TrustedCertificate> certificates, long? number = null, IReadOnlyList<RevokedKey>? revoked = null) =>
        (Certificates, Number, Revoked) = (certificates, number, revoked ?? []);

    /// <summary>The certificates in the bundle's order, none twice.</summary>
    public IReadOnlyList<TrustedCertificate> Certificates { get; }

    /// <summary>The number of a signed bundle, which rises with each change; absent for PEM.</summary>
    public long? Number { get; }

    /// <summary>The keys that the issuer has revoked; empty for PEM.</summary>
    public IReadOnlyList<RevokedKey> Revoked { get; }

    /// <summary>Makes a bundle of certificates; private keys that they may carry are left out.</summary>
    /// <exception cref="FormatException">There is none, or one has a key that version 1 does not use.</exception>
    public static TrustBundle Of(params X509Certificate2[] certificates) =>
        TryMake(certificates, out var bundle, out var reason) ? bundle : throw new FormatException(reason);

    /// <summary>Makes a bundle of certificates that were read already.</summary>
    public static TrustBundle Of(IReadOnlyList<TrustedCertificate> certificates) =>
        certificates is { Count: > 0 } ? new(certificates) : throw new FormatException("A trust bundle holds at least one certificate.");

    /// <summary>Reads a bundle from PEM.</summary>
    /// <exception cref="FormatException">It is broken; the message says where and what to do.</exception>
    public static TrustBundle Parse(string pem) => TryParse(pem, out var bundle, out var reason) ? bundle : throw new FormatException(reason);

    /// <summary>Reads a bundle from PEM. Text around the certificates is ignored, as PEM allows.</summary>
    /// <param name="pem">The PEM text.</param>
    /// <param name="bundle">The bundle if the answer is <see langword="true"/>.</param>
    /// <param name="reason">Else one sentence that says what is wrong, and one with the remedy.</param>
    public static bool TryParse(string pem, [NotNullWhen(true)] out TrustBundle? bundle, out string reason)
    {
        bundle = null;
        if (pem.Length > CharsMax)
        {
            reason = "The trust bundle is larger than 1 MiB. Give the PEM file with the issuer's certificates.";
            return false;
        }
        var certificates = new List<X509Certificate2>();
        for (var at = pem.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = pem.IndexOf(Begin, at, StringComparison.Ordinal))
        {
            var labelEnd = pem.IndexOf(Dashes, at + Begin.Length, StringComparison.Ordinal);
            var label = labelEnd < 0 ? "" : pem.Substring(at + Begin.Length, labelEnd - at - Begin.Length);
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
            {
                // Who sees a bundle with a private key in it has to know: it can sign licenses.
                reason = "The trust bundle holds a private key. Take it out, and replace that key if the bundle was given away.";
                return false;
            }
            var nth = "Certificate " + (certificates.Count + 1).ToString(CultureInfo.InvariantCulture) + " of the trust bundle ";
            var end = labelEnd < 0 ? -1 : pem.IndexOf("-----END " + label + Dashes, labelEnd, StringComparison.Ordinal);
            if (end < 0)
            {
                reason = nth + "is cut short: its END line is missing. Copy the bundle again.";
                return false;
            }
            if (label != "CERTIFICATE")
            {
                reason = $"The trust bundle holds something else than certificates ({Shown(label)}). Give the PEM file with the issuer's certificates.";
                return false;
            }
            if (certificates.Count == CertificatesMax)
            {
                reason = "The trust bundle holds more than 256 certificates. Leave out those that no longer sign.";
                return false;
            }
            if (!TryLoad(pem.Substring(labelEnd + Dashes.Length, end - labelEnd - Dashes.Length), out var certificate))
            {
                reason = nth + "cannot be read. Copy the bundle again.";
                return false;
            }
            certificates.Add(certificate);
            at = end + 1;
        }
        return TryMake(certificates, out bundle, out reason);
    }

    /// <summary>Writes the bundle as PEM, each certificate with its subject and fingerprint above it.</summary>
    public string ToPem()
    {
        var pem = new StringBuilder();
        foreach (var certificate in Certificates)
        {
            pem.Append("# ").Append(Shown(certificate.Subject)).Append('\n');
            pem.Append("# SHA-256 ").Append(certificate.Fingerprint).Append('\n');
            pem.Append("-----BEGIN CERTIFICATE-----\n");
            for (var i = 0; i < certificate.Base64.Length; i += 64)
            {
                pem.Append(certificate.Base64, i, Math.Min(64, certificate.Base64.Length - i)).Append('\n');
            }
            pem.Append("-----END CERTIFICATE-----\n");
        }
        return pem.ToString();
    }

    /// <summary>Reads the payload of a signed bundle; null if it is none of version 1.</summary>
    internal static TrustBundle? ReadSigned(byte[] payload, out string reason)
    {
        reason = "its payload is not a JSON object";
        if (JsonReading.Object(payload) is not { } json)
        {
            return null;
        }
        reason = "its version, number or date is missing, or another version's";
        if (json.Number("ver") != 1 || json.Number("seq") is not > 0 || StatusList.Moment(json.Number("iat")) is null)
        {
            return null;
        }
        reason = "its keys are not JSON Web Keys with one certificate each";
        var certificates = new List<X509Certificate2>();
        foreach (var item in json.Items("keys") ?? [])
        {
            if (certificates.Count == CertificatesMax || item is not JsonMembers key || key.Items("x5c") is not { Count: 1 } chain || chain[0] is not string base64 || !TryLoad(base64, out var certificate))
            {
                return null;
            }
            certificates.Add(certificate);
        }
        var revoked = new List<RevokedKey>();
        foreach (var item in json.Items("revoked") ?? [])
        {
            reason = "a revoked key lacks its thumbprint, its certificate's fingerprint or its date";
            if (item is not JsonMembers key || key.Text("kid") is not { } thumbprint || key.Text("x5t#S256") is not { } print
                || !Base64Url.TryDecode(print, out var fingerprint) || StatusList.Moment(key.Number("revoked-at")) is not { } at)
            {
                return null;
            }
            revoked.Add(new RevokedKey(thumbprint, Octets.Hex(fingerprint), key.Text("id"), at));
        }
        return TryMake(certificates, out var bundle, out reason) ? new TrustBundle(bundle.Certificates, json.Number("seq"), revoked) : null;
    }

    /// <summary>Reads the payload of what a root says of the next one; null if it is none of version 1.</summary>
    internal static TrustedCertificate? ReadNextRoot(byte[] payload, out string reason)
    {
        reason = "a payload is not a JSON object of version 1 with a date";
        if (JsonReading.Object(payload) is not { } json || json.Number("ver") != 1 || StatusList.Moment(json.Number("iat")) is null)
        {
            return null;
        }
        reason = "a root is not a JSON Web Key with one certificate";
        return json.Members("root") is { } key && key.Items("x5c") is { Count: 1 } chain && chain[0] is string base64 && TryLoad(base64, out var certificate)
            && TryMake([certificate], out var bundle, out reason) ? bundle.Certificates[0] : null;
    }

    private static bool TryMake(IEnumerable<X509Certificate2> certificates, [NotNullWhen(true)] out TrustBundle? bundle, out string reason)
    {
        bundle = null;
        var trusted = new List<TrustedCertificate>();
        var nth = 0;
        foreach (var certificate in certificates)
        {
            nth++;
            if (!TrustedCertificate.TryCreate(certificate, out var one, out var why))
            {
                reason = $"Certificate {nth.ToString(CultureInfo.InvariantCulture)} of the trust bundle {why}. Ask the issuer for its current bundle.";
                return false;
            }
            if (trusted.TrueForAll(t => t.Fingerprint != one.Fingerprint))
            {
                trusted.Add(one);
            }
        }
        if (trusted.Count == 0)
        {
            reason = "The trust bundle holds no certificate. Give the PEM file with the issuer's certificates.";
            return false;
        }
        reason = "";
        bundle = new TrustBundle(trusted);
        return true;
    }

    private static bool TryLoad(string base64, [NotNullWhen(true)] out X509Certificate2? certificate)
    {
        certificate = null;
        try
        {
            var der = Convert.FromBase64String(base64);
#if NET
            certificate = X509CertificateLoader.LoadCertificate(der);
#else
            certificate = new X509Certificate2(der);
#endif
            return true;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }

    // Subjects and labels come from outside: nothing of them may begin a line or a certificate of its own.
    private static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.Length > 200 ? text.Substring(0, 200) : text)
        {
            shown.Append(char.IsControl(c) ? ' ' : c);
        }
        return shown.Replace(Dashes, " ").ToString();
    }
}
