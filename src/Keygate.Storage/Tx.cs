using System.Data.Common;
using Dapper;

namespace Keygate.Storage;

/// <summary>
/// A transaction under way. Writing handlers take the caller's, so that several rooms of one database write in one commit. What
/// must follow the commit (wake-up, events to screens) hangs on <see cref="AfterCommit"/>.
/// </summary>
public sealed class Tx : Session
{
    private static readonly AsyncLocal<Tx?> Open = new();
    private readonly List<Action> _afterCommit = [];
    private Tx? _around;

    internal Tx(DbConnection connection, DbTransaction transaction, Database database)
        : base(connection, transaction, database.Dialect, database.Mutated) => Database = database;

    /// <summary>The database that the transaction belongs to.</summary>
    public Database Database { get; }

    /// <summary>Runs a statement; returns the number of rows it touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellation) =>
        Connection.ExecuteAsync(Command(sql, parameters, cancellation));

    /// <summary>Runs an insert that ends in <c>returning id</c> and returns that id.</summary>
    public Task<long> InsertAsync(string sql, object? parameters, CancellationToken cancellation) =>
        Connection.ExecuteScalarAsync<long>(Command(sql, parameters, cancellation));

    /// <summary>
    /// Runs a statement whose outcome nobody waits for: a row of a history, a change of a row that is locked. On PostgreSQL it is sent with the next
    /// statement that is waited for, or before the commit, and a fault of it comes up there; each statement sees those before it. It must return no rows.
    /// </summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellation">Ends the wait for the database, where there is one.</param>
    /// <param name="touched">Told how many rows it touched; may throw, which is before the commit.</param>
    public Task LaterAsync(string sql, object? parameters, CancellationToken cancellation, Action<int>? touched = null)
    {
        if (Connection is PipelinedConnection)
        {
            Keep(sql, parameters, rows: false, touched);
            return Task.CompletedTask;
        }

        return touched is null ? ExecuteAsync(sql, parameters, cancellation) : TellAsync();

        async Task TellAsync() => touched(await ExecuteAsync(sql, parameters, cancellation));
    }

    /// <summary>
    /// Locks rows that nobody needs to see, likewise with the next statement that is waited for: it is a select that ends in <see cref="Dialect.ForUpdate"/>.
    /// </summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="found">Told how many rows there are; may throw, which is before the answer of the next statement is used.</param>
    /// <param name="cancellation">Ends the wait for the database, where there is one.</param>
    public async Task LockLaterAsync(string sql, object? parameters, Action<int> found, CancellationToken cancellation)
    {
        if (Connection is PipelinedConnection)
        {
            Keep(sql, parameters, rows: true, found);
        }
        else
        {
            found((await QueryAsync<long>(sql, parameters, cancellation)).Count);
        }
    }

    /// <summary>Waits for what was to run later: so a fault of it comes up here.</summary>
    public Task FlushAsync(CancellationToken cancellation) => Connection is PipelinedConnection pipeline ? pipeline.FlushAsync(cancellation) : Task.CompletedTask;

    /// <summary>Runs once the transaction is committed; not at all when it is rolled back. It must not throw nor block.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>
    /// Throws when a transaction is open in this flow: no transaction spans an outside call, since a call that hangs would hold
    /// the database's locks for as long.
    /// </summary>
    public static void AssertNone()
    {
        if (Open.Value is not null)
        {
            throw new InvalidOperationException("An outside call was begun inside a transaction.");
        }
    }

    /// <summary>
    /// Throws when a transaction of this database is open in this flow: on SQLite a second one would wait for the first for ever, on PostgreSQL
    /// it would not see what the first has written.
    /// </summary>
    internal static void AssertNoneOf(Database database)
    {
        for (var tx = Open.Value; tx is not null; tx = tx._around)
        {
            if (tx.Database == database)
            {
                throw new InvalidOperationException("A transaction was opened inside another one of the same database.");
            }
        }
    }

    internal static IDisposable Enter(Tx tx)
    {
        tx._around = Open.Value;
        Open.Value = tx;
        return new Leaving(tx._around);
    }

    private void Keep(string sql, object? parameters, bool rows, Action<int>? touched)
    {
        var pipeline = (PipelinedConnection)Connection;
        pipeline.Execute(Command(sql, parameters, CancellationToken.None));
        pipeline.Tell(rows, touched);
    }

    internal void RunAfterCommit() => _afterCommit.ForEach(action => action());

    private sealed class Leaving(Tx? before) : IDisposable
    {
        public void Dispose() => Open.Value = before;
    }
}
