using System.Text;

namespace Keygate.Verification;

/// <summary>
/// Tells whether a license file or token was signed by a trusted key, and reads it. Works offline and is safe to use from many threads.
/// </summary>
/// <remarks>
/// A file as the issuer wrote it is compared octet by octet, without an XML parser before there is trust. A file that a tool wrote anew (a declaration,
/// other quotes, attributes in another order, another encoding) goes through a bounded XML reader and the library's own canonicalization. Both ways
/// accept only one signature, the last child of the root, over the whole document, and neither takes a reference, a transform, an algorithm or a key
/// from the file. The certificate inside a file proves nothing: it is only compared with those of the bundle.
/// </remarks>
public sealed class LicenseVerifier
{
    // The opening of a JSON object in base64url.
    private static readonly byte[] TokenStart = OctetBuffer.Literal("eyJ");

    private readonly int _bytesMax;
    private readonly List<TrustedCertificate> _fileKeys;
    private readonly Dictionary<string, TrustedCertificate> _byCertificate;

    /// <summary>Makes a verifier for one trust bundle.</summary>
    /// <param name="trust">The certificates whose keys may sign.</param>
    /// <param name="fileBytesMax">The largest file that is looked into, in bytes.</param>
    public LicenseVerifier(TrustBundle trust, int fileBytesMax = LicenseFormat.FileBytesMax)
    {
        Trust = trust ?? throw new ArgumentNullException(nameof(trust));
        _bytesMax = fileBytesMax > 0 ? fileBytesMax : throw new ArgumentOutOfRangeException(nameof(fileBytesMax));
        _fileKeys = [.. trust.Certificates.Where(c => c.Algorithm.SignsFiles())];
        _byCertificate = _fileKeys.ToDictionary(c => c.Base64, StringComparer.Ordinal);
    }

    /// <summary>The certificates whose keys may sign.</summary>
    public TrustBundle Trust { get; }

    /// <summary>Verifies the signature of a file or token and reads it. Never throws because of what it holds.</summary>
    /// <param name="fileOrToken">The bytes of a license file, or of a token's text.</param>
    /// <param name="now">The moment for which the license's dates are looked at, to the second; without it nothing is said about them.</param>
    /// <returns>The license, with <see cref="LicenseVerification.Validity"/> if a moment was given, or the refusal. An expired license is authentic
    /// but not usable.</returns>
    public LicenseVerification Verify(byte[] fileOrToken, DateTimeOffset? now = null) =>
        Verify(fileOrToken, now is { } moment ? new LicenseConditions { Now = moment, ClockDrift = TimeSpan.Zero } : null);

    /// <summary>The same under conditions: dates, drift of the clock, status, instance.</summary>
    /// <returns>The license with <see cref="LicenseVerification.Validity"/>, which is the first condition that is not met, or the refusal.</returns>
    public LicenseVerification Verify(byte[] fileOrToken, LicenseConditions? conditions)
    {
        _ = fileOrToken ?? throw new ArgumentNullException(nameof(fileOrToken));
        if (IsToken(fileOrToken))
        {
            return VerifyToken(Encoding.ASCII.GetString(fileOrToken), conditions);
        }
        if (fileOrToken.Length > _bytesMax)
        {
            return new LicenseVerification(LicenseRefusals.TooLarge(_bytesMax));
        }
        if (VerifyByOctets(fileOrToken, out var octets) is { } signedBy)
        {
            return Read(octets, signedBy, conditions);
        }
        // Whatever the fast way doesn't accept goes the long way, which also finds the words for a refusal.
        return VerifyByDocument(fileOrToken, conditions);
    }

    /// <summary>Verifies a token and reads it. White space around it is ignored. Never throws because of what it holds.</summary>
    public LicenseVerification VerifyToken(string token, LicenseConditions? conditions = null)
    {
        _ = token ?? throw new ArgumentNullException(nameof(token));
        if (token.Length > LicenseFormat.TokenCharsMax)
        {
            return new LicenseVerification(LicenseRefusals.TooLarge(LicenseFormat.TokenCharsMax));
        }
        token = token.Trim();
        if (SignedToken.Verify(token, TokenHeader.License, Trust.Certificates, out var refusal) is not { } signed)
        {
            return new LicenseVerification(
                refusal!.Code == LicenseRefusalCode.KeyOutsideBundle && SignedToken.KeyNamedBy(token) is { } named && Revoked(r => r.KeyThumbprint == named) is { } revoked
                    ? LicenseRefusals.KeyRevoked(revoked) : refusal);
        }
        return TokenContents.Read(signed.Payload, out var reason) is { } license
            ? new LicenseVerification(license, signed.SignedBy, signed.Payload, Judge(license, conditions))
            : new LicenseVerification(LicenseRefusals.Layout(reason));
    }

