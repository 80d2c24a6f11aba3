using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Takes a key's address away. May be repeated: a key without one is found as wanted.</summary>
internal sealed class UnbindKeyHandler(KeyStore store, ClientStore clients, KeyAccess access, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if ((KeyAccess.Changeable(key) ?? await AddressRules.UnconfirmedAsync(tx, clients, key, cancellation)) is { } state)
        {
            return state;
        }

        if (await store.FindBindingAsync(tx, key.Id, cancellation) is not { } address)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        await store.RemoveBindingAsync(tx, key.Id, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "unbound", address, caller.Name, time.GetUtcNow(), cancellation);
        return new ChangedKey(key, IsChanged: true);
    }
}
