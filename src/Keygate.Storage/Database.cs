using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Keygate.Kernel;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Keygate.Storage;

/// <summary>How a database is opened.</summary>
public sealed record DatabaseOptions
{
    /// <summary>
    /// How long a transaction may lie idle before PostgreSQL ends it: the heartbeat deadline, since a frozen process would hide its
    /// rows from the survivors for as long as it is frozen.
    /// </summary>
    public TimeSpan IdleInTransactionMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a writer waits for SQLite's lock.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a door waits on SQLite for its turn to write while a transaction is held open; then the caller is told to come again.</summary>
    public TimeSpan TurnMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long PostgreSQL leaves a transaction idle that is held open for a program outside; longer than whoever holds it allows.</summary>
    public TimeSpan HeldIdleMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Changes the text of each statement: tests take a guard out of one, such as the fence, to show that they would find what it guards against.
    /// </summary>
    internal Func<string, string>? Mutated { get; init; }
}

/// <summary>How a writer takes its turn.</summary>
public enum WriteTurn
{
    /// <summary>It waits as long as it takes: work, which nobody watches.</summary>
    Waits,

    /// <summary>
    /// Somebody waits for it: it gives up with <see cref="DatabaseBusyException"/> where a transaction is held open, or the file locked, for longer than <see cref="DatabaseOptions.TurnMax"/>.
    /// </summary>
    AtDoor,

    /// <summary>It is held open between the calls of a program outside. Waits for its own turn as at a door.</summary>
    Held,
}

/// <summary>Another program holds a transaction open through us, or the file itself, and the database takes one writer at a time. Nothing was changed.</summary>
public sealed class DatabaseBusyException(bool locked) : Exception("A transaction is held open, and the database takes one writer at a time.")
{
    /// <summary>True where the file is locked by a program that is not ours.</summary>
    public bool IsLocked => locked;
}