    /// <summary>The long way alone; the tests hold both ways against every attack.</summary>
    internal LicenseVerification VerifyByDocument(byte[] file, LicenseConditions? conditions = null)
    {
        if (SignedDocument.Read(file, out var unreadable) is not { } document)
        {
            return new LicenseVerification(unreadable!);
        }
        var signature = Encoding.UTF8.GetString(document.Signature);
        if (SignatureDiagnosis.CertificateOf(signature) is not { } embedded || !_byCertificate.TryGetValue(embedded, out var key))
        {
            return new LicenseVerification(SignatureDiagnosis.Of(document.Signature, null) ?? KeyOutside(embedded: SignatureDiagnosis.CertificateOf(signature)));
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
            ? Read(document.Content, key, conditions)
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
        foreach (var key in _fileKeys)
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

    private LicenseVerification Read(byte[] octets, TrustedCertificate signedBy, LicenseConditions? conditions) =>
        LicenseContentReader.Read(octets, out var reason) is { } license
            ? new LicenseVerification(license, signedBy, octets, Judge(license, conditions))
            : new LicenseVerification(LicenseRefusals.Layout(reason!));

    private LicenseValidity Judge(LicenseFile license, LicenseConditions? conditions)
    {
        if (conditions is null)
        {
            return LicenseValidity.Unchecked;
        }
        var status = conditions.Status?.StatusOf(license.KeyNumber);
        // To be revoked is for good, however old the list is that says so.
        if (status == KeyStatus.Revoked)
        {
            return LicenseValidity.Revoked;
        }
        if (license.ValidityAt(conditions.Now, conditions.ClockDrift) is var dates and not LicenseValidity.Valid)
        {
            return dates;
        }
        return JudgeStatus(conditions, status) ?? (conditions.Instance?.Unmet(license.Bindings) is null ? LicenseValidity.Valid : LicenseValidity.BoundElsewhere);
    }

    private LicenseValidity? JudgeStatus(LicenseConditions conditions, KeyStatus? status)
    {
        if (conditions.Status is not { } list)
        {
            return conditions.StatusRequired ? LicenseValidity.StatusMissing : null;
        }
        return status is null ? LicenseValidity.StatusUnfit
            : list.IssuedAt - conditions.ClockDrift > conditions.Now || list.ExpiresAt + conditions.ClockDrift <= conditions.Now ? LicenseValidity.StatusOutdated
            : list.TrustNumberMin > (Trust.Number ?? long.MaxValue) ? LicenseValidity.TrustOutdated
            : status == KeyStatus.Good ? null : LicenseValidity.Suspended;
    }

    private LicenseRefusal KeyOutside(string? embedded) =>
        embedded is not null && StrictBase64.TryDecode(embedded, out var certificate) && Octets.Hex(Octets.Sha256(certificate, 0, certificate.Length)) is var fingerprint
        && Revoked(r => r.Fingerprint == fingerprint) is { } revoked ? LicenseRefusals.KeyRevoked(revoked) : LicenseRefusals.KeyOutsideBundle;

    private RevokedKey? Revoked(Func<RevokedKey, bool> isIt) => Trust.Revoked.FirstOrDefault(isIt);

    // A token begins as its header does, or is nothing but letters of base64url and dots. A file is neither.
    private static bool IsToken(byte[] bytes)
    {
        var start = 0;
        while (start < bytes.Length && IsSpace(bytes[start]))
        {
            start++;
        }
        var end = bytes.Length;
        while (end > start && IsSpace(bytes[end - 1]))
        {
            end--;
        }
        if (Octets.StandAt(bytes, start, TokenStart))
        {
            return true;
        }
        var dots = 0;
        for (var i = start; i < end; i++)
        {
            if (bytes[i] == '.')
            {
                dots++;
            }
            else if (!Base64Url.IsLetter((char)bytes[i]))
            {
                return false;
            }
        }
        return dots > 0;
    }

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
