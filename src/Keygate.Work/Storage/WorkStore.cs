using Keygate.Storage;

namespace Keygate.Work;

/// <summary>Thrown when a write of progress met a fence that is not ours any more: the transaction rolls back, the work is dropped.</summary>
internal sealed class LostLeaseException : Exception
{
    public LostLeaseException(long work)
        : base(FormattableString.Invariant($"The lease of process {work} is lost."))
    {
    }
}

/// <summary>The statements of the work room.</summary>
internal static class WorkStore
{
    private const string Saved =
        """
        step = @Step, step_begun_at = @StepBegunAt, attempt = @Attempt, generation = @Generation, rank = @Rank, owner = @Owner,
          fence = @Fence, intent = @Intent, lane = @Lane, approved = @Approved, why = @Why, error = @Error, changed_at = @ChangedAt
        """;

    /// <summary>Inserts; null when the unique key is taken.</summary>
    public static Task<long?> InsertAsync(Tx tx, WorkRow row, CancellationToken cancellation) =>
        tx.FindAsync<long?>(
            """
            insert into work(kind, subject, unique_key, payload, state, step, step_begun_at, attempt, generation, due_at, rank, owner, fence,
              parent, woken, intent, lane, approved, why, error, started_at, changed_at)
            values (@Kind, @Subject, @UniqueKey, @Payload, @State, @Step, @StepBegunAt, @Attempt, @Generation, @DueAt, @Rank, @Owner, @Fence,
              @Parent, @Woken, @Intent, @Lane, @Approved, @Why, @Error, @StartedAt, @ChangedAt)
            on conflict (unique_key) do nothing returning id
            """, row, cancellation);

    public static Task<long> IdOfAsync(Session session, string uniqueKey, CancellationToken cancellation) =>
        session.GetAsync<long>("select id from work where unique_key = @uniqueKey", new { uniqueKey }, cancellation);

    /// <summary>
    /// Saves what a copy of the row says, where the fence is still the one it was read with. A process that was woken since its step began
    /// doesn't go to sleep, since the news might be what it wanted to wait for.
    /// </summary>
    public static async Task SaveAsync(Tx tx, WorkRow row, DateTimeOffset now, CancellationToken cancellation)
    {
        row.ChangedAt = now;

        // The row is locked or new, so nobody but this transaction has woken it since.
        if (row.Is == WorkState.Waiting && (row.Woken || tx.Known<Woken>(row.Id) is not null))
        {
            (row.Is, row.DueAt) = (WorkState.Ready, now);
        }

        // Which fence it is meant to meet is read off now: the row may be changed before the statement is sent.
        await tx.OneLaterAsync($"update work set state = @State, due_at = @DueAt, {Saved} where id = @Id and fence = @HeldFence", row, () => new LostLeaseException(row.Id), cancellation);
        row.HeldFence = row.Fence;
    }

    /// <summary>Locks our own row at the beginning of a transaction: whoever wakes it from here on waits for our commit.</summary>
    public static async Task HoldAsync(Tx tx, WorkRow row, CancellationToken cancellation)
    {
        await tx.LockLaterAsync(
            $"select id from work where id = @Id and fence = @HeldFence{tx.Dialect.ForUpdate}", row,
            found => _ = found == 1 ? found : throw new LostLeaseException(row.Id), cancellation);
        await tx.LaterAsync("update work set woken = @No where id = @Id and woken", new { row.Id, No = false }, cancellation);
        row.Woken = false;
    }

    public static async Task<WorkRow?> FindAsync(Session session, long id, CancellationToken cancellation) =>
        Read(await session.FindAsync<WorkRow>($"select {WorkRow.Columns} from work where id = @id", new { id }, cancellation));

