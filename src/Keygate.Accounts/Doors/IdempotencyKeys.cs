using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>The answers that are kept for repeats of a request. They are kept for a while: a repeat that comes later acts anew.</summary>
public static class IdempotencyKeys
{
    /// <summary>Removes those from before a time, oldest first; returns how many.</summary>
    public static Task<int> PruneAsync(Tx tx, DateTimeOffset before, int limit, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        delete from idempotency_keys where (actor, idempotency_key) in
          (select actor, idempotency_key from idempotency_keys where created_at < @before order by created_at limit @limit)
        """, new { before, limit }, cancellation);
}
