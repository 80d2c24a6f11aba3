using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// How often a key may still be activated this month. A number that was set, or used, counts for its month; in any other month the key has its key
/// type's allowance. Months are those of UTC.
/// </summary>
internal sealed class RemainingActivations(KeyStore store, PriceListStore priceLists, TimeProvider time)
{
    /// <summary>What is left of this month.</summary>
    public async Task<int> OfAsync(Session session, KeyRow key, CancellationToken cancellation)
    {
        if (key.ActivationsLeft is { } left && key.ActivationsMonth == Month)
        {
            return left;
        }

        var list = await priceLists.GetAsync(session, key.PriceListId, cancellation);
        return list.KeyType(key.KeyType)?.ActivationsPerMonth ?? KeyTypeItem.DefaultActivationsPerMonth;
    }

    /// <summary>Sets what is left of this month.</summary>
    public async Task SetAsync(Tx tx, KeyRow key, int left, KeyCaller caller, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await store.SetActivationsLeftAsync(tx, key.Id, left, Month, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "remaining activations set", left.ToString(CultureInfo.InvariantCulture), caller.Name, now, cancellation);
    }

    /// <summary>Takes one for an activation of a key that is held; refused when none is left.</summary>
    public async Task<Error?> TakeAsync(Tx tx, KeyRow key, CancellationToken cancellation)
    {
        var left = await OfAsync(tx, key, cancellation);
        if (left == 0)
        {
            return KeyServerErrors.ActivationsUsedUp.Because($"{key.Number} has no activations left this month.");
        }

        await store.SetActivationsLeftAsync(tx, key.Id, left - 1, Month, time.GetUtcNow(), cancellation);
        return null;
    }

    private string Month => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);
}

/// <summary>Sets how often a key may still be activated this month. May be repeated.</summary>
internal sealed class SetRemainingActivationsHandler(KeyAccess access, RemainingActivations remaining)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, int left, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        await remaining.SetAsync(tx, key, left, caller, cancellation);
        return key;
    }
}
