using System.Globalization;
using Keygate.Orders;

namespace Keygate.Panel;

/// <summary>How moments, days and money are written.</summary>
internal static class Shown
{
    /// <summary>A moment to the second, UTC: what support and logs compare.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A day.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The length of a period, as it follows an amount: <c>month</c>, <c>3 months</c>.</summary>
    public static string Period(PeriodView period, Words words) => period.Period == 1
        ? words[$"PeriodType.{period.PeriodType}.one"]
        : string.Create(CultureInfo.InvariantCulture, $"{period.Period} {words.Of(period.PeriodType)}");

    /// <summary>How long ago it was, in the largest fitting unit.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now, Words words)
    {
        var age = now - at;
        return age switch
        {
            { TotalSeconds: < 60 } => words.Of("ago.seconds", Math.Max(0, (int)age.TotalSeconds)),
            { TotalMinutes: < 60 } => words.Of("ago.minutes", (int)age.TotalMinutes),
            { TotalHours: < 48 } => words.Of("ago.hours", (int)age.TotalHours),
            _ => words.Of("ago.days", (int)age.TotalDays),
        };
    }
}
