using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Keygate.Storage;

/// <summary>
/// A PostgreSQL connection on which statements that nobody waits for yet are kept back and travel with the next one that is waited for, or with
/// the commit: to ask the server takes longer than most of our statements run. Kept is what runs synchronously
/// (<see cref="Tx.LaterAsync"/>, <see cref="Session.Ask"/>); everything else is sent, behind what was kept.
/// </summary>
internal sealed class PipelinedConnection(NpgsqlConnection connection) : DbConnection
{
    private readonly List<Kept> _kept = [];

    /// <summary>The engine only: the mapper keeps what it has made of a statement by this text, and the statements are the same in every database.</summary>
    [AllowNull]
    public override string ConnectionString
    {
        get => nameof(Engine.PostgreSql);
        set => throw new NotSupportedException();
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    private NpgsqlConnection Inner => connection;

    /// <summary>Says of the statement kept last what is done with its rows, or told of their number, or of the number that it touched.</summary>
    public void Say(Func<Kept, Kept> say)
    {
        var kept = _kept[^1] = say(_kept[^1]);
        if (kept.Otherwise is not null)
        {
            kept.Command.CommandText = OneOrNone(kept.Command.CommandText);
        }
    }

    /// <summary>Sends what was kept, and waits for it.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_kept.Count > 0)
        {
            await using var batch = Batch(null, out var sent);
            await RunAsync(batch, sent, cancellation);
        }
    }

    /// <summary>
    /// Commits. What was kept goes the same way where the server itself finds out whether it did what it was to do; else it is waited for first.
    /// </summary>
    public async Task CommitAsync(DbTransaction transaction, CancellationToken cancellation)
    {
        if (_kept.Exists(kept => kept.IsHeard))
        {
            await FlushAsync(cancellation);
        }

        // Once the commit is sent it can't be taken back, so it isn't cancelled either. Where a statement before it fails, the server passes it over.
        if (_kept.Count == 0)
        {
            await transaction.CommitAsync(CancellationToken.None);
            return;
        }

        await using var batch = Batch(new NpgsqlBatchCommand("commit"), out var sent);
        await RunAsync(batch, sent, CancellationToken.None);
    }

    public override void Open() => throw new NotSupportedException();

    public override void Close() => connection.Close();

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

    protected override DbCommand CreateDbCommand() => new Pipelined(this);

    // Dividing by the number of its rows makes the server refuse a statement that touched none, and all that comes behind it.
    private static string OneOrNone(string sql) => $"with touched as ({sql} returning 1) select 1 / count(*) from touched";

    private static async Task RunAsync(NpgsqlBatch batch, Kept[] sent, CancellationToken cancellation)
    {
        if (!Array.Exists(sent, kept => kept.Read is not null))
        {
            try
            {
                await batch.ExecuteNonQueryAsync(cancellation);
            }
            catch (PostgresException e)
            {
                ThrowOtherwise(e, sent);
                throw;
            }

            Told(sent);
            return;
        }

        await using var reader = await ReadAsync(batch, sent, CommandBehavior.Default, cancellation);
        while (await reader.NextResultAsync(cancellation))
        {
        }
    }

    // The reader stands at the first result that has rows, and there may be more than one before that of the statement that is waited for.
    private static async Task<DbDataReader> ReadAsync(NpgsqlBatch batch, Kept[] sent, CommandBehavior behavior, CancellationToken cancellation)
    {
        NpgsqlDataReader? reader = null;
        try
        {
            reader = await batch.ExecuteReaderAsync(behavior & ~(CommandBehavior.SingleResult | CommandBehavior.SingleRow), cancellation);
            foreach (var kept in sent)
            {
                if (kept.Read is { } read)
                {
                    await read(reader, cancellation);
                }

                if (kept.HasRows)
                {
                    await reader.NextResultAsync(cancellation);
                }
            }

            Told(sent);
            return reader;
        }
        catch (Exception e)
        {
            if (reader is not null)
            {
                await reader.DisposeAsync();
            }

            ThrowOtherwise(e, sent);
            throw;
        }
    }

