using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Orders.Storage;

namespace Keygate.Orders;

/// <summary>What a change of a subscription costs now: for the rest of the paid periods, by days.</summary>
internal static class SubscriptionChangeRules
{
    /// <summary>
    /// The lines: what comes in with its setup fee, and its recurring fee for the rest; what is lost given back for the rest. Taken together never less than
    /// <paramref name="creditable"/> below nought.
    /// </summary>
    public static IReadOnlyList<DetailRow> Details(IEnumerable<(Rate Rate, int Before, int After)> changes, IReadOnlyList<PaidRest> rest, DateOnly? end, long creditable)
    {
        var (charges, credits) = (new List<DetailRow>(), new List<(Rate Rate, long Amount)>());
        var until = $"{rest.Sum(r => r.Left)} days until {end:yyyy-MM-dd}";
        foreach (var (rate, before, after) in changes)
        {
            charges.AddCharge(DetailKind.ResourceSetup, rate.ResourceId, $"{rate.Name}: setup", after - before, rate.SetupFee);
            charges.AddCharge(DetailKind.ResourceRecurring, rate.ResourceId, $"{rate.Name}: {until}", Math.Max(0, after - before), Proration.Of(rest, rate.RecurringFee));
            if (after < before)
            {
                credits.Add((rate, Proration.Of(rest, (before - after) * rate.RecurringFee)));
            }
        }

        var left = creditable + charges.Sum(c => c.Amount);
        foreach (var (rate, amount) in credits)
        {
            var given = Math.Clamp(left, 0, amount);
            charges.AddCredit(rate.ResourceId, $"{rate.Name}: {until}", given);
            left -= given;
        }

        return charges;
    }

    /// <summary>What a change of a license changes of what is charged for each period.</summary>
    public static IEnumerable<(Rate Rate, int Before, int After)> Of(Plan plan, LicenseChange change)
    {
        foreach (var (codes, before, after) in new[] { (Codes(change.To).Except(Codes(change.From)), 0, 1), (Codes(change.From).Except(Codes(change.To)), 1, 0) })
        {
            foreach (var rate in codes.Select(c => plan.Rates.FirstOrDefault(r => r.Command == c)).OfType<Rate>())
            {
                yield return (rate, rate.Charged(before), rate.Charged(after));
            }
        }
    }

    /// <summary>What a subscription holds after changes of its licenses.</summary>
    public static IReadOnlyList<SubscriptionResourceRow> After(Plan plan, IReadOnlyList<SubscriptionResourceRow> held, IEnumerable<LicenseChange> changes)
    {
        var after = held.ToList();
        foreach (var change in changes)
        {
            foreach (var (codes, units) in Units(change))
            {
                foreach (var rate in codes.Select(c => plan.Rates.FirstOrDefault(r => r.Command == c)).OfType<Rate>())
                {
                    var had = after.Find(r => r.ResourceId == rate.ResourceId);
                    after.RemoveAll(r => r.ResourceId == rate.ResourceId);
                    if ((had?.Quantity ?? 0) + units is var quantity and > 0)
                    {
                        after.Add(new SubscriptionResourceRow { ResourceId = rate.ResourceId, RateId = rate.Id, Command = rate.Command, Kind = rate.Kind, Name = rate.Name, Quantity = quantity });
                    }
                }
            }
        }

        return after;
    }

    /// <summary>What a change takes out of what is held, and what it brings in.</summary>
    public static IEnumerable<(IEnumerable<string> Codes, int Units)> Units(LicenseChange change) =>
        [(Codes(change.From).Except(Codes(change.To)), -1), (Codes(change.To).Except(Codes(change.From)), 1)];

    /// <summary>All that a license is made of.</summary>
    public static IEnumerable<string> Codes(LicenseMake make) => make.Features.Concat(make.AddOns).Prepend(make.KeyType);
}
