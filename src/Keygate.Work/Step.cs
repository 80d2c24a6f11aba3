using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>A process as a step sees it.</summary>
/// <param name="Id">The process.</param>
/// <param name="Kind">Its kind, as <see cref="Process.Kind"/>.</param>
/// <param name="Subject">What it is about, such as <c>license/17</c>.</param>
/// <param name="Payload">What it was started with, JSON. Never changes.</param>
/// <param name="Step">The step under way.</param>
/// <param name="Attempt">How often this step was tried, from 1.</param>
/// <param name="Generation">Rises with each resubmission: late answers of an older generation are dropped.</param>
/// <param name="Parent">The process that waits for this one; null where none does.</param>
/// <param name="StepBegunAt">When the step was first tried in this generation; deadlines count from here.</param>
public sealed record WorkItem(long Id, string Kind, string Subject, string Payload, string Step, int Attempt, int Generation, long? Parent, DateTimeOffset StepBegunAt)
{
    /// <summary>The payload as the type it was started with.</summary>
    public T Read<T>() => Json.Read<T>(Payload);
}

/// <summary>Where a process goes after a step.</summary>
public abstract record Move
{
    private Move()
    {
    }

    /// <summary>The next step of the list; the end after the last.</summary>
    public static readonly Move Next = new NextMove();

    /// <summary>The end: done.</summary>
    public static readonly Move Finish = new FinishMove();

    /// <summary>Another step of the same process, by name.</summary>
    public static Move To(string step) => new ToMove(step);

    /// <summary>Sleeps until somebody wakes it (a child's end, an event), then runs the same step again. <paramref name="why"/> is shown.</summary>
    public static Move Wait(string why) => new WaitMove(why);

    /// <summary>Sleeps until a time of <see cref="TimeProvider"/>, then runs the same step again. <paramref name="why"/> is shown.</summary>
    public static Move Sleep(DateTimeOffset until, string why) => new SleepMove(until, why);

    /// <summary>Stops and needs attention: a person mends the cause and resubmits, or cancels.</summary>
    public static Move Stop(Error error) => new StopMove(error);

    internal sealed record NextMove : Move;

    internal sealed record FinishMove : Move;

    internal sealed record ToMove(string Step) : Move;

    internal sealed record WaitMove(string Why) : Move;

    internal sealed record SleepMove(DateTimeOffset Until, string Why) : Move;

    internal sealed record StopMove(Error Error) : Move;
}

/// <summary>One step of a process: either a <see cref="LocalStep"/> or an <see cref="OutsideStep"/>.</summary>
public abstract class Step
{
    /// <summary>Its name within the process; stable, since it stands in the database.</summary>
    public abstract string Name { get; }

    /// <summary>How long the step may be under way before it is given up; null for no deadline.</summary>
    public virtual TimeSpan? Deadline => null;

    /// <summary>How often it is tried before it is given up; null for the engine's default of 8.</summary>
    public virtual int? AttemptsMax => null;

    /// <summary>
    /// Called in the transaction that stops the process, for whatever reason it stops here (refused, attempts spent, deadline over, a
    /// person needed): the room writes down what its own rows must say then.
    /// </summary>
    public virtual Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>
/// A step that only writes our own database. Its effects and the process's progress commit together, so it happens exactly once. Several
/// local steps in a row run in one transaction.
/// </summary>
public abstract class LocalStep : Step
{
    /// <summary>Does it and says where to go. Must not call outside.</summary>
    public abstract Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation);
}

/// <summary>How an outside act behaves when it is done twice.</summary>
public enum ActKind
{
    /// <summary>It changes nothing outside: no intent is needed, an unknown answer is asked again.</summary>
    Read,

    /// <summary>It can be repeated without harm (same token, same effect): no intent is needed, an unknown answer is repeated.</summary>
    Repeatable,

    /// <summary>Each call acts anew: the intent is committed before the call, and an unknown answer is looked into before anything is repeated.</summary>
    Once,
}

/// <summary>What a step is about to ask of the world outside.</summary>
public sealed record Asking
{
    /// <summary>The lane, such as <c>plugin/3</c>: its concurrency, spending guard and pause apply.</summary>
    public required string Lane { get; init; }

    /// <summary>Everything the call needs, as JSON. Stored with the intent, so that a look years later knows what was asked. No secrets.</summary>
    public required string Request { get; init; }

    /// <summary>Keys that the act will cost, for the spending guard.</summary>
    public int Keys { get; init; }

    /// <summary>
    /// Tells what the other side charges for the act; null where that is not known. Asked in the commit of the intent, where the lane has a bound; it
    /// must not write.
    /// </summary>
    public Func<Session, CancellationToken, Task<Cost?>>? CostAsync { get; init; }
}

