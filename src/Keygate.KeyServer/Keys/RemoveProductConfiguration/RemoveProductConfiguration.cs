using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Takes a product configuration off a key, under the next revision. May be repeated: a key without one is found as wanted.</summary>
internal sealed class RemoveProductConfigurationHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.ProductConfigurationId is null)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var now = time.GetUtcNow();
        await store.SetProductConfigurationAsync(tx, key.Id, null, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, "configuration removed", "", caller.Name, now, cancellation);
        return new ChangedKey(key with { ProductConfigurationId = null, Revision = key.Revision + 1 }, IsChanged: true);
    }
}
