using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Activates a key for a hardware id or an instance. May be repeated with the same data: the key is found as wanted. For other data it is
/// refused, since the key is in use where it was activated.
/// </summary>
internal sealed class ActivateKeyHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, string? identifier, KeyCaller caller, CancellationToken cancellation)
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
            return identifier is null ? new ChangedKey(key, IsChanged: false)
                : KeyServerErrors.ActivationUnfit.Because($"{key.Number} is of a key type that is not activated for anything.");
        }

        if (key.ActivatedAt is not null)
        {
            return key.ActivatedFor == identifier ? new ChangedKey(key, IsChanged: false)
                : KeyServerErrors.ActivatedOtherwise.Because($"{key.Number} is activated for {key.ActivatedFor ?? "an instance without a name"}.");
        }

        if (key.Activation == ActivationRule.HardwareId)
        {
            if (identifier is null)
            {
                return KeyServerErrors.ActivationDataMissing.Because($"{key.Number} is activated for a hardware id, and none was given.");
            }

            if (await store.IsHardwareIdTakenAsync(tx, identifier, key.Kind, key.KeyType, key.Id, time.Utc(), cancellation))
            {
                return KeyServerErrors.HardwareIdTaken.Because($"The hardware id {identifier} holds another active license.");
            }
        }

        // No file was handed out before the activation, so the revision stays.
        var now = time.GetUtcNow();
        await store.SetActivatedAsync(tx, key.Id, identifier, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "activated", identifier ?? "", caller.Name, now, cancellation);
        return new ChangedKey(key with { ActivatedAt = now, ActivatedFor = identifier }, IsChanged: true);
    }
}
