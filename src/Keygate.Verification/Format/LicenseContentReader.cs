using System.Globalization;
using System.Text;
using static Keygate.Verification.LicenseElements;

namespace Keygate.Verification;

/// <summary>
/// Reads the fields from verified octets. It knows the one spelling that the writer has and nothing else: no element out of order, no second one, no
/// white space between, no attribute more, no escape that the writer would not use. So nothing that was signed can be read in two ways.
/// </summary>
internal sealed class LicenseContentReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _octets;
    private int _at;

    private LicenseContentReader(byte[] octets) => _octets = octets;

    /// <summary>Returns the license, or the reason why these octets are none of version 1.</summary>
    public static LicenseFile? Read(byte[] octets, out string? reason)
    {
        try
        {
            var file = new LicenseContentReader(octets).ReadFile();
            var faults = file.Check();
            reason = faults.Count == 0 ? null : faults[0].ToString();
            return faults.Count == 0 ? file : null;
        }
        catch (LayoutException e)
        {
            reason = e.Message;
            return null;
        }
        catch (DecoderFallbackException)
        {
            reason = "a text is not UTF-8";
            return null;
        }
    }

    private LicenseFile ReadFile()
    {
        Expect(RootStart, "the root element");
        var number = Required(KeyNumber);
        var version = ReadVersion();
        Expect(Description.Start, "<description>");
        var keyType = Required(KeyType);
        var features = new List<string>();
        while (Optional(Feature) is { } feature)
        {
            features.Add(feature);
        }
        Expect(Description.End, "</description>");
        var product = Required(Product);
        var productVersion = Optional(ProductVersion);
        var owner = Optional(Owner);
        var start = Required(StartDate);
        var file = new LicenseFile
        {
            KeyNumber = number,
            KeyVersion = version,
            KeyType = keyType,
            Features = features,
            Product = product,
            ProductVersion = productVersion,
            Owner = owner,
            StartDate = string.Equals(start, Instant, StringComparison.Ordinal) ? null : ToDate(StartDate, start),
            ExpirationDate = OptionalDate(ExpirationDate),
            UpdateDate = OptionalDate(UpdateDate),
            SusDate = OptionalDate(SusDate),
            LicenseServerUrl = Optional(LicenseServerUrl),
            UpdateTicket = Optional(UpdateTicket),
            Bindings = ReadBindings(),
            Properties = ReadProperties(),
            KeyBody = ReadKeyBody(),
            SigningKeyId = Required(SigningKeyId),
        };
        Expect(RootEnd, "</key>");
        return _at == _octets.Length ? file : throw new LayoutException("something follows the root element");
    }

    private int ReadVersion()
    {
        var text = Required(KeyVersion);
        return text.Length == 4 && text.All(c => c is >= '0' and <= '9')
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : throw new LayoutException("key-version is not written with four digits");
    }

    private List<LicenseBinding> ReadBindings()
    {
        var bindings = new List<LicenseBinding>();
        while (Skip(Binding.Start))
        {
            var kind = LicenseRules.KindOf(ReadAttribute(Binding, 0)) ?? throw new LayoutException("a binding is of a kind that version 1 does not know");
            Expect((byte)'>', Binding);
            bindings.Add(new LicenseBinding(kind, ReadText(Binding)));
        }
        return bindings;
    }

    private List<LicenseProperty> ReadProperties()
    {
        var properties = new List<LicenseProperty>();
        while (Skip(Property.Start))
        {
            var name = ReadAttribute(Property, 0);
            var type = ReadAttribute(Property, 1);
            Expect((byte)'>', Property);
            properties.Add(new LicenseProperty(name, type, ReadText(Property)));
        }
        return properties;
    }

    private byte[]? ReadKeyBody() =>
        Optional(KeyBody) is not { } text ? null
        : StrictBase64.TryDecode(text, out var body) ? body
        : throw new LayoutException("key-body is not base64 in its one canonical spelling");

    private LicenseDate? OptionalDate(Element element) => Optional(element) is { } text ? ToDate(element, text) : null;

    private static LicenseDate ToDate(Element element, string text) =>
        LicenseDate.TryParse(text, out var date) ? date : throw new LayoutException(element.Name + " is not a day written as yyyy-mm-dd");

    private string Required(Element element) =>
        Optional(element) ?? throw new LayoutException($"<{element.Name}> is missing or not in its place");

    private string? Optional(Element element) => Skip(element.Start) ? ReadText(element) : null;

    private string ReadAttribute(Element element, int index)
    {
        Expect(element.Attributes[index], element);
        var start = _at;
        var escaped = false;
        for (; _at < _octets.Length && _octets[_at] != '"'; _at++)
        {
            if (_octets[_at] is (byte)'<' or < (byte)' ')
            {
                throw new LayoutException(element.Name + " holds an attribute that is not canonical");
            }
            escaped |= _octets[_at] == '&';
        }
        var value = Decode(start, _at - start, escaped, element, attribute: true);
        Expect((byte)'"', element);
        return value;
    }

    private string ReadText(Element element)
    {
        var start = _at;
        var escaped = false;
        for (; _at < _octets.Length && _octets[_at] != '<'; _at++)
        {
            if (_octets[_at] is (byte)'>' or (byte)'\r')
            {
                throw new LayoutException(element.Name + " holds a text that is not canonical");
            }
            escaped |= _octets[_at] == '&';
        }
        var text = Decode(start, _at - start, escaped, element, attribute: false);
        Expect(element.End, element);
        return text;
    }

    private string Decode(int start, int count, bool escaped, Element element, bool attribute)
    {
        var raw = Utf8.GetString(_octets, start, count);
        if (!escaped)
        {
            return raw;
        }
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '&')
            {
                text.Append(raw[i]);
                continue;
            }
            var end = raw.IndexOf(';', i);
            var name = end < 0 ? "" : raw.Substring(i + 1, end - i - 1);
            text.Append(name switch
            {
                "amp" => '&',
                "lt" => '<',
                "gt" when !attribute => '>',
                "quot" when attribute => '"',
                _ => throw new LayoutException(element.Name + " holds an escape that version 1 does not use"),
            });
            i = end;
        }
        return text.ToString();
    }

    private void Expect(byte octet, Element element)
    {
        if (_at >= _octets.Length || _octets[_at++] != octet)
        {
            throw new LayoutException(element.Name + " does not have the attributes of version 1");
        }
    }

    private void Expect(byte[] literal, Element element)
    {
        if (!Skip(literal))
        {
            throw new LayoutException(element.Name + " holds what version 1 does not know");
        }
    }

    private void Expect(byte[] literal, string what)
    {
        if (!Skip(literal))
        {
            throw new LayoutException(what + " is missing or not in its place");
        }
    }

    private bool Skip(byte[] literal)
    {
        if (!Octets.StandAt(_octets, _at, literal))
        {
            return false;
        }
        _at += literal.Length;
        return true;
    }

    private sealed class LayoutException(string message) : Exception(message);
}
