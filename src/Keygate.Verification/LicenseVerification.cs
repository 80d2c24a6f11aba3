using System.Diagnostics.CodeAnalysis;

namespace Keygate.Verification;

/// <summary>What the verifier says about a file or token: either a license and who signed it, or a refusal.</summary>
public sealed class LicenseVerification
{
    internal LicenseVerification(LicenseRefusal refusal) => Refusal = refusal;

    internal LicenseVerification(LicenseFile license, TrustedCertificate signedBy, byte[] octets, LicenseValidity validity)
    {
        License = license;
        SignedBy = signedBy;
        VerifiedOctets = octets;
        Validity = validity;
    }

    /// <summary>Whether a trusted key signed exactly this license. Says nothing about its dates.</summary>
    [MemberNotNullWhen(true, nameof(License), nameof(SignedBy), nameof(VerifiedOctets))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAuthentic => Refusal is null;

    /// <summary>Whether the license is authentic and good under the conditions given; never true if none were given.</summary>
    [MemberNotNullWhen(true, nameof(License), nameof(SignedBy), nameof(VerifiedOctets))]
    public bool IsUsable => IsAuthentic && Validity == LicenseValidity.Valid;

    /// <summary>Whether an authentic license is good, or the first reason why not; <see cref="LicenseValidity.Unchecked"/> without conditions and for what is refused.</summary>
    public LicenseValidity Validity { get; }

    /// <summary>The license, read from the verified octets; absent when refused.</summary>
    public LicenseFile? License { get; }

    /// <summary>The trusted certificate whose key signed; absent when refused.</summary>
    public TrustedCertificate? SignedBy { get; }

    /// <summary>
    /// The octets that the signature covers: of a file the license in canonical form, of a token its payload. Read other things from these, never from
    /// the file or token itself.
    /// </summary>
    public byte[]? VerifiedOctets { get; }

    /// <summary>Why it was refused; absent when it is authentic.</summary>
    public LicenseRefusal? Refusal { get; }

    /// <summary>Why the license cannot be used, in one sentence; empty when it can, or when no conditions were given.</summary>
    public string Reason => Refusal?.Reason ?? Validity switch
    {
        LicenseValidity.NotYetValid => $"The license is valid only from {License!.StartDate}.",
        LicenseValidity.Expired => $"The license expired on {License!.ExpirationDate}.",
        LicenseValidity.Revoked => "The issuer has revoked the license.",
        LicenseValidity.Suspended => "The issuer has suspended the license.",
        LicenseValidity.StatusMissing => "Whether the license is revoked is not known: there is no status list.",
        LicenseValidity.StatusOutdated => "Whether the license is revoked is not known: the status list's life is over, or has not begun by this machine's clock.",
        LicenseValidity.StatusUnfit => "Whether the license is revoked is not known: the status list covers other key numbers.",
        LicenseValidity.TrustOutdated => "The issuer has revoked a signing key since the trust bundle was fetched.",
        LicenseValidity.BoundElsewhere => "The license is bound to another machine or instance.",
        _ => "",
    };

    /// <summary>What to do about it, in one sentence; empty when the license can be used, or when no conditions were given.</summary>
    public string Remedy => Refusal?.Remedy ?? Validity switch
    {
        LicenseValidity.NotYetValid => "Wait until then, and check this machine's clock.",
        LicenseValidity.Expired => "Renew the license, and fetch its new file.",
        LicenseValidity.Revoked => "Order another one from its issuer.",
        LicenseValidity.Suspended => "Ask its issuer.",
        LicenseValidity.StatusMissing or LicenseValidity.StatusUnfit => "Fetch the status list of this key number from the issuer.",
        LicenseValidity.StatusOutdated => "Fetch a new status list from the issuer, and check this machine's clock.",
        LicenseValidity.TrustOutdated => "Fetch the issuer's current trust bundle.",
        LicenseValidity.BoundElsewhere => "Use it where it is activated, or have it activated for this one.",
        _ => "",
    };
}
