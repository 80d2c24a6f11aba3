using System.Security.Cryptography;
using System.Text;
using Keygate.Verification;

namespace Keygate.Tests.Verification;

/// <summary>
/// Builds signatures that our signer never makes, yet right in themselves: each is signed with a real key over the SignedInfo that stands in it, so
/// that only the verifier's own rules can refuse it.
/// </summary>
internal sealed class Forgery
{
    public const string Sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    public const string InclusiveC14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

    private const string Root = "<key xmlns=\"urn:keygate:license:1\">";

    public Forgery(LicenseSigner signer, LicenseFile license)
    {
        Content = ContentOf(signer, license);
        Certificate = Convert.ToBase64String(signer.Certificate.ToDer());
        Method = SignatureTemplate.MethodOf(signer.Algorithm);
        Sign = octets => SignWith(signer, octets);
    }

    /// <summary>The license without the root's end tag.</summary>
    public string Content { get; set; }

    public string Certificate { get; set; }

    public string Canonicalization { get; set; } = SignatureTemplate.ExclusiveC14N;

    public string Method { get; set; }

    public string DigestMethod { get; set; } = SignatureTemplate.Sha256;

    public Func<byte[], byte[]> Digest { get; set; } = SHA256.HashData;

    public string[] Transforms { get; set; } = [SignatureTemplate.Enveloped, SignatureTemplate.ExclusiveC14N];

    public string Uri { get; set; } = "";

    /// <summary>What the reference digests; by default the whole license.</summary>
    public string? Referred { get; set; }

    public string FurtherReferences { get; set; } = "";

    /// <summary>What follows KeyInfo within the signature.</summary>
    public string Appendix { get; set; } = "";

    public Func<byte[], byte[]> Sign { get; set; }

    public static string ContentOf(LicenseSigner signer, LicenseFile license)
    {
        var output = new OctetBuffer();
        LicenseContentWriter.WriteOpen(output, license, signer.KeyId);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    public static byte[] SignWith(LicenseSigner signer, byte[] octets)
    {
        using var key = signer.OpenKey();
        return key is ECDsa ecdsa
            ? ecdsa.SignData(octets, HashAlgorithmName.SHA256)
            : ((RSA)key).SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    public string SignatureText()
    {
        var info = $"<SignedInfo xmlns=\"{SignatureTemplate.Dsig}\"><CanonicalizationMethod Algorithm=\"{Canonicalization}\"></CanonicalizationMethod>"
            + $"<SignatureMethod Algorithm=\"{Method}\"></SignatureMethod>{ReferenceTo(Uri, Referred ?? Content + "</key>")}{FurtherReferences}</SignedInfo>";
        var value = Convert.ToBase64String(Sign(Encoding.UTF8.GetBytes(info)));
        return $"<Signature xmlns=\"{SignatureTemplate.Dsig}\">{info}<SignatureValue>{value}</SignatureValue>"
            + $"<KeyInfo><X509Data><X509Certificate>{Certificate}</X509Certificate></X509Data></KeyInfo>{Appendix}</Signature>";
    }

    public string ReferenceTo(string uri, string octets) =>
        $"<Reference URI=\"{uri}\"><Transforms>{string.Concat(Transforms.Select(t => $"<Transform Algorithm=\"{t}\"></Transform>"))}</Transforms>"
        + $"<DigestMethod Algorithm=\"{DigestMethod}\"></DigestMethod><DigestValue>{Convert.ToBase64String(Digest(Encoding.UTF8.GetBytes(octets)))}</DigestValue></Reference>";

    public byte[] File() => Encoding.UTF8.GetBytes(Content + SignatureText() + "</key>");

    /// <summary>Another license's content, as an attacker would like to have it signed.</summary>
    public static string Greedy => Root + ContentOf(Licenses.Ecdsa, Licenses.Full() with { ExpirationDate = null, Owner = "Mallory" })[Root.Length..];
}
