using System.Net;
using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>What an order holds, checked against plan and catalog.</summary>
/// <param name="KeyType">The main license class; null where the order has no license.</param>
/// <param name="Licenses">How many licenses of it.</param>
/// <param name="Features">Features of each license.</param>
/// <param name="AddOns">Additional classes that travel with each license.</param>
/// <param name="Lines">Every resource of the order with its rate and quantity.</param>
internal sealed record OrderContents(
    string? KeyType, int Licenses, IReadOnlyList<string> Features, IReadOnlyList<string> AddOns, IReadOnlyList<(Rate Rate, int Quantity)> Lines);

/// <summary>What must hold for an order. All faults are told at once.</summary>
internal static class PlaceOrderRules
{
    public const int QuantityMax = 1000;

    public const int AddressesMax = 20;

    /// <summary>What is wrong with the addresses of a server.</summary>
    public static IEnumerable<Error> Addresses(IReadOnlyList<string> addresses) =>
    [
        .. addresses.Count > AddressesMax ? new[] { OrdersErrors.AddressInvalid.Because($"{addresses.Count} addresses are given.").At("ipAddresses") } : [],
        .. addresses.Select((a, i) => (a, i)).Where(x => !IPAddress.TryParse(x.a, out _))
            .Select(x => OrdersErrors.AddressInvalid.Because($"'{x.a}' is no IP address.").At($"ipAddresses[{x.i}]")),
    ];

    public static IReadOnlyList<Error> Shape(PlaceOrderRequest request)
    {
        var faults = new List<Error>();
        if (!string.IsNullOrEmpty(request.SubscriptionName) && Texts.Name(request.SubscriptionName, "subscriptionName") is { } name)
        {
            faults.Add(name);
        }

        faults.AddRange(new[]
        {
            Texts.Text(request.Target, "target"), Texts.Text(request.Comment, "comment"),
            Texts.Text(request.Activation?.HardwareId, "activation.hardwareId"), Texts.Text(request.Activation?.Instance, "activation.instance"),
        }.OfType<Error>());
        faults.AddRange(Addresses(request.IpAddresses));

        for (var i = 0; i < request.Resources.Count; i++)
        {
            var (resource, field) = (request.Resources[i], $"resources[{i}]");
            if (request.Resources.Take(i).Any(r => r.Resource == resource.Resource))
            {
                faults.Add(OrdersErrors.ResourceTwice.Because($"'{resource.Resource}' stands there twice.").At(field));
            }

            if (resource.Quantity is < 1 or > QuantityMax)
            {
                faults.Add(OrdersErrors.QuantityUnfit.Because($"{resource.Quantity} units of '{resource.Resource}' are outside 1 to {QuantityMax}.").At($"{field}.quantity"));
            }
        }

        return faults;
    }

    /// <summary>The period that is asked for, the plan's first where none is; adds to <paramref name="faults"/> where the plan has no such.</summary>
    public static PlanPeriod? Period(PlanPeriodId? asked, Plan plan, List<Error> faults)
    {
        var period = asked is null ? plan.Periods[0] : plan.Periods.FirstOrDefault(p => p.Id == asked);
        if (period is null)
        {
            faults.Add(OrdersErrors.PeriodUnknown.Because($"Plan {plan.Id} ({plan.Name}) has no period {asked}.").At("planPeriodId"));
        }

        return period;
    }

