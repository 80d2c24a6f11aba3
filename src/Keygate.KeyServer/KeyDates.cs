using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keygate.KeyServer;

/// <summary>How long one term of a key lasts: a number of days, or of calendar months.</summary>
[JsonConverter(typeof(PeriodJson))]
internal readonly record struct Period(int Count, bool InMonths)
{
    private const int DaysMax = 366, MonthsMax = 60;

    /// <summary>Reads <c>30 days</c>, <c>1 day</c>, <c>1 month</c>, <c>12 months</c>.</summary>
    public static bool TryParse(string? text, out Period period)
    {
        period = default;
        var parts = (text ?? "").Split(' ');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
        {
            return false;
        }

        period = new Period(count, parts[1] is "month" or "months");
        return parts[1] is "day" or "days" ? count <= DaysMax : period.InMonths && count <= MonthsMax;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} {(InMonths ? "month" : "day")}{(Count == 1 ? "" : "s")}");

    private sealed class PeriodJson : JsonConverter<Period>
    {
        public override Period Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var period) ? period : throw new JsonException("This is no period.");

        public override void Write(Utf8JsonWriter writer, Period value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>
/// The dates of a key, and the only place where they are reckoned. All are midnights in UTC. They are counted from the day of creation,
/// the anchor: a monthly key made on January 31 is due on February 28 (or 29), March 31, April 30.
/// </summary>
/// <param name="Start">The day of creation.</param>
/// <param name="Terms">Terms begun so far, from 1.</param>
/// <param name="Update">From this day the product asks for a fresh file: the end of the last term.</param>
/// <param name="Expiration">The first day without a valid file.</param>
/// <param name="Sus">The end of software updates; null for a key without them.</param>
internal sealed record KeyDates(DateOnly Start, int Terms, DateOnly Update, DateOnly Expiration, DateOnly? Sus)
{
    /// <summary>Days between the update date and the expiry: the time to fetch the next file.</summary>
    public const int GraceDays = 10;

    // How long an expired lease of a vendor's may still be renewed before he is told that it is over.
    private const int MonthsToVendorsEnd = 3;

    /// <summary>Leases that expired on this day or before are ended at their vendors.</summary>
    public static DateOnly EndedAtVendors(DateOnly today) => today.AddMonths(-MonthsToVendorsEnd);

    /// <summary>The dates of a new key.</summary>
    /// <param name="today">The day of creation.</param>
    /// <param name="period">One term.</param>
    /// <param name="billing">How it is paid.</param>
    /// <param name="susMonths">Months of software updates that a lease's term or a purchase brings; 0 for none.</param>
    public static KeyDates Of(DateOnly today, Period period, BillingType billing, int susMonths) => At(today, 1, period, billing, susMonths);

    /// <summary>
    /// The dates after one more term. A key that has lain expired starts again at the first anchor day that lies ahead, so that one renewal
    /// always makes it valid.
    /// </summary>
    public KeyDates Next(DateOnly today, Period period, BillingType billing, int susMonths)
    {
        var terms = Terms + 1;
        while (Add(Start, period, terms) <= today)
        {
            terms++;
        }

        var next = At(Start, terms, period, billing, susMonths);
        // What was bought stays bought: a purchase's updates do not move with its file, and no renewal shortens a term.
        return next with { Sus = billing == BillingType.Purchase ? Sus : Later(Sus, next.Sus), Update = Later(Update, next.Update)!.Value, Expiration = Later(Expiration, next.Expiration)!.Value };
    }

    /// <summary>
    /// The same dates counted in terms of another length, for a key that changes its key type: what was paid stays, and the next term begins
    /// at the first anchor day that is not before the end of the present one.
    /// </summary>
    public KeyDates In(Period period)
    {
        var terms = 1;
        while (Add(Start, period, terms) < Update)
        {
            terms++;
        }

        return this with { Terms = terms };
    }

    /// <summary>The end of software updates so many months after the present one, on the anchor's day where the present one lies on it.</summary>
    public DateOnly SusAfter(DateOnly sus, int months)
    {
        var since = ((sus.Year - Start.Year) * 12) + sus.Month - Start.Month;
        return Start.AddMonths(since) == sus ? Start.AddMonths(since + months) : sus.AddMonths(months);
    }

    private static KeyDates At(DateOnly start, int terms, Period period, BillingType billing, int susMonths)
    {
        var update = Add(start, period, terms);
        DateOnly? sus = susMonths == 0 ? null
            : billing == BillingType.Purchase ? start.AddMonths(susMonths)
            : period.InMonths ? start.AddMonths(((terms - 1) * period.Count) + susMonths)
            : Add(start, period, terms - 1).AddMonths(susMonths);
        return new KeyDates(start, terms, update, update.AddDays(GraceDays), sus);
    }

    private static DateOnly Add(DateOnly start, Period period, int terms) =>
        period.InMonths ? start.AddMonths(period.Count * terms) : start.AddDays(period.Count * terms);

    private static DateOnly? Later(DateOnly? one, DateOnly? other) => one is null || other > one ? other : one;
}
