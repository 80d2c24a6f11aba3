using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Activates a key for a hardware id or an instance. May be repeated with the same data: the key is found as wanted. For other data it is
/// refused, since the key is in use where it was activated. The activation code of a main key activates the keys attached to it as well.
/// </summary>
internal sealed class ActivateKeyHandler(KeyStore store, KeyAccess access, RemainingActivations remaining, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, string? identifier, KeyCaller caller, CancellationToken cancellation)
    {
        var activated = await ActivateAsync(tx, name, identifier, caller, cancellation);
        if (name.ActivationCode is not null && activated.TryGet(out var main, out _) && main.Key.Kind == KeyKind.Main)
        {
            foreach (var attached in await store.AttachedAsync(tx, main.Key.Id, cancellation))
            {
                if (attached.WaitsForActivation && KeyAccess.Changeable(attached) is null && await IsFreeAsync(tx, attached, identifier, cancellation))
                {
                    await SetAsync(tx, attached, identifier, caller, cancellation);
                }
            }
        }

        return activated;
    }

    private async Task<Result<ChangedKey>> ActivateAsync(Tx tx, KeyName name, string? identifier, KeyCaller caller, CancellationToken cancellation)
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

        if (key.Activation == ActivationRule.HardwareId && identifier is null)
        {
            return KeyServerErrors.ActivationDataMissing.Because($"{key.Number} is activated for a hardware id, and none was given.");
        }

        if (!await IsFreeAsync(tx, key, identifier, cancellation))
        {
            return KeyServerErrors.HardwareIdTaken.Because($"The hardware id {identifier} holds another active license.");
        }

        return await remaining.TakeAsync(tx, key, cancellation) is { } usedUp ? usedUp : new ChangedKey(await SetAsync(tx, key, identifier, caller, cancellation), IsChanged: true);
    }

    private async Task<bool> IsFreeAsync(Tx tx, KeyRow key, string? identifier, CancellationToken cancellation) =>
        key.Activation != ActivationRule.HardwareId
        || (identifier is not null && !await store.IsHardwareIdTakenAsync(tx, identifier, key.Kind, key.KeyType, key.Id, time.Utc(), cancellation));

    // No file was handed out before the activation, so the revision stays.
    private async Task<KeyRow> SetAsync(Tx tx, KeyRow key, string? identifier, KeyCaller caller, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await store.SetActivatedAsync(tx, key.Id, identifier, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "activated", identifier ?? "", caller.Name, now, cancellation);
        return key with { ActivatedAt = now, ActivatedFor = identifier };
    }
}
