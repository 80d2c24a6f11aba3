using System.Globalization;
using System.Text;

namespace Keygate.Verification;

/// <summary>
/// A bounded JSON reader for what our signed documents hold: objects, arrays, texts, whole numbers, true, false and null. Refuses what could be read in
/// two ways: a member named twice, half a surrogate pair, a number with a fraction.
/// </summary>
internal sealed class JsonReading
{
    private const int DepthMax = 8;
    private readonly string _text;
    private int _at;
    private int _depth;

    private JsonReading(string text) => _text = text;

    /// <summary>The object that a text holds; null if it is none.</summary>
    public static JsonMembers? Object(string text)
    {
        var reading = new JsonReading(text);
        return reading.Value(out var value) && reading.IsAtEnd() ? value as JsonMembers : null;
    }

    /// <summary>The same from UTF-8; null too where the octets are no UTF-8.</summary>
    public static JsonMembers? Object(byte[] utf8)
    {
        try
        {
            return Object(StrictUtf8.Encoding.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private bool IsAtEnd()
    {
        SkipSpace();
        return _at == _text.Length;
    }

    private bool Value(out object? value)
    {
        value = null;
        SkipSpace();
        switch (_at < _text.Length ? _text[_at] : '\0')
        {
            case '{':
                return Members(out value);
            case '[':
                return Items(out value);
            case '"':
                return Text(out var text) && (value = text) is not null;
            case 't':
                value = true;
                return Skip("true");
            case 'f':
                value = false;
                return Skip("false");
            case 'n':
                return Skip("null");
            default:
                return Number(out value);
        }
    }

    private bool Members(out object? value)
    {
        var members = new JsonMembers();
        value = members;
        _at++;
        if (++_depth > DepthMax)
        {
            return false;
        }
        SkipSpace();
        if (!Skip("}"))
        {
            do
            {
                SkipSpace();
                if (!Text(out var name) || members.ContainsKey(name))
                {
                    return false;
                }
                SkipSpace();
                if (!Skip(":") || !Value(out var member))
                {
                    return false;
                }
                members.Add(name, member);
                SkipSpace();
            }
            while (Skip(","));
            if (!Skip("}"))
            {
                return false;
            }
        }
        _depth--;
        return true;
    }

    private bool Items(out object? value)
    {
        var items = new List<object?>();
        value = items;
        _at++;
        if (++_depth > DepthMax)
        {
            return false;
        }
        SkipSpace();
        if (!Skip("]"))
        {
            do
            {
                if (!Value(out var item))
                {
                    return false;
                }
                items.Add(item);
                SkipSpace();
            }
            while (Skip(","));
            if (!Skip("]"))
            {
                return false;
            }
        }
        _depth--;
        return true;
    }

    private bool Number(out object? value)
    {
        var start = _at;
        if (_at < _text.Length && _text[_at] == '-')
        {
            _at++;
        }
        var digits = _at;
        while (_at < _text.Length && _text[_at] is >= '0' and <= '9')
        {
            _at++;
        }
        value = null;
        var word = _text.Substring(start, _at - start);
        return _at > digits && (_text[digits] != '0' || _at == digits + 1)
            && (_at == _text.Length || _text[_at] is not ('.' or 'e' or 'E'))
            && long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (value = number) is not null;
    }

    private bool Text(out string text)
    {
        text = "";
        if (!Skip("\""))
        {
            return false;
        }
        var built = new StringBuilder();
        while (_at < _text.Length && _text[_at] != '"')
        {
            var c = _text[_at++];
            if (c < ' ' || (c == '\\' && !Escape(out c)))
            {
                return false;
            }
            built.Append(c);
        }
        text = built.ToString();
        return Skip("\"") && HasWholePairs(text);
    }

    private bool Escape(out char c)
    {
        c = _at < _text.Length ? _text[_at++] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/':
                return true;
            case 'b':
                c = '\b';
                return true;
            case 'f':
                c = '\f';
                return true;
            case 'n':
                c = '\n';
                return true;
            case 'r':
                c = '\r';
                return true;
            case 't':
                c = '\t';
                return true;
            case 'u' when _at + 4 <= _text.Length:
                var digits = _text.Substring(_at, 4);
                _at += 4;
                var isUnit = ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit);
                c = (char)unit;
                return isUnit;
            default:
                return false;
        }
    }

    private static bool HasWholePairs(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!char.IsHighSurrogate(text[i]) || ++i == text.Length || !char.IsLowSurrogate(text[i])))
            {
                return false;
            }
        }
        return true;
    }

    private bool Skip(string literal)
    {
        if (string.CompareOrdinal(_text, _at, literal, 0, literal.Length) != 0)
        {
            return false;
        }
        _at += literal.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }
}

/// <summary>The members of a JSON object: texts, <see cref="long"/>, <see cref="bool"/>, null, lists and members.</summary>
internal sealed class JsonMembers() : Dictionary<string, object?>(StringComparer.Ordinal)
{
    /// <summary>A member that is a text; null if it is absent or something else.</summary>
    public string? Text(string name) => TryGetValue(name, out var value) ? value as string : null;

    /// <summary>A member that is a whole number; null if it is absent or something else.</summary>
    public long? Number(string name) => TryGetValue(name, out var value) ? value as long? : null;

    /// <summary>A member that is an object; null if it is absent or something else.</summary>
    public JsonMembers? Members(string name) => TryGetValue(name, out var value) ? value as JsonMembers : null;

    /// <summary>A member that is an array; null if it is absent or something else.</summary>
    public List<object?>? Items(string name) => TryGetValue(name, out var value) ? value as List<object?> : null;
}

internal static class StrictUtf8
{
    public static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
