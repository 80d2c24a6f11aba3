using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>
/// All orders of one license class that a plan lets through: one choice of each slot. A feature group is a slot, and so is each feature without a group and each add-on.
/// </summary>
internal sealed class OrderSpace
{
    private readonly List<Slot> _slots;

    private OrderSpace(LicenseClass of, List<Slot> slots) => (Class, _slots) = (of, slots);

    public LicenseClass Class { get; }

    /// <summary>How many orders there are; <see cref="long.MaxValue"/> for that many or more.</summary>
    public long Count => _slots.Aggregate(1L, (product, slot) => product > long.MaxValue / slot.Choices.Count ? long.MaxValue : product * slot.Choices.Count);

    /// <summary>How many features and add-ons there are.</summary>
    public int Parts => _slots.Sum(s => s.Choices.Count(c => c is not null));

    /// <summary>The orders of a class, or why there is none.</summary>
    public static (OrderSpace? Space, Error? Fault) Of(CatalogView catalog, Offer offer, string keyType)
    {
        var always = (Features: offer.Features.Where(f => f.Always).Select(f => f.Code).ToList(), AddOns: offer.AddOns.Where(a => a.Always).Select(a => a.Code).ToList());
        var sold = offer.Features.Select(f => f.Code).ToHashSet(StringComparer.Ordinal);
        var features = catalog.FeaturesOf(keyType).Where(f => sold.Contains(f.Id)).ToList();
        var addOns = catalog.AddOnsOf(keyType).Where(a => offer.AddOns.Any(o => o.Code == a.KeyType)).ToList();

        var slots = new List<Slot>();
        foreach (var group in features.Where(f => f.Group is not null).GroupBy(f => f.Group!, StringComparer.Ordinal))
        {
            var needed = group.Where(f => always.Features.Contains(f.Id, StringComparer.Ordinal)).Select(f => (string?)f.Id).ToList();
            List<string?> choices = needed.Count > 0 ? needed : [.. group.Select(f => f.Id)];
            slots.Add(new Slot(needed.Count > 0 || catalog.Group(group.Key)!.Mandatory ? choices : [null, .. choices], false));
        }

        slots.AddRange(features.Where(f => f.Group is null).Select(f => Alone(f.Id, always.Features, false)));
        slots.AddRange(addOns.Select(a => Alone(a.KeyType, always.AddOns, true)));
        var space = catalog.Class(keyType) is { } of ? new OrderSpace(of, slots) : null;

        // Any one order shows what stands against all of them: what every order has, and what a class has to have.
        var (some, with) = space?.Complete([], null) ?? ([], []);
        var faults = CatalogRules.Check(catalog, keyType, [.. some.Union(always.Features, StringComparer.Ordinal)], [.. with.Union(always.AddOns, StringComparer.Ordinal)]);
        return faults.Count > 0 ? (null, faults[0]) : (space, null);
    }

    /// <summary>Each order.</summary>
    public IEnumerable<(IReadOnlyList<string> Features, IReadOnlyList<string> AddOns)> Each()
    {
        var at = new int[_slots.Count];
        while (true)
        {
            yield return Order(at.Select((choice, slot) => _slots[slot].Choices[choice]));
            var next = 0;
            while (next < at.Length && ++at[next] == _slots[next].Choices.Count)
            {
                at[next++] = 0;
            }

            if (next == at.Length)
            {
                yield break;
            }
        }
    }

    /// <summary>
    /// Orders that together meet every rule that any order would meet: the least one, one for each part, for each pair that a rule looks at, and for each of these with
    /// a mandatory group of the issuer's left out.
    /// </summary>
    public IEnumerable<(IReadOnlyList<string> Features, IReadOnlyList<string> AddOns)> ByParts(IssuerRules rules)
    {
        string?[] groups = [null, .. rules.MandatoryOf(Class.KeyType).Select(g => g.Id)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var parts = _slots.SelectMany((slot, i) => slot.Choices.Where(c => c is not null).Select(c => (Slot: i, Code: c!))).ToList();
        var pairs = Parts > CatalogCompiler.PartsMax ? [] : parts.SelectMany((one, i) => parts.Skip(i + 1).Where(other => other.Slot != one.Slot && rules.AreJoined(one.Code, other.Code))
            .Select(other => new[] { one, other }));
        foreach (var fixedParts in new (int Slot, string Code)[][] { [] }.Concat(parts.Select(p => new[] { p })).Concat(pairs))
        {
            foreach (var group in groups)
            {
                var order = Complete(fixedParts.ToDictionary(p => p.Slot, p => p.Code), group is null ? null : code => rules.GroupOf(code) == group);
                if (seen.Add($"{string.Join(' ', order.Features)}|{string.Join(' ', order.AddOns)}"))
                {
                    yield return order;
                }
            }
        }
    }

    // The other slots hold as little as they can, and nothing that is to be left out where they have a choice.
    private (IReadOnlyList<string> Features, IReadOnlyList<string> AddOns) Complete(Dictionary<int, string> chosen, Func<string, bool>? leaveOut) =>
        Order(_slots.Select((slot, i) => chosen.TryGetValue(i, out var code) ? code
            : slot.Choices.Contains(null) ? null
            : slot.Choices.Find(c => leaveOut?.Invoke(c!) != true) ?? slot.Choices[0]));

    private (IReadOnlyList<string> Features, IReadOnlyList<string> AddOns) Order(IEnumerable<string?> choices)
    {
        var (features, addOns) = (new List<string>(), new List<string>());
        var slot = 0;
        foreach (var choice in choices)
        {
            if (choice is not null)
            {
                (_slots[slot].IsAddOn ? addOns : features).Add(choice);
            }

            slot++;
        }

        return (features, addOns);
    }

    private static Slot Alone(string code, List<string> always, bool isAddOn) => new(always.Contains(code, StringComparer.Ordinal) ? [code] : [null, code], isAddOn);

    // Null stands for none of it.
    private sealed record Slot(List<string?> Choices, bool IsAddOn);
}
