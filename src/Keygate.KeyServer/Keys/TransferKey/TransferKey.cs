using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Moves an active key to another hardware id, under the next revision. May be repeated: a key that is there already is found as wanted.</summary>
internal sealed class TransferKeyHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, string? hardwareId, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (key.Activation != ActivationRule.HardwareId)
        {
            return KeyServerErrors.ActivationUnfit.Because($"{key.Number} is of a key type that is not activated for a hardware id.").Mend("Use resetKey and activateKey.");
        }

        if (hardwareId is null)
        {
            return KeyServerErrors.ActivationDataMissing.Because("The new hardware id is empty.");
        }

        if (key.ActivatedAt is null)
        {
            return KeyServerErrors.KeyNotActivated.Because($"{key.Number} is not activated.");
        }

        if (key.ActivatedFor == hardwareId)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (await store.IsHardwareIdTakenAsync(tx, hardwareId, key.Kind, key.KeyType, key.Id, time.Utc(), cancellation))
        {
            return KeyServerErrors.HardwareIdTaken.Because($"The hardware id {hardwareId} holds another active license.");
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var now = time.GetUtcNow();
        await store.SetTransferredAsync(tx, key.Id, hardwareId, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, "transferred", $"{key.ActivatedFor} to {hardwareId}", caller.Name, now, cancellation);
        return new ChangedKey(key with { ActivatedFor = hardwareId, Revision = key.Revision + 1 }, IsChanged: true);
    }
}
