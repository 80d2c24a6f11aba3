using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>A key after it was bound to an address.</summary>
/// <param name="Key">The key.</param>
/// <param name="Unbound">The key that lost the address to it; null where nobody had it.</param>
internal sealed record BoundKey(KeyRow Key, KeyRow? Unbound);

/// <summary>
/// Binds a key to an address, by which a fresh server finds its license. May be repeated. An address holds one key: another loses it when it is within the caller's reach and
/// of the same client, terminated or expired; otherwise the binding is refused.
/// </summary>
internal sealed class BindKeyHandler(KeyStore store, ClientStore clients, KeyAccess access, TimeProvider time)
{
    public async Task<Result<BoundKey>> HandleAsync(Tx tx, KeyName name, string address, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key.Kind is KeyKind.Additional or KeyKind.Feature)
        {
            return KeyServerErrors.ObjectUnfit.Because($"{key.Number} is an additional key: it goes with its parent.");
        }

        if ((KeyAccess.Changeable(key) ?? await AddressRules.UnconfirmedAsync(tx, clients, key, cancellation)) is { } state)
        {
            return state;
        }

        var other = await store.FindBoundAsync(tx, address, cancellation);
        if (other?.Id == key.Id)
        {
            return new BoundKey(key, null);
        }

        if (other is not null)
        {
            var isInReach = caller.Reach is not { } reach || await clients.IsWithinAsync(tx, reach, other.ClientId, cancellation);
            if (!isInReach || (other.ClientId != key.ClientId && !other.IsTerminated && !other.IsExpired(time.Utc())))
            {
                return Taken(address);
            }

            await store.RemoveBindingAsync(tx, other.Id, cancellation);
            await store.AddHistoryAsync(tx, other.Id, other.Revision, "unbound", $"{address}, for {key.Number}", caller.Name, time.GetUtcNow(), cancellation);
        }

        // Somebody else may have bound the address since we looked.
        if (!await store.AddBindingAsync(tx, key.Id, address, cancellation))
        {
            return Taken(address);
        }

        await store.AddHistoryAsync(tx, key.Id, key.Revision, "bound", address, caller.Name, time.GetUtcNow(), cancellation);
        return new BoundKey(key, other);
    }

    // Whose license it is stays hidden.
    private static Error Taken(string address) => KeyServerErrors.AddressTaken.Because($"Another license is bound to {address}.");
}

internal static class AddressRules
{
    /// <summary>Refuses keys of accounts that nobody has confirmed.</summary>
    public static async Task<Error?> UnconfirmedAsync(Session session, ClientStore clients, KeyRow key, CancellationToken cancellation) =>
        await clients.FindAsync(session, key.ClientId, cancellation) is { Confirmed: false } owner
            ? KeyServerErrors.ClientUnconfirmed.Because($"The account of {owner.Login} is unconfirmed.")
            : null;
}
