using System.Xml;

namespace Keygate.Verification;

/// <summary>
/// Exclusive XML canonicalization 1.0 without comments, for documents without a DTD and without processing instructions. It is fed with what a reader
/// meets, element by element; the first element is its apex.
/// </summary>
internal sealed class ExclusiveCanonicalizer(OctetBuffer output)
{
    private readonly OctetBuffer _output = output;

    // The declarations written so far that are in force, innermost last, and how many there were when each open element began.
    private readonly List<(string Prefix, string Uri)> _declared = [];
    private readonly Stack<(string Name, int Declared)> _open = new();
    private readonly List<(string Prefix, string Uri)> _needed = [];
    private readonly List<(string Uri, string LocalName, string Name, string Value)> _attributes = [];

    /// <summary>Takes the element on which the reader stands, empty or not; its end is told by <see cref="EndElement"/> in both cases.</summary>
    public void StartElement(XmlReader reader)
    {
        var name = reader.Name;
        _open.Push((name, _declared.Count));
        _needed.Clear();
        _attributes.Clear();
        Need(reader.Prefix, reader.NamespaceURI);
        while (reader.MoveToNextAttribute())
        {
            if (reader.Prefix == "xmlns" || (reader.Prefix.Length == 0 && reader.LocalName == "xmlns"))
            {
                continue;
            }
            if (reader.Prefix.Length > 0)
            {
                Need(reader.Prefix, reader.NamespaceURI);
            }
            _attributes.Add((reader.NamespaceURI, reader.LocalName, reader.Name, reader.Value));
        }
        reader.MoveToElement();
        _needed.Sort(static (a, b) => string.CompareOrdinal(a.Prefix, b.Prefix));
        _attributes.Sort(static (a, b) => string.CompareOrdinal(a.Uri, b.Uri) is var byUri and not 0 ? byUri : string.CompareOrdinal(a.LocalName, b.LocalName));

        _output.Add((byte)'<');
        _output.AddPlain(name);
        foreach (var (prefix, uri) in _needed)
        {
            WriteAttribute(prefix.Length == 0 ? "xmlns" : "xmlns:" + prefix, uri);
            _declared.Add((prefix, uri));
        }
        foreach (var attribute in _attributes)
        {
            WriteAttribute(attribute.Name, attribute.Value);
        }
        _output.Add((byte)'>');
    }

    public void EndElement()
    {
        var (name, declared) = _open.Pop();
        _declared.RemoveRange(declared, _declared.Count - declared);
        _output.Add((byte)'<');
        _output.Add((byte)'/');
        _output.AddPlain(name);
        _output.Add((byte)'>');
    }

    public void Text(string text) => _output.AddText(text);

    private void Need(string prefix, string uri)
    {
        if (prefix == "xml")
        {
            return;
        }
        foreach (var needed in _needed)
        {
            if (needed.Prefix == prefix)
            {
                return;
            }
        }
        for (var i = _declared.Count - 1; i >= 0; i--)
        {
            if (_declared[i].Prefix == prefix)
            {
                if (_declared[i].Uri != uri)
                {
                    _needed.Add((prefix, uri));
                }
                return;
            }
        }
        // Nothing is declared outside the apex: an element in no namespace needs no xmlns="".
        if (uri.Length > 0)
        {
            _needed.Add((prefix, uri));
        }
    }

    private void WriteAttribute(string name, string value)
    {
        _output.Add((byte)' ');
        _output.AddPlain(name);
        _output.Add((byte)'=');
        _output.Add((byte)'"');
        _output.AddAttributeValue(value);
        _output.Add((byte)'"');
    }
}
