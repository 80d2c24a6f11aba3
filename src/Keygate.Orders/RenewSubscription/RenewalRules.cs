using Keygate.Orders.Storage;

namespace Keygate.Orders;

/// <summary>What a further period costs.</summary>
internal static class RenewalRules
{
    /// <summary>The lines: the plan's renewal fee, and each resource that the subscription holds beyond what is included.</summary>
    public static IReadOnlyList<DetailRow> Details(Plan plan, PlanPeriod period, DateOnly from, IReadOnlyList<SubscriptionResourceRow> held)
    {
        var lines = new List<DetailRow>();
        lines.AddCharge(DetailKind.Renewal, null, $"{plan.Name}: renewal for {period.Period} {period.PeriodType} from {from:yyyy-MM-dd}", 1, period.RenewalFee);
        foreach (var (rate, charged) in Charged(plan, held))
        {
            lines.AddCharge(DetailKind.ResourceRecurring, rate.ResourceId, rate.Name, charged, rate.RecurringFee);
        }

        return lines;
    }

    /// <summary>Each rate that a subscription holds something of, with the units that are charged beyond what is included.</summary>
    public static IEnumerable<(Rate Rate, int Charged)> Charged(Plan plan, IReadOnlyList<SubscriptionResourceRow> held)
    {
        var licenses = held.Where(r => r.Kind == ResourceKind.Class).Sum(r => r.Quantity);
        foreach (var resource in held)
        {
            if (plan.Rates.FirstOrDefault(r => r.Id == resource.RateId) is { } rate)
            {
                yield return (rate, rate.IsOfEachLicense ? rate.Charged(1) * Math.Min(resource.Quantity, Math.Max(1, licenses)) : rate.Charged(resource.Quantity));
            }
        }
    }
}
