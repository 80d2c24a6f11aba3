using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>
/// What sloppy clients mean: loosely typed encoders send a number for a string of digits, an empty array for an empty struct or the
/// reverse, a string where a list of strings is declared. A door that knows such clients asks through these; none of them guesses where
/// the meaning is open.
/// </summary>
public static class XmlRpcLenient
{
    /// <summary>A string; Perl and PHP may send it as a number or boolean.</summary>
    public static XmlRpcParameter Text { get; } = new(XmlRpcKinds.String, XmlRpcKinds.Whole | XmlRpcKinds.Double);

    /// <summary>A whole number; may come as a string of digits.</summary>
    public static XmlRpcParameter Whole { get; } = new(XmlRpcKinds.Int, XmlRpcKinds.Long | XmlRpcKinds.String);

    /// <summary>A boolean; may come as the number 0 or 1.</summary>
    public static XmlRpcParameter Flag { get; } = new(XmlRpcKinds.Boolean, XmlRpcKinds.Int);

    /// <summary>A struct; an empty one may come as an empty array, an empty string or nil.</summary>
    public static XmlRpcParameter Struct { get; } =
        new(XmlRpcKinds.Struct, XmlRpcKinds.EmptyArray | XmlRpcKinds.EmptyString | XmlRpcKinds.Nil);

    /// <summary>An array; an empty one may come as an empty struct, an empty string or nil.</summary>
    public static XmlRpcParameter Array { get; } =
        new(XmlRpcKinds.Array, XmlRpcKinds.EmptyStruct | XmlRpcKinds.EmptyString | XmlRpcKinds.Nil);

    /// <summary>The text of a string or a number; a boolean is 1 or 0.</summary>
    public static bool TryToText(this XmlRpcValue value, [NotNullWhen(true)] out string? text)
    {
        text = value.Kind switch
        {
            XmlRpcKind.String => value.AsString(),
            XmlRpcKind.Int or XmlRpcKind.Long => value.AsLong().ToString(CultureInfo.InvariantCulture),
            XmlRpcKind.Double => value.AsDouble().ToString("R", CultureInfo.InvariantCulture),
            XmlRpcKind.Boolean => value.AsBoolean() ? "1" : "0",
            _ => null,
        };
        return text is not null;
    }

    /// <summary>A whole number, or a string of digits.</summary>
    public static bool TryToLong(this XmlRpcValue value, out long number)
    {
        number = 0;
        return value.Kind switch
        {
            XmlRpcKind.Int or XmlRpcKind.Long => value.TryGetLong(out number),
            XmlRpcKind.String => long.TryParse(value.AsString().AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            XmlRpcKind.Double => TryWhole(value.AsDouble(), out number),
            _ => false,
        };
    }

    /// <summary>A whole number of 32 bits, or a string of digits.</summary>
    public static bool TryToInt(this XmlRpcValue value, out int number)
    {
        var done = value.TryToLong(out var wide) && wide == (int)wide;
        number = done ? (int)wide : 0;
        return done;
    }

    /// <summary>A boolean, the numbers 0 and 1, or the words 0, 1, true, false.</summary>
    public static bool TryToBoolean(this XmlRpcValue value, out bool flag)
    {
        if (value.TryGetBoolean(out flag))
        {
            return true;
        }

        if (!value.TryToText(out var text))
        {
            return false;
        }

        flag = text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return flag || text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A struct; an empty array, an empty string and nil are an empty one.</summary>
    public static bool TryToStruct(this XmlRpcValue value, [NotNullWhen(true)] out XmlRpcStruct? members)
    {
        members = (value.Kinds & (XmlRpcKinds.EmptyArray | XmlRpcKinds.EmptyString | XmlRpcKinds.Nil)) != XmlRpcKinds.None ? new XmlRpcStruct() : null;
        return members is not null || value.TryGetStruct(out members);
    }

    /// <summary>An array; an empty struct, an empty string and nil are an empty one.</summary>
    public static bool TryToArray(this XmlRpcValue value, [NotNullWhen(true)] out XmlRpcArray? items)
    {
        items = (value.Kinds & (XmlRpcKinds.EmptyStruct | XmlRpcKinds.EmptyString | XmlRpcKinds.Nil)) != XmlRpcKinds.None ? [] : null;
        return items is not null || value.TryGetArray(out items);
    }

    /// <summary>A list of texts: an array of them, or one that stands alone. Empty forms of any kind, and nil, are an empty list.</summary>
    public static bool TryToTexts(this XmlRpcValue value, [NotNullWhen(true)] out IReadOnlyList<string>? texts)
    {
        texts = null;
        if (!value.TryToArray(out var items))
        {
            texts = value.TryToText(out var single) ? [single] : null;
            return texts is not null;
        }

        var list = new List<string>(items.Count);
        foreach (var item in items.Items)
        {
            if (!item.TryToText(out var text))
            {
                return false;
            }

            list.Add(text);
        }

        texts = list;
        return true;
    }

    /// <summary>A date, or a string in one of the date forms of the wire.</summary>
    public static bool TryToDateTime(this XmlRpcValue value, out DateTime date)
    {
        if (value.TryGetDateTime(out date))
        {
            return true;
        }

        return value.TryGetString(out var text) && text.Length <= 40 && XmlRpcDates.TryRead(Encoding.UTF8.GetBytes(text.Trim()), out date);
    }

    private static bool TryWhole(double value, out long number)
    {
        // 2^53: above it a double no longer tells neighbours apart.
        var exact = Math.Abs(value) <= 9007199254740992d && Math.Floor(value) == value;
        number = exact ? (long)value : 0;
        return exact;
    }
}
