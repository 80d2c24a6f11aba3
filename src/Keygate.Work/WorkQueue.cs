using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>What a process is started with.</summary>
/// <param name="Kind">Its kind, as <see cref="Process.Kind"/>.</param>
/// <param name="Subject">What it is about, such as <c>license/17</c>.</param>
/// <param name="Payload">JSON for its steps; never changes and holds no secrets.</param>
public sealed record StartWork(string Kind, string Subject, string Payload)
{
    /// <summary>The process that waits for this one; it is woken when this one ends.</summary>
    public long? Parent { get; init; }

    /// <summary>A key that only one process ever has: a second start under it gives the first one's id.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>When to begin; at once where null.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The next one of its kind about its subject: its key names the one before, so that two that start at once make one.</summary>
    /// <param name="before">The subject's processes, oldest first, as <see cref="WorkQueue.ViewAsync"/> gives them.</param>
    public StartWork After(IEnumerable<WorkView> before) =>
        this with { UniqueKey = FormattableString.Invariant($"{Subject}/{Kind}#{before.LastOrDefault(v => v.Kind == Kind)?.Id ?? 0}") };
}

/// <summary>
/// How rooms start, wake and steer processes. All that writes takes the caller's transaction: the local steps at the front of a started or
/// woken process run in it, so that what belongs together is one commit. Thread-safe.
/// </summary>
public sealed class WorkQueue
{
    private readonly Advancer _advancer;
    private readonly Signals _signals;
    private readonly TimeProvider _time;

    internal WorkQueue(Advancer advancer, Signals signals, TimeProvider time) =>
        (_advancer, _signals, _time) = (advancer, signals, time);

    /// <summary>
    /// Starts a process and runs its leading local steps inside the caller's transaction; a fault in one of them is the caller's. Returns its
    /// id, or the id of the one that was started under the same <see cref="StartWork.UniqueKey"/> before.
    /// </summary>
    public Task<long> StartAsync(Tx tx, StartWork start, CancellationToken cancellation) => _advancer.StartAsync(tx, start, cancellation);

    /// <summary>
    /// Wakes the processes of a kind and subject that wait, running their local steps inside the caller's transaction. False when none waits; one
    /// that is just under way then sees the news before it goes to sleep.
    /// </summary>
    public async Task<bool> WakeAsync(Tx tx, string kind, string subject, CancellationToken cancellation)
    {
        var woken = false;
        foreach (var row in await WorkStore.LockOpenAsync(tx, kind, subject, cancellation))
        {
            woken |= await _advancer.WakeAsync(tx, row, inline: true, depth: 0, cancellation);
        }

        return woken;
    }

    /// <summary>
    /// Lets a stopped process go on at the step where it stopped, with its attempts and deadline anew. An act whose outcome is unknown is
    /// looked into before anything is repeated. May be repeated: one that is already under way is left alone.
    /// </summary>
    public async Task<Result<Done>> ResubmitAsync(Tx tx, long id, CancellationToken cancellation)
    {
        if (await WorkStore.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WorkErrors.NotFound.Because(FormattableString.Invariant($"There is no process {id}."));
        }

        if (row.IsOver)
        {
            return WorkErrors.NotStopped.Because(FormattableString.Invariant($"Process {id} of {row.Subject} is {row.State}."));
        }

        if (row.Is == WorkState.Stopped)
        {
            await GoOnAsync(tx, row, cancellation);
        }

        return Done.It;
    }

    /// <summary>
    /// Ends a process that is ready, waiting, sleeping or stopped. Refused while an act may have happened outside and nobody knows, and while
    /// a step is under way. May be repeated.
    /// </summary>
    public async Task<Result<Done>> CancelAsync(Tx tx, long id, string why, CancellationToken cancellation)
    {
        if (await WorkStore.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WorkErrors.NotFound.Because(FormattableString.Invariant($"There is no process {id}."));
        }

        if (row.Is is WorkState.Cancelled)
        {
            return Done.It;
        }

        var intent = row.Intent is { } number ? await WorkStore.IntentAsync(tx, number, cancellation) : null;
        if (intent is { MayHaveHappened: true })
        {
            return WorkErrors.IntentOpen.Because($"'{row.Step}' of {row.Subject} may have happened; its outcome is {intent.State}.");
        }

        if (row.Is is WorkState.Done)
        {
            return WorkErrors.NotStopped.Because(FormattableString.Invariant($"Process {id} of {row.Subject} is done."));
        }

        if (row.Is is WorkState.Running)
        {
            return WorkErrors.Busy.Because($"'{row.Step}' of {row.Subject} is under way.");
        }

        var now = _time.GetUtcNow();
        Advancer.Leave(row, WorkState.Cancelled);
        (row.Fence, row.Why) = (row.Fence + 1, why);
        await WorkStore.SaveAsync(tx, row, now, cancellation);
        if (intent is { UnknownAt: not null })
        {
            await _advancer.StartAsync(tx, LookAgain.StartGivenUp(row, intent, now, TimeSpan.FromHours(1)), cancellation);
        }

        await _advancer.WakeParentAsync(tx, row, inline: true, depth: 0, cancellation);
        return Done.It;
    }

