using Keygate.Accounts;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>An additional key that came without being ordered: stored, shown as not ordered, never installed by itself.</summary>
internal static class UnaskedKey
{
    public static async Task<LicenseId> StoreAsync(
        LicenseStore store, Tx tx, License parent, AdditionalKey key, string what, Actor actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = await store.InsertAsync(tx, new License
        {
            ParentId = parent.Id,
            Ordered = false,
            KeyType = key.KeyType,
            ClassName = key.KeyType.Length == 0 ? "Unknown additional license" : key.KeyType,
            BillTypeName = parent.BillTypeName,
            ActivationName = nameof(Catalog.Activation.None),
            IssuerId = parent.IssuerId,
            CustomerId = parent.CustomerId,
            CustomerName = parent.CustomerName,
            SubscriptionId = parent.SubscriptionId,
            SubscriptionName = parent.SubscriptionName,
            Request = "{}",
            KeyNumber = key.KeyNumber,
            IssuedAt = now,
            ActivationCode = key.ActivationCode,
            ExpirationDate = key.ExpirationDate,
        }, actor, cancellation);
        await store.HistoryAsync(tx, id, actor, null, LicenseState.Issued, what, cancellation);
        return id;
    }
}
