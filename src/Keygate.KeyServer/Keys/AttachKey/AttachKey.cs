using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Attaches an additional key to a parent; one that is attached elsewhere moves. May be repeated: a key that is attached there already is found as wanted. No
/// revision: the files do not speak of each other.
/// </summary>
internal sealed class AttachKeyHandler(KeyStore store, KeyAccess access, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName parentName, KeyName additionalName, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, parentName, caller, cancellation)).TryGet(out var parent, out var refusal)
            || !(await access.HoldAsync(tx, additionalName, caller, cancellation)).TryGet(out var key, out refusal))
        {
            return refusal;
        }

        if ((KeyAccess.Changeable(parent) ?? KeyAccess.Changeable(key)) is { } state)
        {
            return state;
        }

        if (parent.Id == key.Id)
        {
            return KeyServerErrors.AttachedToItself.Because($"{key.Number} cannot be attached to itself.");
        }

        if (key.Kind != KeyKind.Additional)
        {
            return KeyServerErrors.NotAdditional.Because($"{key.Number} is not an additional key.").Mend("Name the parent first, then the additional key.");
        }

        if (key.ParentId == parent.Id)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        var list = await priceLists.GetAsync(tx, parent.PriceListId, cancellation);
        var keyType = list.KeyType(key.KeyType) ?? (await priceLists.GetAsync(tx, key.PriceListId, cancellation)).KeyType(key.KeyType)!;
        var fits = list.KeyType(parent.KeyType) is { } parentType && OrderRules.Fits(parentType, keyType);
        var unfit = fits ? null : KeyServerErrors.AdditionalUnfit.Because($"{key.KeyType} cannot be attached to {parent.KeyType}.");
        if (AttachRules.Refusal(list, parent, keyType, key.ClientId, await store.AttachedAsync(tx, parent.Id, cancellation), unfit) is { } refused)
        {
            return refused;
        }

        var now = time.GetUtcNow();
        await store.SetParentAsync(tx, key.Id, parent.Id, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "attached", parent.Number.ToString(), caller.Name, now, cancellation);
        return new ChangedKey(key with { ParentId = parent.Id }, IsChanged: true);
    }
}
