using System.Buffers.Text;

namespace Keygate.XmlRpc;

/// <summary>The date forms of the wire.</summary>
internal static class XmlRpcDates
{
    /// <summary>Length of the compact form <c>20260418T00:00:00</c>.</summary>
    public const int Length = 17;

    /// <summary>
    /// Reads <c>20260418T00:00:00</c> and <c>2026-04-18T00:00:00</c>, with or without colons, fraction (cut off) and zone. A time with
    /// a zone comes out in UTC; one without stays without.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        if (!Number(ref text, 4, out var year))
        {
            return false;
        }

        var dashed = Skip(ref text, (byte)'-');
        if (!Number(ref text, 2, out var month) || (dashed && !Skip(ref text, (byte)'-')) || !Number(ref text, 2, out var day)
            || !(Skip(ref text, (byte)'T') || Skip(ref text, (byte)'t') || Skip(ref text, (byte)' ')) || !Number(ref text, 2, out var hour))
        {
            return false;
        }

        var colons = Skip(ref text, (byte)':');
        if (!Number(ref text, 2, out var minute) || (colons && !Skip(ref text, (byte)':')) || !Number(ref text, 2, out var second))
        {
            return false;
        }

        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        if (text is [(byte)'.' or (byte)',', >= (byte)'0' and <= (byte)'9', ..])
        {
            text = text[1..].TrimStart("0123456789"u8);
        }

        value = new DateTime(year, month, day, hour, minute, second);
        return text.IsEmpty || TryZone(text, ref value);
    }

    /// <summary>Writes the compact form, without zone.</summary>
    public static void Write(DateTime value, Span<byte> into)
    {
        Digits(into, value.Year, 4);
        Digits(into[4..], value.Month, 2);
        Digits(into[6..], value.Day, 2);
        into[8] = (byte)'T';
        Digits(into[9..], value.Hour, 2);
        into[11] = (byte)':';
        Digits(into[12..], value.Minute, 2);
        into[14] = (byte)':';
        Digits(into[15..], value.Second, 2);
    }

    private static bool TryZone(ReadOnlySpan<byte> text, ref DateTime value)
    {
        if (text is [(byte)'Z' or (byte)'z'])
        {
            value = DateTime.SpecifyKind(value, DateTimeKind.Utc);
            return true;
        }

        if (text is not [(byte)'+' or (byte)'-', ..])
        {
            return false;
        }

        var sign = text[0] == '+' ? 1 : -1;
        text = text[1..];
        if (!Number(ref text, 2, out var hours) || hours > 14)
        {
            return false;
        }

        var minutes = 0;
        if (!text.IsEmpty && ((Skip(ref text, (byte)':') && text.IsEmpty) || !Number(ref text, 2, out minutes) || minutes > 59 || !text.IsEmpty))
        {
            return false;
        }

        var ticks = value.Ticks - (sign * new TimeSpan(hours, minutes, 0).Ticks);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        value = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    private static bool Number(ref ReadOnlySpan<byte> text, int digits, out int value)
    {
        value = 0;
        if (text.Length < digits || !Utf8Parser.TryParse(text[..digits], out uint number, out var used) || used != digits)
        {
            return false;
        }

        value = (int)number;
        text = text[digits..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> text, byte wanted)
    {
        if (text.IsEmpty || text[0] != wanted)
        {
            return false;
        }

        text = text[1..];
        return true;
    }

    private static void Digits(Span<byte> into, int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            into[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
