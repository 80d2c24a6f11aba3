using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Extends a lease by one term; a vendor's when he has answered. <b>Not repeatable</b>: each call adds a term, and the next revision. Only the term that the key server or the
/// product has just begun is not added again: a partner who saw the key before that asks for the same one (ADR 0044).
/// </summary>
internal sealed class RenewKeyHandler(KeyStore store, KeyAccess access, KeyRefresh refresh, VendorActs vendors, TimeProvider time)
{
    // Longer than anybody takes from looking at a key to renewing it, and shorter than any term.
    private static readonly TimeSpan JustBegun = TimeSpan.FromDays(1);

    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (key.Billing == BillingType.Purchase)
        {
            return KeyServerErrors.NotRenewable.Because($"{key.Number} is a purchased key.");
        }

        if (key.UpdateDate > time.Utc() && await store.LastRenewalAsync(tx, key.Id, cancellation) is { Act: not RenewalActs.ByPartner } last && last.At > time.GetUtcNow() - JustBegun)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        var renewed = key.Revision == KeyNumber.RevisionMax ? KeyServerErrors.RenewalFailed.Because($"{key.Number} has had all its revisions.")
            : key.VendorId is not null ? await vendors.RenewAsync(tx, key, RenewalActs.ByPartner, caller.Name, automatic: false, cancellation)
            : await refresh.NextAsync(tx, key, RenewalActs.ByPartner, caller, cancellation);
        return renewed.Map(next => new ChangedKey(next, IsChanged: true));
    }
}

/// <summary>What the history calls the beginning of a term, by who began it.</summary>
internal static class RenewalActs
{
    /// <summary>A partner, by a call that adds one.</summary>
    public const string ByPartner = "renewed";

    /// <summary>The key server, where the key's own flag says so.</summary>
    public const string ByItself = "renewed automatically";

    /// <summary>The product, from the update date on.</summary>
    public const string ByProduct = "refreshed by the product";
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