    /// <summary>Lets a process that waits over the spending guard's bound act all the same; it holds until the act has an answer, and for this process alone.</summary>
    public async Task<Result<Done>> ApproveAsync(Tx tx, long id, CancellationToken cancellation)
    {
        if (await WorkStore.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WorkErrors.NotFound.Because(FormattableString.Invariant($"There is no process {id}."));
        }

        if (row.Is != WorkState.Waiting || row.LastError?.Code != WorkErrors.ApprovalNeeded.Code)
        {
            return WorkErrors.NotOver.Because(FormattableString.Invariant($"Process {id} of {row.Subject} does not wait for approval; it is {row.State}."));
        }

        Advancer.Leave(row, WorkState.Ready);
        (row.Approved, row.DueAt) = (true, _time.GetUtcNow());
        await WorkStore.SaveAsync(tx, row, _time.GetUtcNow(), cancellation);
        tx.AfterCommit(() => _signals.Ready(tx.Database));
        return Done.It;
    }

    /// <summary>
    /// The result of an act whose outcome was unknown was found, by a person or by a later look: it is worked in as if the act had answered so. Also
    /// where it was believed not to have happened, and has not been asked for again or was refused since.
    /// </summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="id">The process.</param>
    /// <param name="value">The result as JSON, in the form in which the act itself answers.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<Result<Done>> RecordFoundAsync(Tx tx, long id, string value, CancellationToken cancellation) =>
        RecordAsync(
            tx, id, intent => intent.Is is IntentState.Idle or IntentState.Refused && intent.UnknownAt is not null,
            intent => (intent.Is, intent.Answer) = (IntentState.Answered, value), cancellation);

    /// <summary>A person confirmed that an act whose outcome was unknown did not happen: it is tried again.</summary>
    public Task<Result<Done>> RecordNoneAsync(Tx tx, long id, CancellationToken cancellation) =>
        RecordAsync(tx, id, _ => false, intent => intent.Is = IntentState.Idle, cancellation);

    /// <summary>The processes of some subjects, oldest first.</summary>
    public async Task<IReadOnlyList<WorkView>> ViewAsync(Session session, IReadOnlyList<string> subjects, CancellationToken cancellation) =>
        subjects.Count == 0 ? [] : await Ask(session, subjects, cancellation).AllAsync();

    /// <summary>The same as a question.</summary>
    public Question<WorkView> Ask(Session session, IReadOnlyList<string> subjects, CancellationToken cancellation) => session.Ask<WorkRow>(
        $"select {WorkRow.Columns} from work where subject {session.Dialect.AnyOf("subjects")} order by id", new { subjects }, cancellation).As(WorkView.Of);

    /// <summary>One process; null where there is none.</summary>
    public async Task<WorkView?> FindAsync(Session session, long id, CancellationToken cancellation) =>
        await WorkStore.FindAsync(session, id, cancellation) is { } row ? WorkView.Of(row) : null;

    /// <summary>What is not over yet, or what is in one state, newest first. Recurring jobs are listed under their own states too.</summary>
    public Task<Result<Page<WorkView>>> OpenAsync(Session session, string? state, PageRequest page, CancellationToken cancellation) =>
        page.NewestFirstAsync(
            $"work {state}",
            (before, more) => session.QueryAsync<WorkRow>(
                $"""
                select {WorkRow.Columns} from work
                where id < @before and {(state is null ? "state not in ('done', 'cancelled')" : "state = @state")} order by id desc limit @more
                """, new { before, state, more }, cancellation),
            w => w.Id, WorkView.Of);

