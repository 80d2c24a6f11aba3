using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>
/// Certificates that a server may show: the server's own, self-signed or not, or that of a private authority that signed it. Given as PEM
/// text (any number of certificates) or as SHA-256 fingerprints of the server's own certificate.
/// </summary>
public sealed class XmlRpcPins
{
    private readonly X509Certificate2Collection _certificates;
    private readonly HashSet<string> _fingerprints;

    private XmlRpcPins(X509Certificate2Collection certificates, IEnumerable<string> fingerprints)
    {
        _certificates = certificates;
        _fingerprints = new(fingerprints, StringComparer.OrdinalIgnoreCase);
        foreach (var certificate in certificates)
        {
            _fingerprints.Add(FingerprintOf(certificate));
        }
    }

    /// <summary>No pins: the system's authorities decide.</summary>
    public static XmlRpcPins None { get; } = new([], []);

    /// <summary>True without pins.</summary>
    public bool IsEmpty => _fingerprints.Count == 0;

    /// <summary>Reads pins, separated by white space or lines: PEM certificates, fingerprints of 64 hex digits (colons allowed), or both.
    /// Empty text gives <see cref="None"/>.</summary>
    /// <exception cref="FormatException">Something in the text is neither.</exception>
    public static XmlRpcPins Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return None;
        }

        var certificates = new X509Certificate2Collection();
        var rest = new StringBuilder();
        var span = text.AsSpan();
        while (PemEncoding.TryFind(span, out var fields))
        {
            rest.Append(span[..fields.Location.Start]).Append('\n');
            if (!span[fields.Label].SequenceEqual("CERTIFICATE"))
            {
                throw new FormatException($"A pin is a certificate, not a {span[fields.Label]}.");
            }

            try
            {
                certificates.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(span[fields.Base64Data].ToString())));
            }
            catch (CryptographicException unreadable)
            {
                throw new FormatException("A pinned certificate cannot be read.", unreadable);
            }

            span = span[fields.Location.End..];
        }

        rest.Append(span);
        var fingerprints = new List<string>();
        foreach (var word in rest.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var digits = word.Replace(":", "", StringComparison.Ordinal);
            if (digits.Length != 64 || !digits.All(char.IsAsciiHexDigit))
            {
                throw new FormatException("A pin is a certificate in PEM form or its SHA-256 fingerprint, 64 hexadecimal digits.");
            }

            fingerprints.Add(digits);
        }

        return new(certificates, fingerprints);
    }

    /// <summary>Pins exactly these certificates.</summary>
    public static XmlRpcPins Of(params ReadOnlySpan<X509Certificate2> certificates)
    {
        var collection = new X509Certificate2Collection();
        foreach (var certificate in certificates)
        {
            collection.Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
        }

        return new(collection, []);
    }

    /// <summary>The SHA-256 fingerprint of a certificate, in hexadecimal digits.</summary>
    public static string FingerprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span));
    }

    /// <summary>
    /// Judges the certificate that a server shows: null where it may be trusted, else why not. For clients of other protocols too.
    /// </summary>
    /// <param name="shown">The certificate; null where the server shows none.</param>
    /// <param name="sent">What it sent along.</param>
    /// <param name="errors">What the system has against it.</param>
    /// <param name="url">Where the server is.</param>
    /// <param name="now">The time to compare its dates with.</param>
    public XmlRpcCertificateFault? FaultOf(X509Certificate2? shown, X509Chain? sent, SslPolicyErrors errors, Uri url, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(url);
        var place = FormattableString.Invariant($"{url.Host}:{url.Port}");
        if (shown is null)
        {
            return new(XmlRpcCause.TlsFailed, $"{place} shows no certificate.");
        }

        if (now.UtcDateTime < shown.NotBefore.ToUniversalTime() || now.UtcDateTime > shown.NotAfter.ToUniversalTime())
        {
            return new(
                XmlRpcCause.CertificateExpired,
                FormattableString.Invariant(
                    $"The certificate of {place} is valid from {shown.NotBefore.ToUniversalTime():yyyy-MM-dd} to {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}, not today. The server needs a new one."));
        }

        if (Holds(shown) || (IsEmpty && errors == SslPolicyErrors.None))
        {
            return null;
        }

        if (!IsEmpty && !Signed(shown, sent, now))
        {
            return new(
                XmlRpcCause.CertificateNotPinned,
                $"The certificate of {place} is not the pinned one (its SHA-256 is {FingerprintOf(shown)}). If the server was given a new certificate, pin that.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new(
                XmlRpcCause.CertificateNameMismatch,
                $"The certificate of {place} is for another name ({shown.GetNameInfo(X509NameType.DnsName, forIssuer: false)}). Use that name, or pin the certificate.");
        }

        return !IsEmpty
            ? null
            : new(
                XmlRpcCause.CertificateUntrusted,
                $"The certificate of {place} comes from no authority that this system trusts (its SHA-256 is {FingerprintOf(shown)}). If it is the right server, pin the certificate.");
    }

    /// <summary>True when it is one of the pinned certificates itself, whatever its name.</summary>
    internal bool Holds(X509Certificate2 certificate) => _fingerprints.Contains(FingerprintOf(certificate));

    /// <summary>True when a pinned authority signed it, valid at that moment.</summary>
    private bool Signed(X509Certificate2 certificate, X509Chain? sent, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var pinned in _certificates)
        {
            if (pinned.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority))
            {
                chain.ChainPolicy.CustomTrustStore.Add(pinned);
            }
        }

        if (chain.ChainPolicy.CustomTrustStore.Count == 0)
        {
            return false;
        }

        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate);
    }
}

/// <summary>Why a server's certificate is not to be trusted.</summary>
/// <param name="Cause">One of the causes that name a certificate.</param>
/// <param name="Text">A sentence with the server and what can be done.</param>
public readonly record struct XmlRpcCertificateFault(XmlRpcCause Cause, string Text);
