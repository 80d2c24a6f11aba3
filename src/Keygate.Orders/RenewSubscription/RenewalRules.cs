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
        Line(DetailKind.Renewal, null, $"{plan.Name}: renewal for {period.Period} {period.PeriodType} from {from:yyyy-MM-dd}", 1, period.RenewalFee);
        foreach (var resource in held)
        {
            if (plan.Rates.FirstOrDefault(r => r.Id == resource.RateId) is { } rate)
            {
                // Included units of features and add-ons count for one license.
                var charged = rate.Kind is ResourceKind.Feature or ResourceKind.AddOn
                    ? rate.Charged(1) * Math.Min(resource.Quantity, Math.Max(1, licenses))
                    : rate.Charged(resource.Quantity);
                Line(DetailKind.ResourceRecurring, rate.ResourceId, rate.Name, charged, rate.RecurringFee);
            }
        }

        return lines;

        void Line(DetailKind kind, ResourceId? id, string description, int quantity, long unit)
        {
            if (quantity > 0 && unit > 0)
            {
                lines.Add(new DetailRow { Kind = kind, ResourceId = id, Description = description, Quantity = quantity, UnitAmount = unit, Amount = checked(quantity * unit) });
            }
        }
    }
}