/// <summary>What an act costs.</summary>
/// <param name="Amount">Whole minor units.</param>
/// <param name="Currency">Their currency.</param>
public sealed record Cost(long Amount, string Currency)
{
    /// <inheritdoc/>
    public override string ToString() => Keygate.Kernel.Currency.Shown(Amount, Currency);
}

/// <summary>
/// An act that was announced: for <see cref="ActKind.Once"/> a committed row, else the same facts in memory. All repeats of one act carry
/// one <see cref="Token"/>.
/// </summary>
/// <param name="Id">Row id; 0 where the act needs no row.</param>
/// <param name="Work">The process.</param>
/// <param name="Step">The step.</param>
/// <param name="Lane">The lane it counts against.</param>
/// <param name="Token">46 random bits in 12 hexadecimal digits, a locally administered unicast MAC address without its colons; the same for all repeats.</param>
/// <param name="Request">What was asked, JSON.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="OpenedAt">When the intent was first committed.</param>
public sealed record Intent(long Id, long Work, string Step, string Lane, string Token, string Request, int Attempt, DateTimeOffset OpenedAt)
{
    /// <summary>The request as the type it was written with.</summary>
    public T Read<T>() => Json.Read<T>(Request);

    /// <summary>The token in the form of a MAC address, six groups with colons.</summary>
    public string TokenAsMac => string.Join(':', Token.Chunk(2).Select(pair => new string(pair)));
}

/// <summary>
/// A step that asks the world outside. The engine commits the intent, compares its lease, calls without a transaction, and commits the
/// answer together with what <see cref="SettleAsync"/> writes. See <see cref="Outcome"/> for what follows each answer.
/// </summary>
public abstract class OutsideStep : Step
{
    /// <summary>How the act behaves when it is done twice.</summary>
    public abstract ActKind Act { get; }

    /// <summary>
    /// Reads what the call needs. It may be called several times for one act, also when the answer was lost, and must not write. A null
    /// answer means that there is nothing (any more) to ask: the process goes on with the next step.
    /// </summary>
    public abstract Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation);

    /// <summary>Calls. Runs outside any transaction; must answer with an <see cref="Outcome"/> for everything that it can tell.</summary>
    public abstract Task<Answer> CallAsync(Intent intent, CancellationToken cancellation);

    /// <summary>Finds out whether the act of an unknown answer happened. A read: may be repeated at will.</summary>
    public virtual Task<Look> LookAsync(Intent intent, CancellationToken cancellation) =>
        Task.FromResult(Look.CannotLook(WorkErrors.NobodyCanLook.Because($"There is no way to ask whether '{Name}' happened.")));

    /// <summary>
    /// Looks once more before an act that was ever unknown is sent again, after it was believed not to have happened. A read. What is found is taken for the
    /// answer; an absence is no news, and neither is that nobody can look.
    /// </summary>
    public virtual Task<Look> LookFirstAsync(Intent intent, CancellationToken cancellation) => LookAsync(intent, cancellation);

    /// <summary>Writes the result of an act that is <see cref="Outcome.Done"/>, in the transaction that records the answer.</summary>
    public abstract Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation);

    /// <summary>
    /// Called when an act that was ever unknown has ended or stopped, and a later look finds a result other than the one it ended with; for each of them
    /// where there are several. Has what is surplus ended, or records it where the act has no result yet, and answers <see cref="Move.Next"/>; or stops,
    /// so that a person does.
    /// </summary>
    public virtual Task<Move> SurplusAsync(Tx tx, WorkItem work, Intent intent, Look found, CancellationToken cancellation) =>
        Task.FromResult(Move.Stop(WorkErrors.Surplus.Because($"A second result of '{Name}' for {work.Subject} was found: {found.Value}")));
}

/// <summary>A kind of process: its name and its steps in order. One instance serves all processes of the kind; thread-safe.</summary>
public abstract class Process
{
    /// <summary>Its name; stable, since it stands in the database. Room and verb, as in <c>licensing.provision</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The steps, in order.</summary>
    public abstract IReadOnlyList<Step> Steps { get; }
}

/// <summary>
/// A job that comes back: renew, expire, sync, remind. It runs once whatever the number of processes, and resumes after downtime with one
/// run, not with all that were missed.
/// </summary>
public abstract class RecurringJob
{
    /// <summary>Its name; stable, since it stands in the database.</summary>
    public abstract string Name { get; }

    /// <summary>From the end of one round to the start of the next.</summary>
    public abstract TimeSpan Every { get; }

    /// <summary>Does one batch in one transaction; true when there is more to do at once.</summary>
    public abstract Task<bool> RunAsync(Tx tx, CancellationToken cancellation);
}
