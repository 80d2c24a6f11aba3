using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Gives a key a product configuration of its client, under the next revision: its file then carries the properties. May be repeated.</summary>
internal sealed class AssignProductConfigurationHandler(
    KeyStore store, KeyAccess access, ProductConfigurationStore configurations, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, ProductConfigurationId? id, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        // Another client's configuration is as unknown as none.
        var configuration = id is { } given ? await configurations.FindAsync(tx, given, cancellation) : null;
        if (configuration is null || configuration.ClientId != key.ClientId)
        {
            return KeyServerErrors.ConfigurationUnknown;
        }

        var family = (await priceLists.GetAsync(tx, key.PriceListId, cancellation)).KeyType(key.KeyType)?.Family;
        if (!configuration.Enabled || configuration.Family != family)
        {
            return KeyServerErrors.ConfigurationUnfit.Because(
                configuration.Enabled ? $"{configuration.Name} is for the product family {configuration.Family}." : $"{configuration.Name} is disabled.");
        }

        if (key.ProductConfigurationId == configuration.Id)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var now = time.GetUtcNow();
        await store.SetProductConfigurationAsync(tx, key.Id, configuration.Id, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, "configured", configuration.Name, caller.Name, now, cancellation);
        return new ChangedKey(key with { ProductConfigurationId = configuration.Id, Revision = key.Revision + 1 }, IsChanged: true);
    }
}
