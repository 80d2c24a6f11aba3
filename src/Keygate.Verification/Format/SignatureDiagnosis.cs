using System.Xml.Linq;

namespace Keygate.Verification;

/// <summary>
/// Finds the words for a signature that is not ours to the octet. It decides nothing: whoever asks has refused already.
/// </summary>
internal static class SignatureDiagnosis
{
    private static readonly XNamespace Ds = SignatureTemplate.Dsig;
    private static readonly string[] Parts = ["SignedInfo", "SignatureValue", "KeyInfo"];
    private static readonly string[] InfoParts = ["CanonicalizationMethod", "SignatureMethod", "Reference"];
    private static readonly string[] Transforms = [SignatureTemplate.Enveloped, SignatureTemplate.ExclusiveC14N];

    /// <summary>Says what is wrong; null if only the key, the digest or the signature value can be.</summary>
    public static LicenseRefusal? Of(byte[] canonicalSignature, SigningAlgorithm? algorithm)
    {
        XElement signature;
        using (var reader = SignedDocument.OpenReader(canonicalSignature))
        {
            signature = XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }

        var references = signature.Descendants(Ds + "Reference").ToList();
        if (references.Count > 1)
        {
            return LicenseRefusals.FurtherReference;
        }
        if (references.Count == 1 && references[0].Attribute("URI")?.Value.Length != 0)
        {
            return LicenseRefusals.ReferenceElsewhere;
        }
        if (signature.Element(Ds + "SignedInfo") is { } info && references.Count == 1)
        {
            var foreign = Foreign(info.Element(Ds + "CanonicalizationMethod"), SignatureTemplate.ExclusiveC14N)
                ?? Foreign(info.Element(Ds + "SignatureMethod"), MethodsOf(algorithm))
                ?? Foreign(references[0].Element(Ds + "DigestMethod"), SignatureTemplate.Sha256);
            if (foreign is not null)
            {
                return LicenseRefusals.ForeignAlgorithm(foreign);
            }
            var transforms = references[0].Descendants(Ds + "Transform").Select(AlgorithmOf).ToList();
            if (transforms.Find(t => !Transforms.Contains(t)) is { } transform)
            {
                return LicenseRefusals.ForeignAlgorithm(transform);
            }
            if (!transforms.SequenceEqual(Transforms) || !NamesOf(info).SequenceEqual(InfoParts))
            {
                return LicenseRefusals.SignatureShape("its description of what is signed differs");
            }
        }
        if (!NamesOf(signature).SequenceEqual(Parts))
        {
            return LicenseRefusals.SignatureShape("its parts are not exactly SignedInfo, SignatureValue and KeyInfo");
        }
        var texts = signature.DescendantNodes().OfType<XText>();
        return texts.Any(t => t.Value.Any(char.IsWhiteSpace)) ? LicenseRefusals.SignatureShape("it holds white space") : null;
    }

    /// <summary>The embedded certificate as text, if there is exactly one.</summary>
    public static string? CertificateOf(string canonicalSignature)
    {
        const string Start = "<X509Certificate>";
        var from = canonicalSignature.IndexOf(Start, StringComparison.Ordinal);
        var to = canonicalSignature.IndexOf("</X509Certificate>", StringComparison.Ordinal);
        return from >= 0 && to > from && canonicalSignature.LastIndexOf(Start, StringComparison.Ordinal) == from
            ? canonicalSignature.Substring(from + Start.Length, to - from - Start.Length)
            : null;
    }

    private static string[] MethodsOf(SigningAlgorithm? algorithm) =>
        algorithm is { } known ? [SignatureTemplate.MethodOf(known)] : [SignatureTemplate.EcdsaSha256, SignatureTemplate.RsaSha256];

    private static IEnumerable<string> NamesOf(XElement parent) => parent.Elements().Select(e => e.Name.Namespace == Ds ? e.Name.LocalName : "");

    private static string AlgorithmOf(XElement element) => element.Attribute("Algorithm")?.Value ?? "";

    private static string? Foreign(XElement? element, params string[] expected) =>
        element is not null && !expected.Contains(AlgorithmOf(element)) ? AlgorithmOf(element) : null;
}
