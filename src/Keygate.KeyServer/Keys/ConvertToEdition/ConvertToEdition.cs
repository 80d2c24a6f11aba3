using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Turns a key of a domain-based key type into one of an edition. Features that the edition can carry stay, the others (its limit of domains) go with the
/// old type. May be repeated: a converted key is of no domain-based type any more.
/// </summary>
internal sealed class ConvertToEditionHandler(KeyAccess access, KeyContents contents, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, string edition, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        var held = await contents.ReadAsync(tx, key, cancellation);
        var (list, before) = (held.List, held.Content.KeyType);
        if (before.Editions.Count == 0)
        {
            return KeyServerErrors.NotDomainBased.Because($"{key.Number} is of the key type {key.KeyType}, which is not domain-based.");
        }

        var today = time.Utc();
        if (!before.Editions.TryGetValue(edition, out var id) || list.KeyType(id) is not { } after || !list.Offers(after, today))
        {
            return KeyServerErrors.EditionUnknown.Because($"{before.Id} cannot be converted to the edition \"{edition}\".");
        }

        if (!after.Billing.Contains(key.Billing))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"The edition {edition} is not offered for {OrderRules.Word(key.Billing)}.");
        }

        if (UpgradeRules.Misfit(list, held.Attached, after) is { } misfit)
        {
            return misfit;
        }

        var features = held.Content.Features.Where(f => f.Item.KeyTypes.Contains(after.Id, StringComparer.Ordinal)).ToList();
        features.AddRange(after.Features.Select(list.Feature).OfType<FeatureItem>()
            .Where(item => features.TrueForAll(f => f.Id != item.Id && OrderRules.Conflict(f.Item, item) is null)).Select(item => new OrderedFeature(item, null)).ToList());
        return OrderRules.MandatoryGroupWithout(list, after, [.. features.Select(f => f.Item)], today) is { } group
            ? KeyServerErrors.ConfigurationInvalid.Because($"Invalid Key configuration: {after.Id} needs a feature of the group {group.Id} ({group.Description}).")
            : (await contents.WriteAsync(tx, held, held.Content with { KeyType = after, Features = features }, "converted", $"{before.Id} to {after.Id}", caller, cancellation))
                .Map(changed => changed.Key);
    }
}