    private static void ThrowOtherwise(Exception e, Kept[] sent)
    {
        if (e is PostgresException { SqlState: PostgresErrorCodes.DivisionByZero } refused && Array.Find(sent, kept => kept.Command == refused.BatchCommand)?.Otherwise is { } otherwise)
        {
            throw otherwise();
        }
    }

    private NpgsqlBatch Batch(NpgsqlBatchCommand? last, out Kept[] sent)
    {
        var batch = new NpgsqlBatch(connection);
        sent = [.. _kept];
        _kept.Clear();
        foreach (var kept in sent)
        {
            batch.BatchCommands.Add(kept.Command);
        }

        if (last is not null)
        {
            batch.BatchCommands.Add(last);
        }

        return batch;
    }

    private static void Told(Kept[] sent) => Array.ForEach(sent, kept => kept.Touched?.Invoke((int)kept.Command.Rows));

    /// <summary>A statement that was kept back.</summary>
    /// <param name="Command">The statement.</param>
    internal sealed record Kept(NpgsqlBatchCommand Command)
    {
        /// <summary>Told how many rows it touched or gave.</summary>
        public Action<int>? Touched { get; init; }

        /// <summary>Reads its rows.</summary>
        public Func<DbDataReader, CancellationToken, Task>? Read { get; init; }

        /// <summary>It must touch a row; what is thrown where it doesn't.</summary>
        public Func<Exception>? Otherwise { get; init; }

        /// <summary>It is a select for its lock alone.</summary>
        public bool Locks { get; init; }

        public bool HasRows => Locks || Read is not null || Otherwise is not null;

        public bool IsHeard => Touched is not null || Read is not null;
    }

    private sealed class Pipelined(PipelinedConnection pipeline) : StandInCommand<NpgsqlCommand>(pipeline.Inner)
    {
        private NpgsqlBatch? _batch;

        public override void Cancel() => Given.Cancel();

        /// <summary>Keeps the statement; how many rows it touches is not known yet.</summary>
        public override int ExecuteNonQuery()
        {
            pipeline._kept.Add(new Kept(Moved()));
            return 0;
        }

        public override object? ExecuteScalar() => throw new NotSupportedException("A statement that is waited for is sent asynchronously.");

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            if (pipeline._kept.Count == 0)
            {
                Given.Connection = pipeline.Inner;
                return await Given.ExecuteNonQueryAsync(cancellationToken);
            }

            var last = Moved();
            _batch = pipeline.Batch(last, out var sent);
            _batch.Timeout = CommandTimeout;
            await RunAsync(_batch, sent, cancellationToken);
            return last.RecordsAffected;
        }

        public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
        {
            await using var reader = await ExecuteDbDataReaderAsync(CommandBehavior.Default, cancellationToken);
            return await reader.ReadAsync(cancellationToken) && reader.FieldCount > 0 ? reader.GetValue(0) : null;
        }

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException("A statement that is waited for is sent asynchronously.");

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
        {
            if (pipeline._kept.Count == 0)
            {
                Given.Connection = pipeline.Inner;
                return await Given.ExecuteReaderAsync(behavior, cancellationToken);
            }

            _batch = pipeline.Batch(Moved(), out var sent);
            _batch.Timeout = CommandTimeout;
            return await ReadAsync(_batch, sent, behavior, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _batch?.Dispose();
            }

            base.Dispose(disposing);
        }

        // A parameter belongs to one collection.
        private NpgsqlBatchCommand Moved()
        {
            var parameters = Given.Parameters.ToArray();
            Given.Parameters.Clear();
#pragma warning disable CA2100 // The text is the caller's, as with any command.
            var command = new NpgsqlBatchCommand(CommandText);
#pragma warning restore CA2100
            command.Parameters.AddRange(parameters);
            return command;
        }
    }
}
