using System.Text;

namespace Keygate.Verification;

/// <summary>
/// The only signature element that we write and accept for one certificate. All is constant but the digest and the signature value, so that nothing in
/// it can be taken from a file.
/// </summary>
internal sealed class SignatureTemplate
{
    public const string Dsig = "http://www.w3.org/2000/09/xmldsig#";
    public const string ExclusiveC14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
    public const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    public const string Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    public const string EcdsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    public const string RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

    /// <summary>A SHA-256 digest in base64.</summary>
    public const int DigestChars = 44;

    private const string SignatureStart = $"<Signature xmlns=\"{Dsig}\">";

    // As an apex of its own, canonical SignedInfo declares its namespace. In the file it does so too, so that it stands there as it is signed.
    private const string SignedInfoStart = $"<SignedInfo xmlns=\"{Dsig}\">";
    private const string SignedInfoEnd = "</DigestValue></Reference></SignedInfo>";

    private readonly byte[] _signedInfoHead;
    private readonly byte[] _signedInfoTail = OctetBuffer.Literal(SignedInfoEnd);

    public SignatureTemplate(SigningAlgorithm algorithm, string certificateBase64, int signatureBytes)
    {
        var method = MethodOf(algorithm);
        var inner = $"<CanonicalizationMethod Algorithm=\"{ExclusiveC14N}\"></CanonicalizationMethod><SignatureMethod Algorithm=\"{method}\"></SignatureMethod>"
            + $"<Reference URI=\"\"><Transforms><Transform Algorithm=\"{Enveloped}\"></Transform><Transform Algorithm=\"{ExclusiveC14N}\"></Transform></Transforms>"
            + $"<DigestMethod Algorithm=\"{Sha256}\"></DigestMethod><DigestValue>";
        SignatureChars = (signatureBytes + 2) / 3 * 4;
        Tail = OctetBuffer.Literal(
            $"</SignatureValue><KeyInfo><X509Data><X509Certificate>{certificateBase64}</X509Certificate></X509Data></KeyInfo></Signature>");
        Head = OctetBuffer.Literal(SignatureStart + SignedInfoStart + inner);
        Middle = OctetBuffer.Literal(SignedInfoEnd + "<SignatureValue>");
        CanonicalHead = OctetBuffer.Literal(SignatureStart + "<SignedInfo>" + inner);
        _signedInfoHead = OctetBuffer.Literal(SignedInfoStart + inner);
    }

    /// <summary>From the signature's start tag to the digest, as it stands in files that we write.</summary>
    public byte[] Head { get; }

    /// <summary>The same in the canonical form of the signature element, which declares the namespace once.</summary>
    public byte[] CanonicalHead { get; }

    /// <summary>Between the digest and the signature value.</summary>
    public byte[] Middle { get; }

    /// <summary>From the signature value to the signature's end tag, the certificate included.</summary>
    public byte[] Tail { get; }

    /// <summary>The length of the signature value in base64.</summary>
    public int SignatureChars { get; }

    /// <summary>The whole signature's length in a file that we write.</summary>
    public int Length => Head.Length + DigestChars + Middle.Length + SignatureChars + Tail.Length;

    /// <summary>Where the signed octets begin within the signature as we write it, and how many they are.</summary>
    public int SignedInfoOffset => Head.Length - _signedInfoHead.Length;

    public int SignedInfoLength => _signedInfoHead.Length + DigestChars + _signedInfoTail.Length;

    public static string MethodOf(SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.Rsa ? RsaSha256 : EcdsaSha256;

    /// <summary>The octets that are signed: SignedInfo with this digest, canonical.</summary>
    public byte[] RenderSignedInfo(byte[] digestBase64)
    {
        var octets = new byte[_signedInfoHead.Length + digestBase64.Length + _signedInfoTail.Length];
        Buffer.BlockCopy(_signedInfoHead, 0, octets, 0, _signedInfoHead.Length);
        Buffer.BlockCopy(digestBase64, 0, octets, _signedInfoHead.Length, digestBase64.Length);
        Buffer.BlockCopy(_signedInfoTail, 0, octets, _signedInfoHead.Length + digestBase64.Length, _signedInfoTail.Length);
        return octets;
    }

    public static byte[] DigestOf(byte[] octets, int count) => Encoding.ASCII.GetBytes(Convert.ToBase64String(Octets.Sha256(octets, 0, count)));
}
