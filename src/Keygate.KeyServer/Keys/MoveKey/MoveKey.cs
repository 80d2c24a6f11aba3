using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Gives a key, with the keys attached to it, another owner within the caller's reach. What belongs to the old owner (a product configuration) stays
/// with him. The license file names its owner, so it takes the next revision. May be repeated: a key is found with its owner.
/// </summary>
internal sealed class MoveKeyHandler(KeyStore store, KeyAccess access, ClientStore clients, TimeProvider time)
{
    public async Task<Result<ChangedKey>> HandleAsync(Tx tx, KeyName name, ClientId owner, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.ClientId == owner)
        {
            return new ChangedKey(key, IsChanged: false);
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (await clients.FindAsync(tx, owner, cancellation) is not { } client)
        {
            return KeyServerErrors.ClientUnknown.Because("The client was not found.");
        }

        if (caller.Reach is { } reach && !await clients.IsWithinAsync(tx, reach, owner, cancellation))
        {
            return KeyServerErrors.ObjectDenied.Because("The client is not within the login's reach.");
        }

        if (client.Account == AccountKind.Reseller)
        {
            return KeyServerErrors.AccountUnfit.Because("A reseller's account owns no keys: move the key to one of its clients.");
        }

        // A key attached to another would end up under a stranger's; the list it was ordered from stays the one it is renewed by.
        if (key.ParentId is not null)
        {
            return KeyServerErrors.KeysConflicting.Because($"{key.Number} is attached to another key.").Mend("Detach it first, or move the key that it is attached to.");
        }

        var now = time.GetUtcNow();
        var moved = new List<KeyRow>([key, .. await store.AttachedAsync(tx, key.Id, cancellation)]);
        if (moved.Find(one => one.Revision == KeyNumber.RevisionMax) is { } spent)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{spent.Number} has had all its revisions.");
        }

        foreach (var one in moved)
        {
            await store.SetOwnerAsync(tx, one.Id, owner, now, cancellation);
            await store.AddHistoryAsync(
                tx, one.Id, one.Revision + 1, "moved", string.Create(CultureInfo.InvariantCulture, $"to client {owner.Value}"), caller.Name, now, cancellation);
        }

        return new ChangedKey(key with { ClientId = owner, Revision = key.Revision + 1, ChangedAt = now }, IsChanged: true);
    }
}
