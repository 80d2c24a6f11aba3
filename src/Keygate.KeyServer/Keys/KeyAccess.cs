using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>On whose behalf a key is touched.</summary>
/// <param name="Name">The name that the key's history shows.</param>
/// <param name="Reach">The client whose keys are within reach; null for the issuer's staff, who reach all.</param>
internal sealed record KeyCaller(string Name, ClientId? Reach);

/// <summary>A key after an act.</summary>
/// <param name="Key">The key as it is now.</param>
/// <param name="IsChanged">False when it was so already.</param>
internal sealed record ChangedKey(KeyRow Key, bool IsChanged);

/// <summary>Finds keys within somebody's reach. The order is the reference's: the key exists, it is accessible, then its state.</summary>
internal sealed class KeyAccess(KeyStore store)
{
    public async Task<Result<KeyRow>> FindAsync(Session session, KeyName name, KeyCaller caller, CancellationToken cancellation) =>
        Within(await store.FindAsync(session, name, cancellation), caller);

    public async Task<Result<KeyRow>> HoldAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation) =>
        Within(await store.HoldAsync(tx, name, cancellation), caller);

    /// <summary>Refuses keys that may not be changed: problem first, then terminated, as the codes are numbered.</summary>
    public static Error? Changeable(KeyRow key) =>
        key.Problem ? KeyServerErrors.KeyIsProblem.Because($"{key.Number} is marked as problem.")
        : key.IsTerminated ? KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.")
        : null;

    private static Result<KeyRow> Within(KeyRow? key, KeyCaller caller) =>
        key is null ? KeyServerErrors.KeyUnknown
        : caller.Reach is { } reach && key.ClientId != reach ? KeyServerErrors.ObjectDenied.Because("The key is not within the login's reach.")
        : key;
}

/// <summary>Today, where the key server's midnights are: UTC.</summary>
internal static class Today
{
    public static DateOnly Utc(this TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
