using System.Globalization;

namespace Keygate.Verification;

/// <summary>A calendar day in UTC, as license files write it: <c>yyyy-mm-dd</c>.</summary>
public readonly struct LicenseDate : IEquatable<LicenseDate>, IComparable<LicenseDate>
{
    private readonly DateTime _midnight;

    /// <summary>Makes a day from its parts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such day.</exception>
    public LicenseDate(int year, int month, int day) => _midnight = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The year, 1 to 9999.</summary>
    public int Year => _midnight.Year;

    /// <summary>The month, 1 to 12.</summary>
    public int Month => _midnight.Month;

    /// <summary>The day of the month.</summary>
    public int Day => _midnight.Day;

    /// <summary>The moment at which the day begins, in UTC.</summary>
    public DateTimeOffset Begins => new(_midnight.Ticks, TimeSpan.Zero);

    /// <summary>The UTC day in which a moment falls.</summary>
    public static LicenseDate Of(DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        return new LicenseDate(utc.Year, utc.Month, utc.Day);
    }

    /// <summary>Reads exactly <c>yyyy-mm-dd</c>; any other spelling is refused.</summary>
    public static bool TryParse(string? text, out LicenseDate date)
    {
        date = default;
        // The length and the digits are checked first: the framework's parser takes other scripts' digits for some formats.
        if (text is not { Length: 10 } || text[4] != '-' || text[7] != '-'
            || !TryDigits(text, 0, 4, out var year) || !TryDigits(text, 5, 2, out var month) || !TryDigits(text, 8, 2, out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }
        date = new LicenseDate(year, month, day);
        return true;
    }

    /// <summary>Reads exactly <c>yyyy-mm-dd</c>.</summary>
    /// <exception cref="FormatException">The text is not such a day.</exception>
    public static LicenseDate Parse(string text) =>
        TryParse(text, out var date) ? date : throw new FormatException("Not a day written as yyyy-mm-dd.");

    /// <inheritdoc/>
    public override string ToString() => _midnight.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool Equals(LicenseDate other) => _midnight.Ticks == other._midnight.Ticks;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LicenseDate other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _midnight.Ticks.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(LicenseDate other) => _midnight.Ticks.CompareTo(other._midnight.Ticks);

    /// <summary>Whether both are the same day.</summary>
    public static bool operator ==(LicenseDate left, LicenseDate right) => left.Equals(right);

    /// <summary>Whether they are different days.</summary>
    public static bool operator !=(LicenseDate left, LicenseDate right) => !left.Equals(right);

    /// <summary>Whether the left day is the earlier one.</summary>
    public static bool operator <(LicenseDate left, LicenseDate right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left day is the later one.</summary>
    public static bool operator >(LicenseDate left, LicenseDate right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left day is not the later one.</summary>
    public static bool operator <=(LicenseDate left, LicenseDate right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left day is not the earlier one.</summary>
    public static bool operator >=(LicenseDate left, LicenseDate right) => left.CompareTo(right) >= 0;

#if NET
    /// <summary>The same day as the framework's type.</summary>
    public DateOnly ToDateOnly() => new(Year, Month, Day);

    /// <summary>Takes the same day from the framework's type.</summary>
    public static LicenseDate FromDateOnly(DateOnly date) => new(date.Year, date.Month, date.Day);

    /// <summary>Takes the same day from the framework's type.</summary>
    public static implicit operator LicenseDate(DateOnly date) => FromDateOnly(date);
#endif

    private static bool TryDigits(string text, int start, int count, out int number)
    {
        number = 0;
        for (var i = start; i < start + count; i++)
        {
            if (text[i] is < '0' or > '9')
            {
                return false;
            }
            number = (number * 10) + (text[i] - '0');
        }
        return true;
    }
}