    /// <summary>Puts together what was asked and what the plan adds by itself, and adds to <paramref name="faults"/> what does not fit.</summary>
    public static OrderContents Contents(IReadOnlyList<ResourceInput> asked, Plan plan, CatalogView catalog, List<Error> faults)
    {
        var chosen = new List<(Rate Rate, int? Quantity, string? Field)>();
        foreach (var (resource, index) in asked.Select((r, i) => (r, i)))
        {
            var field = $"resources[{index}]";
            if (plan.Rates.FirstOrDefault(r => r.Command == resource.Resource) is { } rate)
            {
                chosen.Add((rate, resource.Quantity, field));
            }
            else
            {
                faults.Add(NotOffered(resource.Resource, plan, catalog).At(field));
            }
        }

        chosen.AddRange(plan.Rates.Where(r => r.MinUnits > 0 && !chosen.Exists(c => c.Rate.Id == r.Id)).Select(r => (r, (int?)null, (string?)null)));

        var classes = chosen.Where(c => c.Rate.Kind == ResourceKind.Class).ToList();
        if (classes.Count > 1)
        {
            faults.Add(OrdersErrors.ClassesConflict.Because($"{string.Join(" and ", classes.Select(c => c.Rate.Command))} conflict: a subscription has one main license class.").At("resources"));
        }

        var main = classes.Count > 0 ? classes[0] : default;
        var licenses = main.Rate is null ? 0 : main.Quantity ?? Math.Max(1, main.Rate.MinUnits);
        var lines = new List<(Rate Rate, int Quantity)>();
        foreach (var (rate, quantity, field) in chosen)
        {
            lines.Add((rate, Units(rate, quantity, field, licenses, faults)));
        }

        var features = chosen.Where(c => c.Rate.Kind == ResourceKind.Feature).Select(c => c.Rate.Command).ToList();
        var addOns = chosen.Where(c => c.Rate.Kind == ResourceKind.AddOn).Select(c => c.Rate.Command).ToList();
        if (main.Rate is not null)
        {
            faults.AddRange(CatalogRules.Check(catalog, main.Rate.Command, features, addOns).Select(e => e.At("resources")));
        }
        else if (features.Count + addOns.Count > 0)
        {
            faults.Add(OrdersErrors.ClassMissing.Because($"{string.Join(", ", features.Concat(addOns))}: no license class is ordered.").At("resources"));
        }

        return new OrderContents(main.Rate?.Command, licenses, features, addOns, lines);
    }

    /// <summary>The financial lines; what costs nothing has none.</summary>
    public static IReadOnlyList<DetailRow> Details(Plan plan, PlanPeriod period, OrderContents contents)
    {
        var lines = new List<DetailRow>();
        lines.AddCharge(DetailKind.Setup, null, $"{plan.Name}: setup", 1, period.SetupFee);
        lines.AddCharge(DetailKind.Subscription, null, $"{plan.Name}: {period.Period} {period.PeriodType}", 1, period.SubscriptionFee);
        foreach (var (rate, quantity) in contents.Lines)
        {
            var charged = rate.IsOfEachLicense ? rate.Charged(1) * contents.Licenses : rate.Charged(quantity);
            lines.AddCharge(DetailKind.ResourceSetup, rate.ResourceId, $"{rate.Name}: setup", charged, rate.SetupFee);
            lines.AddCharge(DetailKind.ResourceRecurring, rate.ResourceId, rate.Name, charged, rate.RecurringFee);
        }

        return lines;
    }

    private static int Units(Rate rate, int? asked, string? field, int licenses, List<Error> faults)
    {
        if (rate.IsOfEachLicense)
        {
            if (asked is { } quantity && licenses > 0 && quantity != licenses)
            {
                faults.Add(OrdersErrors.QuantityUnfit
                    .Because($"{rate.Command} is asked for {quantity} times and there are {licenses} licenses.")
                    .Mend("Leave the quantity out: each license gets it.").At($"{field}.quantity"));
            }

            return Math.Max(1, licenses);
        }

        var units = asked ?? Math.Max(1, rate.MinUnits);
        if (!rate.Allows(units))
        {
            faults.Add(OrdersErrors.QuantityUnfit
                .Because($"{units} units of {rate.Command} are outside {rate.MinUnits} to {(rate.MaxUnits == Rate.Unlimited ? "unlimited" : rate.MaxUnits)}.").At($"{field}.quantity"));
        }

        return units;
    }

    // Says more than "not in the plan" where the catalog knows why it could not be ordered at all.
    private static Error NotOffered(string name, Plan plan, CatalogView catalog)
    {
        if (catalog.Class(name) is null && catalog.Feature(name) is null)
        {
            return OrdersErrors.ResourceUnknown.Because($"Neither the plan {plan.Name} nor the catalog knows '{name}'.");
        }

        var main = plan.Rates.FirstOrDefault(r => r.Kind == ResourceKind.Class);
        return catalog.Feature(name) is not null && main is not null && !catalog.FeaturesOf(main.Command).Any(f => f.Id == name)
            ? OrdersErrors.ResourceNotInPlan.Because($"The plan {plan.Name} does not offer the feature {name}; it belongs to another license class than {main.Command}.")
            : OrdersErrors.ResourceNotInPlan.Because($"The plan {plan.Name} does not offer {name}.");
    }
}
