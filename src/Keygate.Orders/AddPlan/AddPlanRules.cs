using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>What must hold for a plan. All faults are told at once.</summary>
internal static class AddPlanRules
{
    private const int PeriodMax = 1000;

    public static IReadOnlyList<Error> Shape(AddPlanRequest request)
    {
        var faults = new List<Error>();
        Add(faults, Texts.Name(request.Name, "name"));
        Add(faults, Texts.Text(request.Description, "description"));
        if (request.Currency is not { Length: 3 } || !request.Currency.All(char.IsAsciiLetterUpper))
        {
            faults.Add(OrdersErrors.CurrencyInvalid.Because($"'{request.Currency}' is no currency code.").At("currency"));
        }

        faults.AddRange(request.Terms?.Faults() ?? []);
        if (request.Periods.Count == 0)
        {
            faults.Add(OrdersErrors.PeriodInvalid.Because("The plan has no period.").At("periods"));
        }

        for (var i = 0; i < request.Periods.Count; i++)
        {
            var (period, field) = (request.Periods[i], $"periods[{i}]");
            if (period.Period is < 1 or > PeriodMax || !Enum.IsDefined(period.PeriodType))
            {
                faults.Add(OrdersErrors.PeriodInvalid.Because($"A period of {period.Period} {period.PeriodType} cannot be counted.").At($"{field}.period"));
            }

            if (request.Periods.Take(i).Any(p => p.Period == period.Period && p.PeriodType == period.PeriodType))
            {
                faults.Add(OrdersErrors.PeriodInvalid.Because($"The period of {period.Period} {period.PeriodType} stands there twice.").At(field));
            }

            Fees(faults, field, ("setupFee", period.SetupFee), ("subscriptionFee", period.SubscriptionFee), ("renewalFee", period.RenewalFee));
        }

        for (var i = 0; i < request.Rates.Count; i++)
        {
            var (rate, field) = (request.Rates[i], $"rates[{i}]");
            Fees(faults, field, ("setupFee", rate.SetupFee), ("recurringFee", rate.RecurringFee));
            if (rate.MinUnits < 0 || rate.MaxUnits < Rate.Unlimited || rate.MaxUnits == 0 || (rate.MaxUnits != Rate.Unlimited && rate.MaxUnits < rate.MinUnits)
                || rate.IncludedUnits < Rate.Unlimited || (rate.IncludedUnits > 0 && rate.IncludedUnits < rate.MinUnits))
            {
                faults.Add(OrdersErrors.UnitsInvalid.Because($"{rate.Resource}: included {rate.IncludedUnits}, min {rate.MinUnits}, max {rate.MaxUnits}.").At(field));
            }
        }

        return faults;
    }

