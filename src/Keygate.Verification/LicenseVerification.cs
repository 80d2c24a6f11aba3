using System.Diagnostics.CodeAnalysis;

namespace Keygate.Verification;

/// <summary>What the verifier says about a file: either a license and who signed it, or a refusal.</summary>
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

    /// <summary>Whether the license is authentic and valid at the moment given; never true if none was given.</summary>
    [MemberNotNullWhen(true, nameof(License), nameof(SignedBy), nameof(VerifiedOctets))]
    public bool IsUsable => IsAuthentic && Validity == LicenseValidity.Valid;

    /// <summary>What the dates of an authentic license say; <see cref="LicenseValidity.Unchecked"/> without a clock and for refused files.</summary>
    public LicenseValidity Validity { get; }

    /// <summary>The license, read from the verified octets; absent when refused.</summary>
    public LicenseFile? License { get; }

    /// <summary>The trusted certificate whose key signed; absent when refused.</summary>
    public TrustedCertificate? SignedBy { get; }

    /// <summary>The octets that the signature covers: the license in canonical form. Read other things from these, never from the file itself.</summary>
    public byte[]? VerifiedOctets { get; }

    /// <summary>Why the file was refused; absent when it is authentic.</summary>
    public LicenseRefusal? Refusal { get; }
}
