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
    private Dictionary<(Type, object), object?>? _known;
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
            Keep(sql, parameters, kept => kept with { Touched = touched });
            return Task.CompletedTask;
        }

        return touched is null ? ExecuteAsync(sql, parameters, cancellation) : TellAsync();

        async Task TellAsync() => touched(await ExecuteAsync(sql, parameters, cancellation));
    }

    /// <summary>
    /// Runs a statement that must touch a row, likewise later: on PostgreSQL the server itself refuses the commit where it touched none.
    /// </summary>
    /// <param name="sql">An insert, update or delete without <c>returning</c>.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="otherwise">What is thrown where it touched none.</param>
    /// <param name="cancellation">Ends the wait for the database, where there is one.</param>
    public async Task OneLaterAsync(string sql, object? parameters, Func<Exception> otherwise, CancellationToken cancellation)
    {
        if (Connection is PipelinedConnection)
        {
            Keep(sql, parameters, kept => kept with { Otherwise = otherwise });
        }
        else if (await ExecuteAsync(sql, parameters, cancellation) == 0)
        {
            throw otherwise();
        }
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
            Keep(sql, parameters, kept => kept with { Locks = true, Touched = found });
        }
        else
        {
            found((await QueryAsync<long>(sql, parameters, cancellation)).Count);
        }
    }

    /// <summary>
    /// What is known of a row that this transaction has locked or written: nobody else can change it until the commit, so nobody has to ask again. Also
    /// what is to be seen as one and the same by the whole transaction.
    /// Whoever changes such a row says what it is then, or takes it back with null.
    /// </summary>
    /// <typeparam name="T">How the room holds the row.</typeparam>
    /// <param name="key">The row's number.</param>
    public T? Known<T>(object key)
        where T : class => _known?.GetValueOrDefault((typeof(T), key)) as T;

    /// <summary>Keeps what is known of a row; null where that no longer holds.</summary>
    public void Know<T>(object key, T? value)
        where T : class => (_known ??= [])[(typeof(T), key)] = value;

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

    internal void RunAfterCommit() => _afterCommit.ForEach(action => action());

    private sealed class Leaving(Tx? before) : IDisposable
    {
        public void Dispose() => Open.Value = before;
    }
}