    /// <summary>What won't go on by itself, newest first: what stopped, and what waits for a person to resume its lane or to approve it.</summary>
    public async Task<Result<Page<AttentionWork>>> AttentionAsync(Session session, PageRequest page, CancellationToken cancellation)
    {
        var rows = await page.NewestFirstAsync(
            "attention",
            (before, more) => session.QueryAsync<WorkRow>(
                $"""
                select {WorkRow.Columns} from work
                where id < @before and (state = 'stopped' or (state = 'waiting' and lane is not null)) order by id desc limit @more
                """, new { before, more }, cancellation),
            row => row.Id, row => row);
        if (!rows.TryGet(out var found, out var error))
        {
            return error;
        }

        var items = new List<AttentionWork>();
        foreach (var row in found.Items)
        {
            items.Add(await AttentionAsync(session, row, cancellation));
        }

        return new Page<AttentionWork>(items, found.Next);
    }

    /// <summary>How many processes won't go on by themselves, counted up to a bound.</summary>
    public async Task<int> AttentionCountAsync(Session session, int max, CancellationToken cancellation) =>
        (int)await session.GetAsync<long>(
            "select count(*) from (select id from work where state = 'stopped' or (state = 'waiting' and lane is not null) limit @max) as counted", new { max }, cancellation);

    /// <summary>One process that won't go on by itself; null where there is none of that number or it goes on.</summary>
    public async Task<AttentionWork?> FindAttentionAsync(Session session, long id, CancellationToken cancellation) =>
        await WorkStore.FindAsync(session, id, cancellation) is { } row && (row.Is == WorkState.Stopped || row is { Is: WorkState.Waiting, Lane: not null })
            ? await AttentionAsync(session, row, cancellation)
            : null;

    /// <summary>How many processes of a kind wait for a lane, not counting those that wait for a person.</summary>
    public Task<int> WaitingAsync(Session session, string kind, string lane, CancellationToken cancellation) =>
        session.GetAsync<int>("select count(*) from work where lane = @lane and kind = @kind and state in ('ready', 'running')", new { kind, lane }, cancellation);

    private static async Task<AttentionWork> AttentionAsync(Session session, WorkRow row, CancellationToken cancellation)
    {
        var intent = row.Intent is { } id ? await WorkStore.IntentAsync(session, id, cancellation) : null;
        return new AttentionWork(WorkView.Of(row), row.Lane ?? intent?.Lane, intent is null ? null : IntentView.Of(intent));
    }

    /// <summary>The outside acts of a process, oldest first.</summary>
    public async Task<IReadOnlyList<IntentView>> IntentsAsync(Session session, long work, CancellationToken cancellation)
    {
        var rows = await session.QueryAsync<IntentRow>($"select {IntentRow.Columns} from work_intents where work = @work order by id", new { work }, cancellation);
        return [.. rows.Select(IntentView.Of)];
    }

    private async Task<Result<Done>> RecordAsync(Tx tx, long id, Func<IntentRow, bool> also, Action<IntentRow> record, CancellationToken cancellation)
    {
        if (await WorkStore.LockAsync(tx, id, cancellation) is not { } row)
        {
            return WorkErrors.NotFound.Because(FormattableString.Invariant($"There is no process {id}."));
        }

        var intent = row.Intent is { } number ? await WorkStore.IntentAsync(tx, number, cancellation) : null;
        if (row.IsOver || intent is null || !(intent.Is is IntentState.Unknown or IntentState.Pending || also(intent)))
        {
            return WorkErrors.NothingUnknown.Because(FormattableString.Invariant($"Process {id} of {row.Subject} has no act whose outcome is unknown."));
        }

        if (row.Is == WorkState.Running)
        {
            return WorkErrors.Busy.Because($"'{row.Step}' of {row.Subject} is just looked into.");
        }

        record(intent);
        if (intent.Is == IntentState.Idle)
        {
            await SpendingGuard.GiveBackAsync(tx, intent, _time.GetUtcNow(), cancellation);
        }

        await WorkStore.SaveIntentAsync(tx, intent, _time.GetUtcNow(), cancellation);
        await GoOnAsync(tx, row, cancellation);
        return Done.It;
    }

    private async Task GoOnAsync(Tx tx, WorkRow row, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        Advancer.Leave(row, WorkState.Ready);
        (row.Attempt, row.Generation, row.StepBegunAt, row.DueAt, row.Why, row.Error, row.Fence) = (0, row.Generation + 1, null, now, null, null, row.Fence + 1);
        await WorkStore.SaveAsync(tx, row, now, cancellation);
        tx.AfterCommit(() => _signals.Ready(tx.Database));
    }
}
