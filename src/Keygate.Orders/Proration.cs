namespace Keygate.Orders;

/// <summary>Days of a paid period that are still to come, and all of its days.</summary>
/// <param name="Left">Days from today on.</param>
/// <param name="All">Days of the whole period.</param>
/// <param name="IsFirst">True for the subscription's first period, which has a fee of its own.</param>
internal sealed record PaidRest(int Left, int All, bool IsFirst);

/// <summary>What is left of the periods that a subscription has paid, by days: usually one, two where its renewal was paid early.</summary>
internal static class Proration
{
    /// <summary>The rest of each period that is not over.</summary>
    public static IReadOnlyList<PaidRest> Rest(PlanPeriod period, DateOnly? start, DateOnly? end, DateOnly today)
    {
        if (start is not { } begun || end is not { } over)
        {
            return [];
        }

        var rest = new List<PaidRest>();
        for (var from = begun; from < over;)
        {
            var next = period.EndAfter(begun, from);
            if (next > today)
            {
                rest.Add(new PaidRest(next.DayNumber - Math.Max(from.DayNumber, today.DayNumber), next.DayNumber - from.DayNumber, from == begun));
            }

            from = next;
        }

        return rest;
    }

    /// <summary>The part of a fee for each period that falls on the rest, rounded half away from zero for each period.</summary>
    public static long Of(IReadOnlyList<PaidRest> rest, Func<PaidRest, long> fee) =>
        rest.Sum(r => (long)Math.Round((decimal)fee(r) * r.Left / r.All, MidpointRounding.AwayFromZero));

    /// <summary>The same of a fee that all periods have.</summary>
    public static long Of(IReadOnlyList<PaidRest> rest, long fee) => Of(rest, _ => fee);
}
