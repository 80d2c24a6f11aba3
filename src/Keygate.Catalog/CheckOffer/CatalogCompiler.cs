using System.Globalization;

namespace Keygate.Catalog;

/// <summary>
/// Tries what a plan sells before a customer does: every order that can be placed, against what the issuer's account takes. An order that the catalog itself refuses
/// cannot be placed and is none of them. Pure; its work is bounded.
/// </summary>
public static class CatalogCompiler
{
    /// <summary>As many orders are tried each; of more, the parts.</summary>
    public const int EachMax = 10_000;

    /// <summary>Parts of a plan above which pairs are not tried any more.</summary>
    public const int PartsMax = 1_000;

    /// <summary>Failing orders that are shown.</summary>
    public const int ShownMax = 200;

    /// <summary>Checks an offer.</summary>
    public static CatalogCheck Check(CatalogView catalog, Offer offer, IssuerTerms terms) => Check(catalog, offer, terms, EachMax);

    internal static CatalogCheck Check(CatalogView catalog, Offer offer, IssuerTerms terms, int eachMax)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(terms);
        var rules = new IssuerRules(terms);
        var findings = new List<CheckFinding>();
        var spaces = offer.Classes.Select(c => Space(catalog, offer, c.Code, findings)).OfType<OrderSpace>().ToList();
        findings.AddRange(OfferFindings.Of(catalog, offer, rules));

        var all = spaces.Aggregate(0L, (sum, space) => Add(sum, space.Count));
        var tally = new Tally();
        foreach (var space in spaces)
        {
            foreach (var (features, addOns) in all <= eachMax ? space.Each() : space.ByParts(rules))
            {
                tally.Try(space.Class, features, addOns, rules);
            }
        }

        return new CatalogCheck
        {
            Combinations = all, Tried = tally.Tried, Failing = tally.Failing, Failures = tally.Failures, Causes = tally.Causes, Findings = findings,
            How = How(all, eachMax, spaces, terms),
        };
    }

    private static OrderSpace? Space(CatalogView catalog, Offer offer, string keyType, List<CheckFinding> findings)
    {
        var made = OrderSpace.Of(catalog, offer, keyType);
        if (made.Fault is { } fault)
        {
            findings.Add(new CheckFinding(true, keyType, $"No order for {keyType} can be placed: {fault.Detail.TrimEnd('.')}.", fault.Remedy));
        }

        return made.Space;
    }

    private static string How(long all, int eachMax, List<OrderSpace> spaces, IssuerTerms terms)
    {
        var by = terms.Rules is not null ? $"the rules that '{terms.Name}' tells"
            : terms.KeyTypes is not null ? $"the key types and features that '{terms.Name}' offers; it does not tell its rules, so the catalog's stand for them"
            : $"the catalog alone, since '{terms.Name}' takes anything or cannot tell what it takes";
        if (all <= eachMax)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Each of {all} orders was tried, by {by}.");
        }

        var many = all == long.MaxValue ? "More orders than can be counted" : string.Create(CultureInfo.InvariantCulture, $"{all} orders");
        return spaces.Exists(s => s.Parts > PartsMax)
            ? $"{many} are too many to try each; each part was tried in an order of its own, and pairs were not, since there are more than {PartsMax} parts; by {by}."
            : $"{many} are too many to try each; a rule looks at one part, at two, or at what is missing, so each part was tried, each pair that a rule joins, and each group left out; by {by}.";
    }

    private static long Add(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;

    private sealed class Tally
    {
        private readonly Dictionary<(string Cause, string Repair), long> _causes = [];

        public long Tried { get; private set; }

        public long Failing { get; private set; }

        public List<FailingOrder> Failures { get; } = [];

        public IReadOnlyList<FailureCause> Causes =>
            [.. _causes.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Cause, StringComparer.Ordinal).Take(ShownMax).Select(c => new FailureCause(c.Key.Cause, c.Key.Repair, c.Value))];

        public void Try(LicenseClass of, IReadOnlyList<string> features, IReadOnlyList<string> addOns, IssuerRules rules)
        {
            Tried++;
            if (rules.Refusal(of, features, addOns) is not { } refusal)
            {
                return;
            }

            Failing++;
            _causes[refusal] = _causes.GetValueOrDefault(refusal) + 1;
            if (Failures.Count < ShownMax)
            {
                Failures.Add(new FailingOrder(of.KeyType, of.BillType, features, addOns, refusal.Cause, refusal.Repair));
            }
        }
    }
}