    public static IReadOnlyList<Error> Offer(AddPlanRequest request, CatalogView catalog, IReadOnlyList<Resource> resources)
    {
        var faults = new List<Error>();
        var offered = new List<(RateInput Rate, Resource Resource, string Field)>();
        for (var i = 0; i < request.Rates.Count; i++)
        {
            var (rate, field) = (request.Rates[i], $"rates[{i}].resource");
            if (Find(resources, rate.Resource) is not { } resource)
            {
                faults.Add(OrdersErrors.ResourceUnknown.Because($"Neither the catalog nor the resources have '{rate.Resource}'.").At(field));
            }
            else if (offered.Exists(o => o.Resource.Id == resource.Id))
            {
                faults.Add(OrdersErrors.ResourceTwice.Because($"{rate.Resource} has two rates.").At(field));
            }
            else if (resource.Gate == Gates.Licenses && IsArchived(catalog, resource))
            {
                faults.Add(OrdersErrors.ResourceUnknown.Because($"{rate.Resource} is archived in the catalog.").At(field).Mend("Put it back in the catalog, or leave it out of the plan."));
            }
            else
            {
                offered.Add((rate, resource, field));
            }
        }

        var classes = offered.Where(o => o.Resource.Kind == ResourceKind.Class).ToList();
        if (offered.Exists(o => o.Resource.Gate == Gates.Licenses) && request.IssuerId is null)
        {
            faults.Add(OrdersErrors.IssuerMissing.Because("The plan has licenses and names no issuer.").At("issuerId"));
        }

        foreach (var (_, resource, field) in offered)
        {
            var parents = resource.Kind switch
            {
                ResourceKind.Feature => catalog.Contents.Classes.Where(c => catalog.FeaturesOf(c.KeyType).Any(f => f.Id == resource.Command)).ToList(),
                ResourceKind.AddOn => catalog.Contents.Classes.Where(c => catalog.AddOnsOf(c.KeyType).Any(a => a.KeyType == resource.Command)).ToList(),
                _ => null,
            };
            if (parents is not null && !parents.Exists(p => classes.Exists(c => c.Resource.Command == p.KeyType)))
            {
                faults.Add(OrdersErrors.ClassMissing
                    .Because($"{resource.Command} belongs to {(parents.Count == 0 ? "no class" : string.Join(", ", parents.Select(p => p.KeyType)))}, which the plan does not offer.")
                    .At(field));
            }
        }

        foreach (var (_, resource, field) in classes)
        {
            foreach (var group in catalog.FeaturesOf(resource.Command).Where(f => f.Group is not null).GroupBy(f => f.Group!, StringComparer.Ordinal))
            {
                if (catalog.Group(group.Key)!.Mandatory && !group.Any(f => offered.Exists(o => o.Resource.Command == f.Id)))
                {
                    faults.Add(OrdersErrors.GroupWithoutFeature
                        .Because($"{resource.Command} needs a feature of the group {group.Key}, and the plan offers none.")
                        .Mend($"Add at least one of {string.Join(", ", group.Select(f => f.Id))}.").At(field));
                }
            }
        }

        AlwaysOrdered(faults, offered, catalog);
        return faults;
    }

    public static Resource? Find(IReadOnlyList<Resource> resources, string command) =>
        resources.FirstOrDefault(r => r.Gate == Gates.Licenses && r.Command == command) ?? resources.FirstOrDefault(r => r.Command == command);

    // What is in every order must go together, or no order could ever be placed.
    private static void AlwaysOrdered(List<Error> faults, List<(RateInput Rate, Resource Resource, string Field)> offered, CatalogView catalog)
    {
        var always = offered.Where(o => o.Rate.MinUnits > 0).ToList();
        var classes = always.Where(o => o.Resource.Kind == ResourceKind.Class).ToList();
        if (classes.Count > 1)
        {
            faults.Add(OrdersErrors.ClassesConflict
                .Because($"{string.Join(" and ", classes.Select(c => c.Resource.Command))} would both be in every order.")
                .Mend("Set the minimum of all but one of them to 0.").At(classes[1].Field));
        }

        foreach (var group in always.Where(o => o.Resource.Kind == ResourceKind.Feature).GroupBy(o => catalog.Feature(o.Resource.Command)!.Group).Where(g => g.Key is not null && g.Count() > 1))
        {
            faults.Add(OrdersErrors.GroupTakenTwice
                .Because($"{string.Join(" and ", group.Select(g => g.Resource.Command))} are of the group {group.Key}.").At(group.Last().Field));
        }
    }

    private static bool IsArchived(CatalogView catalog, Resource resource) => resource.Kind == ResourceKind.Feature
        ? catalog.Feature(resource.Command)?.ArchivedAt is not null
        : catalog.Class(resource.Command)?.ArchivedAt is not null;

    private static void Fees(List<Error> faults, string field, params (string Name, long Amount)[] fees) =>
        faults.AddRange(fees.Where(f => f.Amount is < 0 or > Money.Max).Select(f =>
            OrdersErrors.FeeInvalid.Because($"A fee of {f.Amount} is outside 0 to {Money.Max}.").At($"{field}.{f.Name}")));

    private static void Add(List<Error> faults, Error? fault)
    {
        if (fault is not null)
        {
            faults.Add(fault);
        }
    }
}