    public static async Task<WorkRow?> LockAsync(Tx tx, long id, CancellationToken cancellation) =>
        Read(await tx.FindAsync<WorkRow>($"select {WorkRow.Columns} from work where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation));

    // Locks whatever is open, waiting or not: a row that goes to sleep in a transaction under way would be passed over otherwise.
    public static async Task<List<WorkRow>> LockOpenAsync(Tx tx, string kind, string subject, CancellationToken cancellation)
    {
        var rows = await tx.QueryAsync<WorkRow>(
            $"""
            select {WorkRow.Columns} from work
            where subject = @subject and kind = @kind and state in ('ready', 'running', 'waiting', 'sleeping') order by id{tx.Dialect.ForUpdate}
            """, new { kind, subject }, cancellation);
        rows.ForEach(row => Read(row));
        return rows;
    }

    public static Task MarkWokenAsync(Tx tx, long id, CancellationToken cancellation)
    {
        tx.Know(id, Woken.Now);
        return tx.LaterAsync("update work set woken = @Yes where id = @id", new { id, Yes = true }, cancellation);
    }

    public static async Task<List<WorkRow>> ClaimAsync(
        Tx tx, long owner, string[] kinds, string[] lanesFull, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var rows = await tx.QueryAsync<WorkRow>(
            $"""
            update work set state = 'running', owner = @owner, fence = fence + 1, due_at = null, changed_at = @now
            where id in (
              select id from work
              where due_at <= @now and kind {tx.Dialect.AnyOf("kinds")} and (lane is null or not lane {tx.Dialect.AnyOf("lanesFull")})
              order by rank, due_at, id limit @limit{tx.Dialect.ForUpdateSkipLocked})
            returning {WorkRow.Columns}
            """, new { owner, kinds, lanesFull, now, limit }, cancellation);
        rows.ForEach(row => Read(row));
        return [.. rows.OrderBy(r => r.Rank).ThenBy(r => r.Id)];
    }

    public static Task<bool> AnyDueAsync(Session session, string[] kinds, DateTimeOffset now, CancellationToken cancellation) =>
        session.GetAsync<bool>($"select exists (select 1 from work where due_at <= @now and kind {session.Dialect.AnyOf("kinds")})", new { now, kinds }, cancellation);

    /// <summary>Gives what a dead node held to the living, before the backlog, with the places that its calls took.</summary>
    public static async Task<int> RecoverAsync(Tx tx, long dead, DateTimeOffset now, CancellationToken cancellation)
    {
        var recovered = await tx.ExecuteAsync(
            """
            update work set state = 'ready', owner = null, fence = fence + 1, due_at = @now, rank = 0, changed_at = @now
            where owner = @dead and state = 'running'
            """, new { dead, now }, cancellation);
        await tx.ExecuteAsync("update work_lane_slots set work = null, owner = null where owner = @dead", new { dead }, cancellation);
        await tx.ExecuteAsync("delete from work_nodes where id = @dead", new { dead }, cancellation);
        return recovered;
    }

    public static Task<IntentRow?> IntentAsync(Session session, long id, CancellationToken cancellation) =>
        session.FindAsync<IntentRow>($"select {IntentRow.Columns} from work_intents where id = @id", new { id }, cancellation);

    public static Task<long> InsertIntentAsync(Tx tx, IntentRow row, CancellationToken cancellation) =>
        tx.InsertAsync(
            """
            insert into work_intents(work, step, lane, token, request, keys, amount, currency, state, attempt, opened_at, sent_at, unknown_at, looks, charged_at, answer, error, changed_at)
            values (@Work, @Step, @Lane, @Token, @Request, @Keys, @Amount, @Currency, @State, @Attempt, @OpenedAt, @SentAt, @UnknownAt, @Looks, @ChargedAt, @Answer, @Error, @ChangedAt)
            returning id
            """, row, cancellation);

    public static Task SaveIntentAsync(Tx tx, IntentRow row, DateTimeOffset now, CancellationToken cancellation)
    {
        row.ChangedAt = now;
        return tx.LaterAsync(
            """
            update work_intents set lane = @Lane, request = @Request, keys = @Keys, amount = @Amount, currency = @Currency, state = @State, attempt = @Attempt,
              sent_at = @SentAt, unknown_at = @UnknownAt, looks = @Looks, charged_at = @ChargedAt, answer = @Answer, error = @Error, changed_at = @ChangedAt
            where id = @Id
            """, row, cancellation);
    }

    private static WorkRow? Read(WorkRow? row)
    {
        if (row is not null)
        {
            row.HeldFence = row.Fence;
        }

        return row;
    }

    // Said of a process that was woken in this transaction.
    private sealed class Woken
    {
        public static Woken Now { get; } = new();
    }
}
