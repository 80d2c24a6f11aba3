using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>On whose behalf a key is touched.</summary>
/// <param name="Name">The name that the key's history shows.</param>
/// <param name="Reach">The client whose keys, and those of the clients below it, are within reach; null for the issuer's staff, who reach all.</param>
/// <param name="FeatureKeys">True where feature keys may be touched.</param>
internal sealed record KeyCaller(string Name, ClientId? Reach, bool FeatureKeys = true)
{
    /// <summary>True where problem keys are terminated without being released first.</summary>
    public bool EndsProblemKeys { get; init; }
}

/// <summary>A key after an act.</summary>
/// <param name="Key">The key as it is now.</param>
/// <param name="IsChanged">False when it was so already.</param>
internal sealed record ChangedKey(KeyRow Key, bool IsChanged);

/// <summary>Finds keys within somebody's reach. The order is the reference's: the key exists, it is accessible, then its state.</summary>
internal sealed class KeyAccess([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore store, ClientStore clients, KeyReader reader)
{
    /// <summary>The key with all that belongs to it, outside any transaction. A number is looked up together with those of other calls.</summary>
    public async Task<Result<KeyDetails>> ReadAsync(KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (name.Number is not { } number)
        {
            return await database.ReadAsync<Result<KeyDetails>>(
                async s => (await FindAsync(s, name, caller, cancellation)).TryGet(out var key, out var refusal) ? await reader.ReadAsync(s, key, cancellation) : refusal, cancellation);
        }

        var found = await reader.FindAsync(number, cancellation);
        return found is null || (name.Prefix.Length > 0 && found.Key.Prefix != name.Prefix) ? KeyServerErrors.KeyUnknown
            : IsOwn(found.Key, caller) || await database.ReadAsync(s => IsBelowAsync(s, found.Key, caller, cancellation), cancellation) ? found
            : Denied;
    }

    public async Task<Result<KeyRow>> FindAsync(Session session, KeyName name, KeyCaller caller, CancellationToken cancellation) =>
        await WithinAsync(session, await store.FindAsync(session, name, cancellation), caller, cancellation);

    public async Task<Result<KeyRow>> HoldAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation) =>
        await WithinAsync(tx, await store.HoldAsync(tx, name, cancellation), caller, cancellation);

    /// <summary>Refuses keys that may not be changed: problem first, then terminated, as the codes are numbered.</summary>
    public static Error? Changeable(KeyRow key) =>
        key.Problem ? KeyServerErrors.KeyIsProblem.Because($"{key.Number} is marked as problem.")
        : key.IsTerminated ? KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.")
        : key.AwaitsVendor ? KeyServerErrors.VendorBusy.Because($"{key.Number} waits for its license body from the vendor.")
        : null;

    private static Error Denied => KeyServerErrors.ObjectDenied.Because("The key is not within the login's reach.");

    private static bool IsOwn(KeyRow key, KeyCaller caller) => caller.Reach is not { } reach || key.ClientId == reach;

    private Task<bool> IsBelowAsync(Session session, KeyRow key, KeyCaller caller, CancellationToken cancellation) =>
        clients.IsWithinAsync(session, caller.Reach!.Value, key.ClientId, cancellation);

    private async Task<Result<KeyRow>> WithinAsync(Session session, KeyRow? key, KeyCaller caller, CancellationToken cancellation) =>
        key is null ? KeyServerErrors.KeyUnknown
        : IsOwn(key, caller) || await IsBelowAsync(session, key, caller, cancellation) ? key
        : Denied;
}

/// <summary>Today, where the key server's midnights are: UTC.</summary>
internal static class Today
{
    public static DateOnly Utc(this TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
