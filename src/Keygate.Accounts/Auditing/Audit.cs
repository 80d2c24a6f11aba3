using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>The audit trail: who did what to whom. Rows are written with their act, in its transaction, sealed under the master key, and never changed.</summary>
public sealed class Audit(TimeProvider time, MasterKey key)
{
    /// <summary>Writes a row in the transaction of the act.</summary>
    /// <param name="tx">The act's transaction.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="act">What was done, past tense, such as <c>customer.created</c>.</param>
    /// <param name="subject">Whom it was done to, such as <c>customer/1000001</c>.</param>
    /// <param name="detail">What a reader should know besides; no secrets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task AddAsync(Tx tx, Actor actor, string act, string subject, string? detail, CancellationToken cancellation)
    {
        var row = new AuditRow
        {
            At = time.GetUtcNow().ToUnixTimeMilliseconds(), ActorKind = actor.Kind.ToString(), ActorId = actor.Id, ActorName = actor.Name, Act = act, Subject = subject, Detail = detail,
        };
        return tx.LaterAsync(
            """
            insert into audit(at, actor_kind, actor_id, actor_name, act, subject, detail, seal)
            values (@At, @ActorKind, @ActorId, @ActorName, @Act, @Subject, @Detail, @Seal)
            """,
            new { row.At, row.ActorKind, row.ActorId, row.ActorName, row.Act, row.Subject, row.Detail, Seal = AuditSeal.Make(key, row) }, cancellation);
    }
}
