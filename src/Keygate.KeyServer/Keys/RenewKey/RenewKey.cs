using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Extends a lease by one term; a vendor's when he has answered. <b>Not repeatable</b>: each call adds a term, and the next revision.</summary>
internal sealed class RenewKeyHandler(KeyAccess access, KeyRefresh refresh, VendorActs vendors)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        return key.Billing == BillingType.Purchase ? KeyServerErrors.NotRenewable.Because($"{key.Number} is a purchased key.")
            : key.Revision == KeyNumber.RevisionMax ? KeyServerErrors.RenewalFailed.Because($"{key.Number} has had all its revisions.")
            : key.VendorId is not null ? await vendors.RenewAsync(tx, key, "renewed", caller.Name, automatic: false, cancellation)
            : await refresh.NextAsync(tx, key, "renewed", caller, cancellation);
    }
}

/// <summary>Moves a key's dates to the next term, under a new revision.</summary>
internal sealed class KeyRefresh(KeyStore store, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<KeyRow>> NextAsync(Tx tx, KeyRow key, string act, KeyCaller caller, CancellationToken cancellation)
    {
        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var list = await priceLists.GetAsync(tx, key.PriceListId, cancellation);
        var keyType = list.KeyType(key.KeyType) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its key type {key.KeyType}.");
        var now = time.GetUtcNow();
        var dates = key.Dates.Next(DateOnly.FromDateTime(now.UtcDateTime), keyType.Period, key.Billing, keyType.SusMonthsFor(key.Billing));
        await store.SetDatesAsync(tx, key.Id, dates, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, act, $"until {dates.Expiration:yyyy-MM-dd}", caller.Name, now, cancellation);
        return key with
        {
            Revision = key.Revision + 1, Terms = dates.Terms, UpdateDate = dates.Update, ExpirationDate = dates.Expiration, SusDate = dates.Sus,
        };
    }
}
