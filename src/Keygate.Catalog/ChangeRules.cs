using Keygate.Kernel;

namespace Keygate.Catalog;

/// <summary>What a license is made of.</summary>
/// <param name="KeyType">Its class.</param>
/// <param name="Features">Its features, without order.</param>
/// <param name="AddOns">The classes of its additional licenses, without order.</param>
public sealed record LicenseMake(string KeyType, IReadOnlyList<string> Features, IReadOnlyList<string> AddOns)
{
    /// <summary>True where both are made of the same.</summary>
    public bool Same(LicenseMake other) =>
        KeyType == other.KeyType && Features.ToHashSet(StringComparer.Ordinal).SetEquals(other.Features) && AddOns.ToHashSet(StringComparer.Ordinal).SetEquals(other.AddOns);
}

/// <summary>What one act of a change does.</summary>
public enum ChangeActKind
{
    /// <summary>A plan of the issuer is applied: a feature comes in, moves up within its group, or the class moves on.</summary>
    Upgrade,

    /// <summary>The feature that a plan brought is taken out or replaced by a smaller one.</summary>
    Downgrade,

    /// <summary>An additional license comes in.</summary>
    AddAddOn,

    /// <summary>An additional license is terminated.</summary>
    EndAddOn,
}

/// <summary>One act of a change.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Plan">The issuer's plan, or the class of the additional license.</param>
/// <param name="From">What it takes away; null where it only adds.</param>
/// <param name="To">What it brings; null where it only takes.</param>
public sealed record ChangeAct(ChangeActKind Kind, string Plan, string? From, string? To);

/// <summary>The way from one make of a license to another.</summary>
/// <param name="Acts">The acts in their order; empty for a replacement.</param>
/// <param name="Replaces">True where no plan of the issuer leads there: a new license takes the place of this one.</param>
public sealed record ChangePath(IReadOnlyList<ChangeAct> Acts, bool Replaces);

/// <summary>
/// How a license is turned into another. A feature moves up only within its group, to the same or a higher sort number, by an enabled upgrade option; a
/// disabled one counts as missing. Down it goes by a downgrade option, else by replacement.
/// </summary>
public static class ChangeRules
{
    /// <summary>The way, or all that is in it at once.</summary>
    public static Result<ChangePath> Path(CatalogView catalog, LicenseMake from, LicenseMake to)
    {
        var faults = new List<Error>(CatalogRules.Check(catalog, to.KeyType, to.Features, to.AddOns));
        if (from.Same(to))
        {
            faults.Add(CatalogErrors.ChangesNothing.Because($"The license is {from.KeyType} with just that already."));
        }

        var replaces = false;
        var acts = new List<ChangeAct>();
        if (from.KeyType != to.KeyType)
        {
            if (Option(catalog, from.KeyType, to.KeyType, UpgradeType.Upgrade) is { } next)
            {
                acts.Add(new ChangeAct(ChangeActKind.Upgrade, next.Plan, from.KeyType, to.KeyType));
            }
            else if (Option(catalog, to.KeyType, from.KeyType, UpgradeType.Upgrade) is not null || Option(catalog, from.KeyType, to.KeyType, UpgradeType.Downgrade) is not null)
            {
                // No issuer takes a class back.
                replaces = true;
            }
            else
            {
                faults.Add(Missing(from.KeyType, to.KeyType).At("keyType"));
            }
        }

        var (left, come) = (from.Features.Except(to.Features, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList(), to.Features.Except(from.Features, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList());
        var down = new List<ChangeAct>();
        foreach (var group in left.Concat(come).GroupBy(f => catalog.Feature(f)?.Group ?? $"/{f}", StringComparer.Ordinal))
        {
            var (old, @new) = (group.FirstOrDefault(left.Contains), group.FirstOrDefault(come.Contains));
            switch (old, @new)
            {
                case ({ } o, { } n) when (catalog.Feature(o)?.Sort ?? 0) <= (catalog.Feature(n)?.Sort ?? 0):
                    if (Option(catalog, o, n, UpgradeType.Upgrade) is { } up)
                    {
                        acts.Add(new ChangeAct(ChangeActKind.Upgrade, up.Plan, o, n));
                    }
                    else
                    {
                        faults.Add(Missing(o, n).At("features"));
                    }

                    break;

                case ({ } o, { } n):
                    if (Option(catalog, o, n, UpgradeType.Downgrade) is { } smaller)
                    {
                        down.Add(new ChangeAct(ChangeActKind.Downgrade, smaller.Plan, o, n));
                    }
                    else
                    {
                        replaces = true;
                    }

                    break;

                case (null, { } n):
                    acts.Add(new ChangeAct(ChangeActKind.Upgrade, n, null, n));
                    break;

                case ({ } o, null):
                    down.Add(new ChangeAct(ChangeActKind.Downgrade, o, o, null));
                    break;
            }
        }

        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        acts.AddRange(down);
        acts.AddRange(to.AddOns.Except(from.AddOns, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(a => new ChangeAct(ChangeActKind.AddAddOn, a, null, a)));
        acts.AddRange(from.AddOns.Except(to.AddOns, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(a => new ChangeAct(ChangeActKind.EndAddOn, a, a, null)));
        return replaces ? new ChangePath([], true) : new ChangePath(acts, false);
    }

    /// <summary>What comes of a license by one act.</summary>
    public static LicenseMake After(LicenseMake make, ChangeAct act) => act.Kind switch
    {
        ChangeActKind.AddAddOn => make with { AddOns = [.. make.AddOns, act.To!] },
        ChangeActKind.EndAddOn => make with { AddOns = [.. make.AddOns.Where(a => a != act.From)] },
        _ when act.From == make.KeyType && act.To is { } next => make with { KeyType = next },
        _ => make with { Features = [.. make.Features.Where(f => f != act.From), .. act.To is { } come ? [come] : Array.Empty<string>()] },
    };

    private static UpgradeOption? Option(CatalogView catalog, string from, string to, UpgradeType type) =>
        catalog.UpgradesFrom(from).FirstOrDefault(o => o.To == to && o.Type == type);

    private static Error Missing(string from, string to) => CatalogErrors.UpgradeMissing
        .Because($"Could not find appropriate Upgrade Plan from {from} to {to}.").Mend($"Add the upgrade option from {from} to {to} to the catalog, or enable it.");
}
