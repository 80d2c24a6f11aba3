using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Detaches an additional or feature key from its parent. May be repeated: a key without a parent is found as wanted.</summary>
internal sealed class DetachKeyHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.Kind == KeyKind.Feature && !caller.FeatureKeys)
        {
            return KeyServerErrors.FeatureKeysDenied.Because($"{key.Number} is a feature key.");
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (key.Kind is not (KeyKind.Additional or KeyKind.Feature))
        {
            return KeyServerErrors.NotAdditional.Because($"{key.Number} is neither an additional nor a feature key.").Mend("Name the key that is attached.");
        }

        if (key.ParentId is null)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        var now = time.GetUtcNow();
        await store.SetParentAsync(tx, key.Id, null, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "detached", "", caller.Name, now, cancellation);
        return new ChangedKey(key with { ParentId = null }, IsChanged: true);
    }
}