/// <summary>
/// One database: reads from a pool, writes in transactions. On SQLite one write connection serves all writers in turn, as the
/// engine itself would; on PostgreSQL each transaction has a connection of its own. Thread-safe.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int StatementsPrepared = 300, ReadersKept = 8;

    // Each time one of those that waited in a circle goes on, so a handful of tries outlasts any circle that people make.
    private const int DeadlockTries = 5;
    private readonly NpgsqlDataSource? _postgres;
    private readonly string? _postgresConnection;
    private readonly string? _sqliteReads;
    private readonly string? _sqliteWrites;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly DatabaseOptions _options;
    private readonly ConcurrentBag<SqliteConnection> _idleReaders = [];
    private SqliteConnection? _write;
    private long _commits;
    private volatile bool _closed;
    private volatile bool _held;
    private volatile bool _locked;

    static Database() => TypeHandlers.Register();

    private Database(DatabaseAddress address, DatabaseOptions options)
    {
        (Address, _options, Dialect) = (address, options, Dialect.Of(address.Engine));
        if (address.Engine == Engine.PostgreSql)
        {
            var ms = (long)options.IdleInTransactionMax.TotalMilliseconds;
            _postgresConnection = new NpgsqlConnectionStringBuilder(address.ConnectionString)
            {
                Options = FormattableString.Invariant($"-c idle_in_transaction_session_timeout={ms} -c lock_timeout=30000"),
                // Statements are parsed and planned once for each connection. Pooled connections never change their session, so there is nothing
                // to reset between two uses, and what was prepared stays.
                MaxAutoPrepare = StatementsPrepared,
                AutoPrepareMinUsages = 2,
                NoResetOnClose = true,
                // So that it can be told which of the statements that were sent together was refused.
                IncludeFailedBatchedCommand = true,
            }.ConnectionString;
            _postgres = new NpgsqlDataSourceBuilder(_postgresConnection).Build();
        }
        else
        {
            var file = new SqliteConnectionStringBuilder { DataSource = address.ConnectionString, Pooling = false, DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds) };
            _sqliteWrites = file.ConnectionString;
            file.Mode = SqliteOpenMode.ReadWrite;
            _sqliteReads = file.ConnectionString;
        }
    }

    /// <summary>Where the database is.</summary>
    public DatabaseAddress Address { get; }

    /// <summary>The engine's differences.</summary>
    public Dialect Dialect { get; }

    /// <summary>The engine.</summary>
    public Engine Engine => Dialect.Engine;

    internal Func<string, string>? Mutated => _options.Mutated;

    /// <summary>Transactions that this object has committed.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>A database at an address. Nothing is opened before the first use.</summary>
    public static Database At(DatabaseAddress address, DatabaseOptions? options = null) => new(address, options ?? new DatabaseOptions());

    /// <summary>Reads outside a transaction: each statement sees what was committed when it began.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellation)
    {
        if (_postgres is not null)
        {
            await using var connection = await _postgres.OpenConnectionAsync(cancellation);
            await using var pipeline = new PipelinedConnection(connection);
            return await read(new Session(pipeline, null, Dialect, _options.Mutated));
        }

        var reader = _idleReaders.TryTake(out var idle) ? idle : await OpenSqliteReaderAsync(cancellation);
        var kept = false;
        try
        {
            var value = await read(new Session(reader, null, Dialect, _options.Mutated));
            kept = !_closed && _idleReaders.Count < ReadersKept;
            return value;
        }
        finally
        {
            if (kept)
            {
                _idleReaders.Add(reader);
            }
            else
            {
                await reader.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Writes in one transaction: committed when <paramref name="write"/> returns, rolled back when it throws or returns a
    /// refusal (a <see cref="Result{T}"/> with an error). Where two transactions waited for each other, the one that PostgreSQL ended runs again from its beginning:
    /// <paramref name="write"/> must leave no trace outside the transaction but by <see cref="Tx.AfterCommit"/>.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<Tx, Task<T>> write, CancellationToken cancellation, WriteTurn turn = WriteTurn.Waits) => (Engine, turn) switch
    {
        (Engine.Sqlite, _) => await WriteSqliteAsync(write, turn, cancellation),
        // What others were told in between cannot be run again.
        (_, WriteTurn.Held) => await WritePostgresAsync(tx => HoldAsync(tx, write, cancellation), cancellation),
        _ => await WritePostgresAgainAsync(write, cancellation),
    };

    /// <summary>A connection outside pool and transactions, for locks that last as long as their session (PostgreSQL only).</summary>
    public async Task<NpgsqlConnection> OpenDedicatedAsync(CancellationToken cancellation)
    {
        // The data source hides the password in what it gives back, so the text it was made of is kept.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgresConnection) { Pooling = false, KeepAlive = 1 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads all of it as it was at one moment, while others go on writing, on a connection of its own.</summary>
    internal async Task<T> SnapshotAsync<T>(Func<DbConnection, DbTransaction, Task<T>> read, CancellationToken cancellation)
    {
        if (_postgres is null)
        {
            await using var file = await OpenSqliteReaderAsync(cancellation);
            await using var moment = file.BeginTransaction(deferred: true);
            return await read(file, moment);
        }

        await using var connection = await OpenDedicatedAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (var command = new NpgsqlCommand("set transaction read only; set local idle_in_transaction_session_timeout = 0", connection, transaction))
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        return await read(connection, transaction);
    }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        while (_idleReaders.TryTake(out var reader))
        {
            await reader.DisposeAsync();
        }

        if (_write is not null)
        {
            await _write.DisposeAsync();
        }

        _writer.Dispose();
    }

    private async Task<T> HoldAsync<T>(Tx tx, Func<Tx, Task<T>> write, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(FormattableString.Invariant($"set local idle_in_transaction_session_timeout = {(long)_options.HeldIdleMax.TotalMilliseconds}"), null, cancellation);
        return await write(tx);
    }

    private async Task TakeTurnAsync(WriteTurn turn, CancellationToken cancellation)
    {
        if (turn == WriteTurn.Waits)
        {
            await _writer.WaitAsync(cancellation);
            return;
        }

        while (!await _writer.WaitAsync(_options.TurnMax, cancellation))
        {
            // A long row of short transactions comes to its end by itself; one in which each waits for a foreign lock first may take minutes.
            if (_held || _locked)
            {
                throw new DatabaseBusyException(_locked);
            }
        }
    }

    private async Task<T> WriteSqliteAsync<T>(Func<Tx, Task<T>> write, WriteTurn turn, CancellationToken cancellation)
    {
        Tx tx;
        T value;
        Tx.AssertNoneOf(this);
        await TakeTurnAsync(turn, cancellation);
        try
        {
            _held = turn == WriteTurn.Held;
            var connection = _write ??= await OpenSqliteWriterAsync(cancellation);
            await using var transaction = BeginSqlite(connection);
            tx = new Tx(connection, transaction, this);
            using (Tx.Enter(tx))
            {
                value = await write(tx);
            }

            if (value is IResult { Error: not null })
            {
                await transaction.RollbackAsync(CancellationToken.None);
                return value;
            }

            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            _held = false;
            _writer.Release();
        }

        Interlocked.Increment(ref _commits);
        tx.RunAfterCommit();
        return value;
    }

    private SqliteTransaction BeginSqlite(SqliteConnection connection)
    {
        try
        {
            var transaction = connection.BeginTransaction(deferred: false);
            _locked = false;
            return transaction;
        }
        catch (SqliteException e) when (Dialect.IsLocked(e))
        {
            _locked = true;
            throw;
        }
    }

    private async Task<T> WritePostgresAgainAsync<T>(Func<Tx, Task<T>> write, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await WritePostgresAsync(write, cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected && tries < DeadlockTries)
            {
                // All of it was rolled back, and the other one has gone on meanwhile.
                await Task.Delay(TimeSpan.FromMilliseconds(10 * tries), cancellation);
            }
        }
    }

    private async Task<T> WritePostgresAsync<T>(Func<Tx, Task<T>> write, CancellationToken cancellation)
    {
        Tx.AssertNoneOf(this);
        await using var connection = await _postgres!.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var pipeline = new PipelinedConnection(connection);
        var tx = new Tx(pipeline, transaction, this);
        T value;
        using (Tx.Enter(tx))
        {
            value = await write(tx);
        }

        if (value is IResult { Error: not null })
        {
            await transaction.RollbackAsync(CancellationToken.None);
            return value;
        }

        await pipeline.CommitAsync(transaction, cancellation);
        Interlocked.Increment(ref _commits);
        tx.RunAfterCommit();
        return value;
    }

    // The writer comes first: it makes the file.
    private async Task<SqliteConnection> OpenSqliteReaderAsync(CancellationToken cancellation)
    {
        if (_write is null)
        {
            await _writer.WaitAsync(cancellation);
            try
            {
                _write ??= await OpenSqliteWriterAsync(cancellation);
            }
            finally
            {
                _writer.Release();
            }
        }

        return await OpenSqliteAsync(_sqliteReads!, "pragma query_only=on;", cancellation);
    }

    private Task<SqliteConnection> OpenSqliteWriterAsync(CancellationToken cancellation)
    {
        MakeForOwnerOnly(Address.ConnectionString);
        return OpenSqliteAsync(_sqliteWrites!, "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on;", cancellation);
    }

    // SQLite would make the file for everybody to read, in a folder that may be anybody's; its log and index get the mode of the file.
    private static void MakeForOwnerOnly(string file)
    {
        if (OperatingSystem.IsWindows() || File.Exists(file))
        {
            return;
        }

        try
        {
            new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else has just made it, or SQLite will say why it cannot be made.
        }
    }

    private async Task<SqliteConnection> OpenSqliteAsync(string connectionString, string pragmas, CancellationToken cancellation)
    {
        var connection = new PreparingConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            // The busy time-out comes first: switching to WAL needs the lock as well.
            await PragmaAsync(connection, $"pragma busy_timeout={(int)_options.BusyTimeout.TotalMilliseconds}; {pragmas}", cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task PragmaAsync(SqliteConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new SqliteCommand { Connection = connection };
#pragma warning disable CA2100 // The text holds no input.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
