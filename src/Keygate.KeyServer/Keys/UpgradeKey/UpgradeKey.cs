using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Carries out upgrade plans, all or none. May be repeated, but for plans that renew updates: what the key has already changes nothing. Whatever the number of
/// plans, the key takes one revision.
/// </summary>
internal sealed class UpgradeKeyHandler(KeyAccess access, KeyContents contents, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<ChangedContent>> HandleAsync(
        Tx tx, KeyName name, IReadOnlyList<string> plans, BillingType? billing, KeyCaller caller, CancellationToken cancellation)
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
        var buyer = held.Owner.Buyer(caller, time.Utc());
        var content = held.Content;
        foreach (var plan in UpgradeRules.InOrder(held.List, plans))
        {
            if (UpgradeRules.Apply(held, content, plan, billing, buyer) is not { } applied)
            {
                return await priceLists.IsPlanKnownAsync(tx, plan, cancellation)
                    ? KeyServerErrors.PlanNotOffered.Because($"{plan} is not on the client's price list.")
                    : KeyServerErrors.FeatureUnknown.Because($"There is no plan {plan}.");
            }

            if (!applied.TryGet(out content, out var refused))
            {
                return refused;
            }
        }

        return await contents.WriteAsync(tx, held, content, "upgraded", string.Join(", ", plans), caller, cancellation);
    }

    /// <summary>The plans that would change the key now, features and plans of the price list in its order.</summary>
    public async Task<IReadOnlyList<string>> AvailableAsync(Session session, KeyRow key, KeyCaller caller, CancellationToken cancellation)
    {
        if (KeyAccess.Changeable(key) is not null)
        {
            return [];
        }

        var held = await contents.ReadAsync(session, key, cancellation);
        var buyer = held.Owner.Buyer(caller, time.Utc());
        return [.. held.List.OrderablePlans(buyer).Where(plan =>
            UpgradeRules.Apply(held, held.Content, plan, null, buyer) is { } applied && applied.TryGet(out var after, out _) && !ReferenceEquals(after, held.Content))];
    }
}
