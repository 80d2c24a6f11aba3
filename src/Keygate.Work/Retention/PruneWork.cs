using Keygate.Storage;

namespace Keygate.Work;

/// <summary>
/// Removes the work that is over, with its intents, when nothing about its subject has moved for the time it is kept. The rows of one subject go together:
/// who starts work anew looks at what there was before.
/// </summary>
public sealed class PruneWork(WorkOptions options, TimeProvider time) : RecurringJob
{
    private const int Batch = 200;

    /// <inheritdoc/>
    public override string Name => "work.prune";

    /// <inheritdoc/>
    public override TimeSpan Every => TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - options.KeepFor;
        var subjects = (await tx.QueryAsync<string>(
            """
            select w.subject from work w where w.state in ('done', 'cancelled') and w.changed_at < @before
              and not exists (select 1 from work o where o.subject = w.subject and (o.changed_at >= @before or o.state not in ('done', 'cancelled')))
            order by w.changed_at, w.id limit @Batch
            """, new { before, Batch }, cancellation)).Distinct().ToArray();
        if (subjects.Length == 0)
        {
            return false;
        }

        await tx.ExecuteAsync($"delete from work_intents where work in (select id from work where subject {tx.Dialect.AnyOf("subjects")})", new { subjects }, cancellation);
        await tx.ExecuteAsync($"delete from work where subject {tx.Dialect.AnyOf("subjects")} and state in ('done', 'cancelled') and changed_at < @before", new { subjects, before }, cancellation);
        return true;
    }
}
