using System.Threading.Channels;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Api.Billing;

/// <summary>
/// A transaction between the calls of a program: one flow that holds the database's transaction and runs what comes in, in turn. It ends with a commit, a roll-back, or by itself
/// when nothing came for a while.
/// </summary>
internal sealed class OpenTransaction
{
    private readonly Channel<Turn> _turns = Channel.CreateUnbounded<Turn>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BillingOptions _options;
    private Task<Result<Done>> _whole = null!;
    private bool _committing;

    private OpenTransaction(string id, Actor actor, BillingOptions options) => (Id, Actor, _options) = (id, actor, options);

    public string Id { get; }

    public Actor Actor { get; }

    /// <summary>Why it is over; null while it is open.</summary>
    public string? Over { get; private set; }

    /// <summary>Begins one; waits for the database's turn. <paramref name="ended"/> is told when it is over, whatever ended it.</summary>
    public static async Task<OpenTransaction> BeginAsync(string id, Actor actor, Database database, BillingOptions options, Action<OpenTransaction> ended, CancellationToken stopping)
    {
        var open = new OpenTransaction(id, actor, options);
        using (ExecutionContext.SuppressFlow())
        {
            // The flow outlives the request that begins it.
            open._whole = Task.Run(() => open.LiveAsync(database, ended, stopping), CancellationToken.None);
        }

        await await Task.WhenAny(open._begun.Task, open._whole);
        return open;
    }

    /// <summary>
    /// Runs something in it, in turn. A refusal undoes what was done since then, and no more; an exception ends the transaction.
    /// </summary>
    public async Task<Result<T>> RunAsync<T>(Func<Tx, CancellationToken, Task<Result<T>>> act)
    {
        var turn = new Turn(async (tx, over) =>
        {
            var result = await act(tx, over);
            return (result.IsDone, result);
        });
        return await SendAsync(turn) is { } answer ? (Result<T>)answer : Gone();
    }

    /// <summary>Commits, or rolls back; a refusal where it was over already.</summary>
    public async Task<Result<Done>> EndAsync(bool commit)
    {
        if (await SendAsync(new Turn(commit)) is null)
        {
            return Gone();
        }

        var whole = await _whole;
        return commit ? whole : Done.It;
    }

    private Error Gone() => ApiErrors.BillingTransactionOver.Because($"The transaction {Id} is not open: {Over ?? "it has ended"}.");

    private Task<object?> SendAsync(Turn turn) => _turns.Writer.TryWrite(turn) ? turn.Answer.Task : Task.FromResult<object?>(null);

    private async Task<Result<Done>> LiveAsync(Database database, Action<OpenTransaction> ended, CancellationToken stopping)
    {
        try
        {
            using var life = new CancellationTokenSource(_options.LifeMax, _options.Clock);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(life.Token, stopping);
            return await database.WriteAsync(
                tx => ServeAsync(tx, life.Token, over.Token), over.Token, WriteTurn.Held);
        }
        catch (Exception) when (_begun.Task.IsCompleted)
        {
            Over = _committing ? "the database failed while it was being committed; look up whether its changes are there" : Over ?? "the database ended it, and it was rolled back";
            return Gone();
        }
        finally
        {
            Over ??= "it was committed";
            if (_begun.Task.IsCompleted)
            {
                ended(this);
            }

            _turns.Writer.TryComplete();
            while (_turns.Reader.TryRead(out var late))
            {
                late.Answer.TrySetResult(null);
            }
        }
    }

    private async Task<Result<Done>> ServeAsync(Tx tx, CancellationToken life, CancellationToken over)
    {
        // Armed before the caller hears anything, so that no time is lost between an answer and the next call.
        var idle = Idle();
        _begun.TrySetResult();
        try
        {
            while (true)
            {
                if (await NextAsync(idle.Token, over) is not { } turn)
                {
                    return RolledBack(
                        life.IsCancellationRequested ? FormattableString.Invariant($"it was open for {_options.LifeMax.TotalSeconds:0.#} seconds, which is the most, and was rolled back")
                        : over.IsCancellationRequested ? "the server stopped, and it was rolled back"
                        : FormattableString.Invariant($"no call came for {_options.IdleMax.TotalSeconds:0.#} seconds, and it was rolled back"));
                }

                if (turn.Act is null)
                {
                    _committing = turn.Commit;
                    Result<Done> end = turn.Commit ? Done.It : RolledBack("it was rolled back by its caller");
                    turn.Answer.SetResult(Done.It);
                    return end;
                }

                try
                {
                    await tx.ExecuteAsync("savepoint billing_call", null, over);
                    var (done, answer) = await turn.Act(tx, over);
                    await tx.FlushAsync(over);
                    await tx.ExecuteAsync(done ? "release savepoint billing_call" : "rollback to savepoint billing_call", null, over);
                    idle.Dispose();
                    idle = Idle();
                    turn.Answer.SetResult(answer);
                }
                catch (Exception e)
                {
                    var refusal = RolledBack(life.IsCancellationRequested ? "it was open for too long, and was rolled back" : "a call in it failed, and it was rolled back");
                    turn.Answer.SetException(e);
                    return refusal;
                }
            }
        }
        finally
        {
            idle.Dispose();
        }
    }

    private CancellationTokenSource Idle() => new(_options.IdleMax, _options.Clock);

    private async Task<Turn?> NextAsync(CancellationToken idle, CancellationToken over)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(idle, over);
        try
        {
            return await _turns.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private Error RolledBack(string why)
    {
        Over = why;
        return Gone();
    }

    private sealed class Turn
    {
        public Turn(Func<Tx, CancellationToken, Task<(bool Done, object Answer)>> act) => Act = act;

        public Turn(bool commit) => Commit = commit;

        public Func<Tx, CancellationToken, Task<(bool Done, object Answer)>>? Act { get; }

        public bool Commit { get; }

        public TaskCompletionSource<object?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
