using System.Text;

namespace Keygate.Verification;

/// <summary>
/// Tells whether a license file was signed by a trusted key, and reads it. Works offline and is safe to use from many threads.
/// </summary>
/// <remarks>
/// A file as the issuer wrote it is compared octet by octet, without an XML parser before there is trust. A file that a tool wrote anew (a declaration,
/// other quotes, attributes in another order, another encoding) goes through a bounded XML reader and the library's own canonicalization. Both ways
/// accept only one signature, the last child of the root, over the whole document, and neither takes a reference, a transform, an algorithm or a key
/// from the file. The certificate inside a file proves nothing: it is only compared with those of the bundle.
/// </remarks>
public sealed class LicenseVerifier
{
    private readonly int _bytesMax;
    private readonly Dictionary<string, TrustedCertificate> _byCertificate;

    /// <summary>Makes a verifier for one trust bundle.</summary>
    /// <param name="trust">The certificates whose keys may sign.</param>
    /// <param name="fileBytesMax">The largest file that is looked into, in bytes.</param>
    public LicenseVerifier(TrustBundle trust, int fileBytesMax = LicenseFormat.FileBytesMax)
    {
        Trust = trust ?? throw new ArgumentNullException(nameof(trust));
        _bytesMax = fileBytesMax > 0 ? fileBytesMax : throw new ArgumentOutOfRangeException(nameof(fileBytesMax));
        _byCertificate = trust.Certificates.ToDictionary(c => c.Base64, StringComparer.Ordinal);
    }

    /// <summary>The certificates whose keys may sign.</summary>
    public TrustBundle Trust { get; }

    /// <summary>Verifies a file's signature and reads it. Never throws because of what the file holds.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="now">The moment for which the license's dates are looked at; without it nothing is said about them.</param>
    /// <returns>The license, with <see cref="LicenseVerification.Validity"/> if a moment was given, or the refusal. An expired license is authentic
    /// but not usable.</returns>
    public LicenseVerification Verify(byte[] file, DateTimeOffset? now = null)
    {
        _ = file ?? throw new ArgumentNullException(nameof(file));
        if (file.Length > _bytesMax)
        {
            return new LicenseVerification(LicenseRefusals.TooLarge(_bytesMax));
        }
        if (VerifyByOctets(file, out var octets) is { } signedBy)
        {
            return Read(octets, signedBy, now);
        }
        // Whatever the fast way doesn't accept goes the long way, which also finds the words for a refusal.
        return VerifyByDocument(file, now);
    }

    /// <summary>The long way alone; the tests hold both ways against every attack.</summary>
    internal LicenseVerification VerifyByDocument(byte[] file, DateTimeOffset? now)
    {
        if (SignedDocument.Read(file, out var unreadable) is not { } document)
        {
            return new LicenseVerification(unreadable!);
        }
        var signature = Encoding.UTF8.GetString(document.Signature);
        if (SignatureDiagnosis.CertificateOf(signature) is not { } embedded || !_byCertificate.TryGetValue(embedded, out var key))
        {
            return new LicenseVerification(SignatureDiagnosis.Of(document.Signature, null) ?? LicenseRefusals.KeyOutsideBundle);
        }

        var template = key.Template;
        var middle = template.CanonicalHead.Length + SignatureTemplate.DigestChars;
        var value = middle + template.Middle.Length;
        var tail = value + template.SignatureChars;
        if (document.Signature.Length != tail + template.Tail.Length || !Octets.StandAt(document.Signature, 0, template.CanonicalHead)
            || !Octets.StandAt(document.Signature, middle, template.Middle) || !Octets.StandAt(document.Signature, tail, template.Tail))
        {
            return new LicenseVerification(SignatureDiagnosis.Of(document.Signature, key.Algorithm) ?? LicenseRefusals.SignatureShape("it differs from the layout of version 1"));
        }
        var digest = SignatureTemplate.DigestOf(document.Content, document.Content.Length);
        if (!Octets.StandAt(document.Signature, template.CanonicalHead.Length, digest))
        {
            return new LicenseVerification(LicenseRefusals.ContentChanged);
        }
        return key.Verifies(template.RenderSignedInfo(digest), signature.Substring(value, template.SignatureChars))
            ? Read(document.Content, key, now)
            : new LicenseVerification(LicenseRefusals.SignatureWrong);
    }

    /// <summary>The fast way: returns the key if the file is to the octet what the issuer's writer makes, and the octets that were signed.</summary>
    internal TrustedCertificate? VerifyByOctets(byte[] file, out byte[] octets)
    {
        octets = [];
        var end = file.Length - LicenseElements.RootEnd.Length;
        if (!Octets.StandAt(file, end, LicenseElements.RootEnd))
        {
            return null;
        }
        foreach (var key in Trust.Certificates)
        {
            var template = key.Template;
            var tail = end - template.Tail.Length;
            var value = tail - template.SignatureChars;
            var middle = value - template.Middle.Length;
            var digestAt = middle - SignatureTemplate.DigestChars;
            var start = digestAt - template.Head.Length;
            // The tail comes first: it holds the certificate, so that a wrong key is passed over at once.
            if (start < 0 || !Octets.StandAt(file, tail, template.Tail) || !Octets.StandAt(file, middle, template.Middle) || !Octets.StandAt(file, start, template.Head))
            {
                continue;
            }
            var content = new byte[start + LicenseElements.RootEnd.Length];
            Buffer.BlockCopy(file, 0, content, 0, start);
            Buffer.BlockCopy(LicenseElements.RootEnd, 0, content, start, LicenseElements.RootEnd.Length);
            var digest = SignatureTemplate.DigestOf(content, content.Length);
            if (!Octets.StandAt(file, digestAt, digest)
                || !key.Verifies(template.RenderSignedInfo(digest), Encoding.ASCII.GetString(file, value, template.SignatureChars)))
            {
                return null;
            }
            octets = content;
            return key;
        }
        return null;
    }

    private static LicenseVerification Read(byte[] octets, TrustedCertificate signedBy, DateTimeOffset? now) =>
        LicenseContentReader.Read(octets, out var reason) is { } license
            ? new LicenseVerification(license, signedBy, octets, now is { } moment ? license.ValidityAt(moment) : LicenseValidity.Unchecked)
            : new LicenseVerification(LicenseRefusals.Layout(reason!));
}
