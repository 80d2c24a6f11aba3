namespace Keygate.Catalog;

/// <summary>What is wrong with an offer whatever is ordered first: parts that nobody can order, and ways up that end before the issuer.</summary>
internal static class OfferFindings
{
    public static IEnumerable<CheckFinding> Of(CatalogView catalog, Offer offer, IssuerRules rules) =>
        [.. Dead(catalog, offer), .. offer.Classes.SelectMany(c => Upgrades(catalog, offer, c.Code, rules)), .. ClassUpgrades(catalog, offer, rules)];

    private static IEnumerable<CheckFinding> Dead(CatalogView catalog, Offer offer)
    {
        foreach (var feature in offer.Features.Where(f => !offer.Classes.Any(c => catalog.FeaturesOf(c.Code).Any(of => of.Id == f.Code))))
        {
            yield return new CheckFinding(
                false, feature.Code, catalog.Feature(feature.Code)?.IsArchived == true ? $"The feature {feature.Code} is archived, so nobody can order it." : $"The feature {feature.Code} belongs to no class of the plan, so nobody can order it.",
                "Put it back or add it to the class in the catalog, or take it out of the plan.");
        }

        foreach (var addOn in offer.AddOns.Where(a => !offer.Classes.Any(c => catalog.AddOnsOf(c.Code).Any(of => of.KeyType == a.Code))))
        {
            yield return new CheckFinding(
                false, addOn.Code, $"The additional class {addOn.Code} goes with no class of the plan, so nobody can order it.", "Add or put back the add-on relation, or take it out of the plan.");
        }
    }

    // Within a group a feature moves up to the same or a higher sort number.
    private static IEnumerable<CheckFinding> Upgrades(CatalogView catalog, Offer offer, string keyType, IssuerRules rules)
    {
        var sold = catalog.FeaturesOf(keyType).Where(f => f.Group is not null && offer.Features.Any(o => o.Code == f.Id)).ToList();
        foreach (var (from, to) in sold.SelectMany(from => sold.Where(to => to.Group == from.Group && to.Id != from.Id && to.Sort > from.Sort).Select(to => (from, to))))
        {
            if (Option(catalog, from.Id, to.Id) is not { IsArchived: false, Enabled: true } option)
            {
                var known = Option(catalog, from.Id, to.Id);
                yield return new CheckFinding(
                    false, $"{from.Id} to {to.Id}",
                    $"Could not find appropriate Upgrade Plan: from {from.Id} to {to.Id} {(known is null ? "there is no upgrade option" : known.IsArchived ? "the upgrade option is archived" : "the upgrade option is disabled")}, so it cannot be sold.",
                    known is null ? $"Add an upgrade option from {from.Id} to {to.Id} with the issuer's upgrade plan, if it is to be sold." : "Enable the upgrade option or put it back, if it is to be sold.");
            }
            else if (rules.RefusedUpgrade(option) is { } refusal)
            {
                yield return new CheckFinding(true, $"{from.Id} to {to.Id}", refusal.Cause, refusal.Repair);
            }
        }
    }

    private static IEnumerable<CheckFinding> ClassUpgrades(CatalogView catalog, Offer offer, IssuerRules rules)
    {
        foreach (var option in offer.Classes.SelectMany(c => catalog.UpgradesFrom(c.Code)).Where(o => offer.Classes.Any(c => c.Code == o.To)))
        {
            if (rules.RefusedUpgrade(option) is { } refusal)
            {
                yield return new CheckFinding(true, $"{option.From} to {option.To}", refusal.Cause.Replace("Could not find appropriate Upgrade Plan", "Can not find available key type upgrade", StringComparison.Ordinal), refusal.Repair);
            }
        }
    }

    private static UpgradeOption? Option(CatalogView catalog, string from, string to) => catalog.Contents.UpgradeOptions.FirstOrDefault(o => o.From == from && o.To == to);
}
