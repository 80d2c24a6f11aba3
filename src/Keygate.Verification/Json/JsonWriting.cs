using System.Globalization;
using System.Text;

namespace Keygate.Verification;

/// <summary>
/// Writes JSON in one spelling: no white space, members in the order of the calls, text as it is but for the quotation mark, the backslash and control
/// characters.
/// </summary>
internal sealed class JsonWriting
{
    private readonly StringBuilder _text = new();
    private bool _first = true;

    public JsonWriting Open(char bracket)
    {
        Separate();
        _text.Append(bracket);
        _first = true;
        return this;
    }

    public JsonWriting Close(char bracket)
    {
        _text.Append(bracket);
        _first = false;
        return this;
    }

    public JsonWriting Name(string name)
    {
        Text(name);
        _text.Append(':');
        _first = true;
        return this;
    }

    public JsonWriting Member(string name, string? value) => value is null ? this : Name(name).Text(value);

    public JsonWriting Member(string name, long? value) => value is { } number ? Name(name).Number(number) : this;

    public JsonWriting Number(long number)
    {
        Separate();
        _text.Append(number.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    public JsonWriting Text(string text)
    {
        Separate();
        _text.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    _text.Append('\\').Append(c);
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '\t':
                    _text.Append("\\t");
                    break;
                case < ' ':
                    _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    _text.Append(c);
                    break;
            }
        }
        _text.Append('"');
        return this;
    }

    public byte[] ToUtf8() => StrictUtf8.Encoding.GetBytes(_text.ToString());

    public override string ToString() => _text.ToString();

    private void Separate()
    {
        if (!_first)
        {
            _text.Append(',');
        }
        _first = false;
    }
}
