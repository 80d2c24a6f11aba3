using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What a downgrade did.</summary>
/// <param name="Change">The key.</param>
/// <param name="Replacement">The smaller feature in place of the one taken away; null where there is none.</param>
internal sealed record DowngradedKey(ChangedContent Change, FeatureItem? Replacement);

/// <summary>
/// Takes away what a plan brought: the feature goes, or the smaller one comes back. May be repeated: what the key does not have changes nothing. Additional keys that
/// came with a feature stay: each is terminated by itself.
/// </summary>
internal sealed class DowngradeKeyHandler(KeyAccess access, KeyContents contents, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<DowngradedKey>> HandleAsync(Tx tx, KeyName name, string plan, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.Kind == KeyKind.Feature)
        {
            return KeyServerErrors.ObjectUnfit.Because($"{key.Number} is a feature key.");
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        var held = await contents.ReadAsync(tx, key, cancellation);
        var upgrade = held.List.UpgradePlan(plan);
        if (held.List.KeyType(plan) is not null || (upgrade?.From is { } from && held.List.KeyType(from) is not null))
        {
            return KeyServerErrors.BaseNotDowngraded.Because($"{plan} is about a base key type.");
        }

        if (held.List.Feature(plan) is null && upgrade is null)
        {
            return await priceLists.IsPlanKnownAsync(tx, plan, cancellation)
                ? KeyServerErrors.PlanNotOffered.Because($"{plan} is not on the client's price list.")
                : KeyServerErrors.FeatureUnknown.Because($"There is no feature or plan {plan}.");
        }

        if (!DowngradeRules.Apply(held, plan, time.Utc()).TryGet(out var result, out var refused))
        {
            return refused;
        }

        return (await contents.WriteAsync(tx, held, result.After, "downgraded", plan, caller, cancellation)).Map(change => new DowngradedKey(change, result.Replacement));
    }
}

/// <summary>What a downgrade makes of a key's content; pure.</summary>
internal static class DowngradeRules
{
    /// <summary>The content after it, and the smaller feature that came in; the same content where the key does not have the feature.</summary>
    public static Result<(KeyContent After, FeatureItem? Replacement)> Apply(HeldContent held, string plan, DateOnly today)
    {
        var content = held.Content;
        var upgrade = held.List.UpgradePlan(plan);
        var gone = held.List.Feature(plan) ?? (upgrade?.To is { } to ? held.List.Feature(to) : null);
        if (gone is null)
        {
            return KeyServerErrors.ChangeImpossible.Because($"{plan} adds no feature that could be taken away.");
        }

        if (content.Feature(gone.Id) is not { } carried)
        {
            return (content, null);
        }

        if (content.KeyType.Features.Contains(gone.Id, StringComparer.Ordinal))
        {
            return KeyServerErrors.FeatureIsDefault.Because($"{content.KeyType.Id} has {gone.Id} from the start.");
        }

        var after = content.Without(gone.Id);
        var smaller = upgrade is not null ? held.List.Feature(upgrade.From!)
            : content.KeyType.Features.Select(held.List.Feature).FirstOrDefault(f => f?.Group is not null && f.Group == gone.Group);
        if (smaller is not null && !after.Features.Any(f => OrderRules.Conflict(f.Item, smaller) is not null) && smaller.KeyTypes.Contains(content.KeyType.Id, StringComparer.Ordinal))
        {
            return (after.With(new OrderedFeature(smaller, smaller.IsOfferedIn(carried.Billing ?? held.Key.Billing) ? carried.Billing : smaller.Billing[0])), smaller);
        }

        return OrderRules.MandatoryGroupWithout(held.List, content.KeyType, [.. after.Features.Select(f => f.Item)], today) is { } group
            ? KeyServerErrors.ChangeImpossible.Because($"{content.KeyType.Id} needs a feature of the group {group.Id} ({group.Description}).")
            : (after, null);
    }
}
