using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Takes a key's activation back, so that it can be activated elsewhere; the next file is another revision. May be repeated.</summary>
internal sealed class ResetKeyHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
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

        if (key.Activation == ActivationRule.None)
        {
            return KeyServerErrors.ActivationUnfit.Because($"{key.Number} is of a key type that is not activated for anything.");
        }

        if (key.ActivatedAt is null)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var now = time.GetUtcNow();
        await store.SetResetAsync(tx, key.Id, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, "reset", key.ActivatedFor ?? "", caller.Name, now, cancellation);
        return new ChangedKey(key with { ActivatedAt = null, ActivatedFor = null, Revision = key.Revision + 1 }, IsChanged: true);
    }
}
