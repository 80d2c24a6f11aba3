using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>
/// What an upgrade makes of a key's content; pure. Checked in this order, the first refusal wins: the price list offers the plan, to this kind of account,
/// in the billing type asked for, at a price; the key has what the plan starts from; what comes out is allowed; the keys attached still fit; updates that
/// the plan needs still run.
/// </summary>
internal static class UpgradeRules
{
    /// <summary>The content after the plan; the same where the key has it already. Null where the price list has no such plan.</summary>
    public static Result<KeyContent>? Apply(HeldContent held, KeyContent content, string plan, BillingType? asked, Buyer buyer) =>
        held.List.Feature(plan) is { } feature ? Add(held, content, feature, asked, buyer)
        : held.List.UpgradePlan(plan) is { } upgrade ? Follow(held, content, upgrade, asked, buyer)
        : (Result<KeyContent>?)null;

    /// <summary>The order in which several plans are carried out: key types, then features as the price list sorts them, then updates.</summary>
    public static IEnumerable<string> InOrder(PriceList list, IEnumerable<string> plans) =>
        plans.Distinct(StringComparer.Ordinal).OrderBy(plan => list.UpgradePlan(plan) switch
        {
            { From: { } from } when list.KeyType(from) is not null => long.MinValue,
            { Sus: not SusAct.None } => long.MaxValue,
            { To: { } to } => list.Feature(to)?.Sort ?? 0,
            null => list.Feature(plan)?.Sort ?? long.MinValue,
            _ => 0,
        });

    private static Result<KeyContent> Add(HeldContent held, KeyContent content, FeatureItem feature, BillingType? asked, Buyer buyer)
    {
        if (content.Feature(feature.Id) is not null)
        {
            return content;
        }

        if (!held.List.Offers(feature, buyer.Today))
        {
            return NotOffered(feature.Id);
        }

        // Only a call that names a billing type insists on it.
        if (asked is { } billing && !feature.IsOfferedIn(billing))
        {
            return Impossible($"{feature.Id} is not offered for {OrderRules.Word(billing)}.");
        }

        var paid = asked ?? (feature.IsOfferedIn(buyer.DefaultBilling) ? buyer.DefaultBilling : feature.Billing[0]);
        if (!buyer.Unpriced && !held.List.Prices(feature, paid))
        {
            return KeyServerErrors.ItemUnpriced.Because($"{feature.Id} has no price for {OrderRules.Word(paid)}.");
        }

        return Put(held, content, feature, paid);
    }

    private static Result<KeyContent> Follow(HeldContent held, KeyContent content, UpgradePlanItem plan, BillingType? asked, Buyer buyer)
    {
        if (!held.List.Offers(plan, buyer.Today))
        {
            return NotOffered(plan.Id);
        }

        if (plan.Accounts.Count > 0 && !plan.Accounts.Contains(buyer.Account))
        {
            return KeyServerErrors.AccountUnfit.Because($"{plan.Id} is not for accounts of the kind {buyer.Account}.");
        }

        if (asked is { } billing && !plan.IsOfferedIn(billing))
        {
            return Impossible($"{plan.Id} is not offered for {OrderRules.Word(billing)}.");
        }

        var paid = asked ?? (plan.IsOfferedIn(buyer.DefaultBilling) ? buyer.DefaultBilling : plan.Billing[0]);
        if (!buyer.Unpriced && !held.List.Prices(plan, paid))
        {
            return KeyServerErrors.ItemUnpriced.Because($"{plan.Id} has no price for {OrderRules.Word(paid)}.");
        }

        var result = plan.Sus != SusAct.None ? Updates(held, content, plan, buyer)
            : held.List.KeyType(plan.From!) is not null ? Move(held, content, plan, buyer)
            : plan.To is null ? SwitchOff(held, content, plan, buyer)
            : Replace(held, content, plan, paid);
        return result.TryGet(out var after, out var refused) && !ReferenceEquals(after, content) && plan.RequiresSus
            && held.Key.Billing == BillingType.Purchase && !(content.Sus > buyer.Today)
                ? KeyServerErrors.NoSus.Because($"The software updates of {held.Key.Number} have ended.")
                : refused is null ? after! : refused;
    }

    private static Result<KeyContent> Replace(HeldContent held, KeyContent content, UpgradePlanItem plan, BillingType paid)
    {
        if (content.Feature(plan.To!) is not null)
        {
            return content;
        }

        var (from, to) = (held.List.Feature(plan.From!)!, held.List.Feature(plan.To!)!);
        return content.Feature(from.Id) is null ? Impossible($"{held.Key.Number} does not have {from.Id}, which {plan.Id} replaces.")
            : from.Group is not null && from.Group == to.Group && to.Sort < from.Sort ? Impossible($"{to.Id} is smaller than {from.Id}.")
            : Put(held, content.Without(from.Id), to, paid);
    }

    private static Result<KeyContent> SwitchOff(HeldContent held, KeyContent content, UpgradePlanItem plan, Buyer buyer)
    {
        if (content.Feature(plan.From!) is null)
        {
            return content;
        }

        var after = content.Without(plan.From!);
        return OrderRules.MandatoryGroupWithout(held.List, after.KeyType, [.. after.Features.Select(f => f.Item)], buyer.Today) is { } group
            ? Impossible($"{held.Key.Number} needs a feature of the group {group.Id} ({group.Description}).")
            : after;
    }

