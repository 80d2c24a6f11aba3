using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;

namespace Keygate.Accounts;

/// <summary>
/// How an endpoint writes: it opens the transaction, says who acts, and keeps the promise of <c>Idempotency-Key</c>. The handler does the rest.
/// </summary>
public sealed class WriteDoor(Database database)
{
    /// <summary>Runs a writing handler in one transaction of the provider's database; rolled back when it refuses.</summary>
    /// <param name="http">The request: actor, idempotency key, cancellation.</param>
    /// <param name="request">What the caller sent, for telling a repeat from another request under the same key; null where the path says it all.</param>
    /// <param name="act">The handler.</param>
    public Task<Result<T>> WriteAsync<T>(HttpContext http, object? request, Func<Tx, Actor, Task<Result<T>>> act) =>
        WriteAsync(database, http, request, act);

    /// <summary>The same in another database, such as the key server's.</summary>
    public Task<Result<T>> WriteAsync<T>(Database into, HttpContext http, object? request, Func<Tx, Actor, Task<Result<T>>> act) =>
        into.WriteAsync(tx => act(tx, http.Actor()), http.RequestAborted);
}
