using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>The audit trail: who did what to whom. Rows are written with their act, in its transaction, and never changed.</summary>
public sealed class Audit(TimeProvider time)
{
    /// <summary>Writes a row in the transaction of the act.</summary>
    /// <param name="tx">The act's transaction.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="act">What was done, past tense, such as <c>customer.created</c>.</param>
    /// <param name="subject">Whom it was done to, such as <c>customer/1000001</c>.</param>
    /// <param name="detail">What a reader should know besides; no secrets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task AddAsync(Tx tx, Actor actor, string act, string subject, string? detail, CancellationToken cancellation) =>
        tx.LaterAsync(
            "insert into audit(at, actor_kind, actor_id, actor_name, act, subject, detail) values (@at, @kind, @actorId, @actorName, @act, @subject, @detail)",
            new { at = time.GetUtcNow(), kind = actor.Kind.ToString(), actorId = actor.Id, actorName = actor.Name, act, subject, detail }, cancellation);
}