    private static Result<KeyContent> Move(HeldContent held, KeyContent content, UpgradePlanItem plan, Buyer buyer)
    {
        if (content.KeyType.Id == plan.To)
        {
            return content;
        }

        var to = held.List.KeyType(plan.To!)!;
        if (content.KeyType.Id != plan.From)
        {
            return Impossible($"{held.Key.Number} is of the key type {content.KeyType.Id}, not {plan.From}.");
        }

        if (!to.Billing.Contains(held.Key.Billing))
        {
            return Impossible($"{to.Id} is not offered for {OrderRules.Word(held.Key.Billing)}.");
        }

        if (content.Features.FirstOrDefault(f => !f.Item.KeyTypes.Contains(to.Id, StringComparer.Ordinal)) is { } stray)
        {
            return Impossible($"{to.Id} cannot carry the feature {stray.Id}.");
        }

        if (Misfit(held.List, held.Attached, to) is { } misfit)
        {
            return misfit;
        }

        var own = to.Features.Select(held.List.Feature).OfType<FeatureItem>()
            .Where(f => content.Feature(f.Id) is null && !content.Features.Any(other => OrderRules.Conflict(other.Item, f) is not null))
            .Select(f => new OrderedFeature(f, null));
        var after = content with { KeyType = to, Features = [.. content.Features, .. own] };
        return OrderRules.MandatoryGroupWithout(held.List, to, [.. after.Features.Select(f => f.Item)], buyer.Today) is { } group
            ? Impossible($"{to.Id} needs a feature of the group {group.Id} ({group.Description}).")
            : after;
    }

    /// <summary>Why the keys attached to a key do not go together with another key type of it; null when they do.</summary>
    public static Error? Misfit(PriceList list, IEnumerable<KeyRow> attached, KeyTypeItem to) =>
        attached.FirstOrDefault(key => list.KeyType(key.KeyType) is not { } type || OrderRules.AreInConflict(to, type) || (type.Orderable && !OrderRules.Fits(to, type))) is { } misfit
            ? KeyServerErrors.KeyTypeConflicting.Because($"{to.Id} does not go together with the attached key {misfit.Number} of the key type {misfit.KeyType}.")
            : null;

    /// <summary>
    /// The content of a key that becomes another product: the features of the new key type take the place of the old one's own, and what was added beside stays where it fits.
    /// </summary>
    public static Result<KeyContent> Become(HeldContent held, KeyTypeItem after, DateOnly today)
    {
        if (Misfit(held.List, held.Attached, after) is { } misfit)
        {
            return misfit;
        }

        var own = after.Features.Select(held.List.Feature).OfType<FeatureItem>().ToList();
        var kept = held.Content.Features.Where(f =>
            !held.Content.KeyType.Features.Contains(f.Id, StringComparer.Ordinal) && f.Item.KeyTypes.Contains(after.Id, StringComparer.Ordinal)
            && own.TrueForAll(item => item.Id != f.Id && OrderRules.Conflict(f.Item, item) is null));
        var content = held.Content with { KeyType = after, Features = [.. own.Select(item => new OrderedFeature(item, null)), .. kept] };
        return OrderRules.MandatoryGroupWithout(held.List, after, [.. content.Features.Select(f => f.Item)], today) is { } group
            ? Impossible($"{after.Id} needs a feature of the group {group.Id} ({group.Description}).")
            : content;
    }

    private static Result<KeyContent> Updates(HeldContent held, KeyContent content, UpgradePlanItem plan, Buyer buyer)
    {
        if (held.Key.Billing != BillingType.Purchase)
        {
            return Impossible($"{held.Key.Number} is a lease: its updates run as long as it does.");
        }

        return (plan.Sus, Runs: content.Sus > buyer.Today) switch
        {
            (SusAct.Renew, false) => Impossible($"The software updates of {held.Key.Number} do not run any more: they have to be reinstated."),
            (SusAct.Renew, true) => content with { Sus = content.Sus!.Value.AddMonths(plan.SusMonths) },
            (_, true) => content,
            (_, false) => content with { Sus = buyer.Today.AddMonths(plan.SusMonths) },
        };
    }

    private static Result<KeyContent> Put(HeldContent held, KeyContent content, FeatureItem feature, BillingType paid)
    {
        if (!feature.KeyTypes.Contains(content.KeyType.Id, StringComparer.Ordinal))
        {
            return Impossible($"{feature.Id} is not a feature of {content.KeyType.Id}.");
        }

        if (content.Features.Select(f => OrderRules.Conflict(f.Item, feature)).FirstOrDefault(reason => reason is not null) is { } reason)
        {
            return Impossible(reason);
        }

        var brought = feature.Additional.Select(id => held.List.KeyType(id)!).ToList();
        foreach (var keyType in brought)
        {
            if (content.Brought.Contains(keyType) || OrderRules.AreInConflict(content.KeyType, keyType))
            {
                return KeyServerErrors.KeyTypeConflicting.Because($"{feature.Id} brings a key of the key type {keyType.Id}, which does not go together with the rest.");
            }

            if (held.Attached.FirstOrDefault(key => key.KeyType == keyType.Id || (held.List.KeyType(key.KeyType) is { } type && OrderRules.AreInConflict(type, keyType))) is { } other)
            {
                return KeyServerErrors.KeyTypeConflicting.Because($"{feature.Id} brings a key of the key type {keyType.Id}, and {other.Number} of the key type {other.KeyType} is attached.");
            }
        }

        return content.With(new OrderedFeature(feature, paid)) with { Brought = [.. content.Brought, .. brought] };
    }

    private static Error NotOffered(string plan) => KeyServerErrors.PlanNotOffered.Because($"{plan} is not offered any more, or not yet.");

    private static Error Impossible(string reason) => KeyServerErrors.ChangeImpossible.Because(reason);
}
