using Keygate.Orders.Storage;

namespace Keygate.Orders;

/// <summary>What a further period costs.</summary>
internal static class RenewalRules
{
    /// <summary>The lines: the plan's renewal fee, and each resource that the subscription holds beyond what is included.</summary>
    public static IReadOnlyList<DetailRow> Details(Plan plan, PlanPeriod period, DateOnly from, IReadOnlyList<SubscriptionResourceRow> held)
    {
        var lines = new List<DetailRow>();
        var licenses = held.Where(r => r.Kind == ResourceKind.Class).Sum(r => r.Quantity);
        lines.AddCharge(DetailKind.Renewal, null, $"{plan.Name}: renewal for {period.Period} {period.PeriodType} from {from:yyyy-MM-dd}", 1, period.RenewalFee);
        foreach (var resource in held)
        {
            if (plan.Rates.FirstOrDefault(r => r.Id == resource.RateId) is { } rate)
            {
                var charged = rate.IsOfEachLicense
                    ? rate.Charged(1) * Math.Min(resource.Quantity, Math.Max(1, licenses))
                    : rate.Charged(resource.Quantity);
                lines.AddCharge(DetailKind.ResourceRecurring, rate.ResourceId, rate.Name, charged, rate.RecurringFee);
            }
        }

        return lines;
    }
}
