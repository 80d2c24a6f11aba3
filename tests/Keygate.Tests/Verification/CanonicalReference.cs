using System.Security.Cryptography.Xml;
using System.Xml;

namespace Keygate.Tests.Verification;

/// <summary>The framework's exclusive canonicalization, which ours has to equal.</summary>
internal static class CanonicalReference
{
    public static XmlDocument Load(byte[] document)
    {
        var loaded = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        // The document's own stream loader keeps the line ends that XML wants normalized.
        using var reader = XmlReader.Create(new MemoryStream(document));
        loaded.Load(reader);
        return loaded;
    }

    public static byte[] Of(XmlDocument document)
    {
        var transform = new XmlDsigExcC14NTransform();
        transform.LoadInput(document);
        using var output = (MemoryStream)transform.GetOutput(typeof(Stream));
        return output.ToArray();
    }

    /// <summary>The document without its signature, and the signature as an apex of its own.</summary>
    public static (byte[] Content, byte[] Signature) TakeApart(byte[] document)
    {
        var loaded = Load(document);
        var signature = (XmlElement)loaded.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var alone = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var apex = (XmlElement)alone.AppendChild(alone.ImportNode(signature, deep: true))!;
        foreach (var (prefix, space) in signature.CreateNavigator()!.GetNamespacesInScope(XmlNamespaceScope.ExcludeXml))
        {
            apex.SetAttribute(prefix.Length == 0 ? "xmlns" : "xmlns:" + prefix, space);
        }
        signature.ParentNode!.RemoveChild(signature);
        return (Of(loaded), Of(alone));
    }
}
