using System.Xml;

namespace Keygate.Verification;

/// <summary>
/// A file taken apart by a bounded XML reader: the canonical octets of its content without the signature, and those of the signature element by itself.
/// Nothing of it is trusted yet.
/// </summary>
internal sealed class SignedDocument
{
    // A license nests 3 deep and its signature 5; attackers' wrappings are told apart from nonsense by some more.
    private const int DepthMax = 16;
    private const int AttributesMax = 16;

    private SignedDocument(byte[] content, byte[] signature)
    {
        Content = content;
        Signature = signature;
    }

    public byte[] Content { get; }

    public byte[] Signature { get; }

    public static SignedDocument? Read(byte[] file, out LicenseRefusal? refusal)
    {
        try
        {
            var walk = new Walk();
            refusal = walk.Through(file);
            return refusal is null ? new SignedDocument(walk.Content.ToArray(), walk.Signature.ToArray()) : null;
        }
        catch (XmlException e)
        {
            refusal = WhyUnreadable(file, e);
            return null;
        }
    }

    public static XmlReader OpenReader(byte[] octets) => XmlReader.Create(
        new MemoryStream(octets, writable: false),
        new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = octets.Length + 1,
            MaxCharactersFromEntities = 1024,
            IgnoreComments = false,
            IgnoreWhitespace = false,
            IgnoreProcessingInstructions = false,
        });

    private static LicenseRefusal WhyUnreadable(byte[] file, XmlException fault)
    {
        // Zeros are taken out so that this look works for UTF-16 too. It only chooses the words: the file is refused in any case.
        var text = new string(Array.ConvertAll(Array.FindAll(file, o => o != 0), o => (char)o)).TrimEnd();
        if (text.Contains("<!DOCTYPE"))
        {
            return LicenseRefusals.DocumentType;
        }
        var endless = text.IndexOf('<') is >= 0 and <= 3 && !text.Contains("</key>") && !text.Contains(":key>");
        return text.Length == 0 || endless ? LicenseRefusals.CutShort : LicenseRefusals.NotWellFormed(fault.LineNumber, fault.LinePosition);
    }

    private sealed class Walk
    {
        private readonly ExclusiveCanonicalizer _content;
        private int _signatures;
        private bool _moved;

        public Walk() => _content = new ExclusiveCanonicalizer(Content);

        public OctetBuffer Content { get; } = new();

        public OctetBuffer Signature { get; } = new();

        public LicenseRefusal? Through(byte[] file)
        {
            using var reader = OpenReader(file);
            // While the signature is read, its own canonicalizer takes what comes; it knows nothing of the declarations around.
            ExclusiveCanonicalizer? signature = null;
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        if (reader.Depth >= DepthMax || reader.AttributeCount > AttributesMax)
                        {
                            return LicenseRefusals.TooDeep;
                        }
                        if (reader.Depth == 0 && WhyWrongRoot(reader) is { } wrong)
                        {
                            return wrong;
                        }
                        var empty = reader.IsEmptyElement;
                        signature = Enter(reader, signature);
                        var taker = signature ?? _content;
                        taker.StartElement(reader);
                        if (empty)
                        {
                            taker.EndElement();
                            signature = reader.Depth == 1 ? null : signature;
                        }
                        break;
                    case XmlNodeType.EndElement:
                        (signature ?? _content).EndElement();
                        signature = reader.Depth == 1 ? null : signature;
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA:
                        _moved |= _signatures > 0 && signature is null;
                        (signature ?? _content).Text(reader.Value);
                        break;
                    case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace when reader.Depth > 0:
                        (signature ?? _content).Text(reader.Value);
                        break;
                    case XmlNodeType.Comment when reader.Depth > 0:
                        return LicenseRefusals.Comment;
                    case XmlNodeType.ProcessingInstruction:
                        return LicenseRefusals.ProcessingInstruction;
                    case XmlNodeType.DocumentType:
                        return LicenseRefusals.DocumentType;
                    case XmlNodeType.EntityReference:
                        return LicenseRefusals.DocumentType;
                    default:
                        break;
                }
            }
            return _signatures == 0 ? LicenseRefusals.NoSignature
                : _signatures > 1 ? LicenseRefusals.SeveralSignatures
                : _moved ? LicenseRefusals.SignatureMoved
                : null;
        }

        private ExclusiveCanonicalizer? Enter(XmlReader reader, ExclusiveCanonicalizer? signature)
        {
            var isSignature = reader.LocalName == "Signature" && reader.NamespaceURI == SignatureTemplate.Dsig;
            if (!isSignature)
            {
                // An element after the signature: then it isn't the last child.
                _moved |= _signatures > 0 && signature is null;
                return signature;
            }
            _signatures++;
            _moved |= reader.Depth != 1;
            if (signature is not null || reader.Depth != 1)
            {
                return signature;
            }
            Signature.Clear();
            return new ExclusiveCanonicalizer(Signature);
        }

        private static LicenseRefusal? WhyWrongRoot(XmlReader reader)
        {
            if (reader.LocalName != "key" || !reader.NamespaceURI.StartsWith(LicenseFormat.NamespaceStem, StringComparison.Ordinal))
            {
                return LicenseRefusals.WrongRoot(reader.LocalName, reader.NamespaceURI);
            }
            return reader.NamespaceURI == LicenseFormat.Namespace ? null : LicenseRefusals.UnknownVersion(reader.NamespaceURI);
        }
    }
}
