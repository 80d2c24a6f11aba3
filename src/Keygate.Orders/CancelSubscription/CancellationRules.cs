using Keygate.Licensing;
using Keygate.Orders.Storage;

namespace Keygate.Orders;

/// <summary>What a cancellation costs and gives back.</summary>
internal static class CancellationRules
{
    /// <summary>The lines of the order: the fee, and what is given back of each fee for the rest of the paid periods, never more than <paramref name="creditable"/>.</summary>
    public static IReadOnlyList<DetailRow> Details(
        Plan plan, PlanPeriod period, Subscription subscription, IReadOnlyList<SubscriptionResourceRow> held, CancelSubscriptionRequest request, long creditable, DateOnly today)
    {
        var lines = new List<DetailRow>();
        lines.AddCharge(DetailKind.Fee, null, $"{plan.Name}: cancellation", 1, request.Fee);
        var rest = Proration.Rest(period, subscription.StartDate, subscription.ExpirationDate, today);
        if (request.Credit == CancellationCredit.None || rest.Count == 0)
        {
            return lines;
        }

        var left = creditable;
        void Give(ResourceId? resource, string description, long amount)
        {
            var given = Math.Min(left, amount);
            lines.AddCredit(resource, $"{description}: {rest.Sum(r => r.Left)} days until {subscription.ExpirationDate:yyyy-MM-dd}", given);
            left -= Math.Max(0, given);
        }

        Give(null, plan.Name, Proration.Of(rest, r => r.IsFirst ? period.SubscriptionFee : period.RenewalFee));
        foreach (var (rate, charged) in RenewalRules.Charged(plan, held))
        {
            Give(rate.ResourceId, rate.Name, Proration.Of(rest, charged * rate.RecurringFee));
        }

        return lines;
    }

    /// <summary>What becomes of a license; null for one that has ended.</summary>
    public static LicenseEnd? EndOf(LicenseRow license) => license switch
    {
        { Status: LicenseState.Terminated } => null,
        { KeyNumber: null } => new LicenseEnd(license.Id, null, "The request is withdrawn"),
        { BillType: "Purchase" } => new LicenseEnd(license.Id, license.KeyNumber, $"{license.KeyNumber} is purchased: its copy is removed and it goes to stock"),
        _ => new LicenseEnd(license.Id, license.KeyNumber, $"Terminate {license.KeyNumber}, and remove its copy"),
    };
}
