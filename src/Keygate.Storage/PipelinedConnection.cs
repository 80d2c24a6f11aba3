using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Keygate.Storage;

/// <summary>
/// A PostgreSQL connection inside a transaction, on which statements that nobody waits for are kept back and travel with the next one that is
/// waited for: to ask the server takes longer than most of our statements run. Kept is what runs synchronously without rows
/// (<see cref="Tx.LaterAsync"/>); everything else is sent, behind what was kept.
/// </summary>
internal sealed class PipelinedConnection(NpgsqlConnection connection) : DbConnection
{
    private readonly List<Kept> _kept = [];

    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => throw new NotSupportedException();
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    private NpgsqlConnection Inner => connection;

    /// <summary>Says of the statement kept last whether it returns rows, and what is told of their number, or of the number that it touched.</summary>
    public void Tell(bool rows, Action<int>? touched) => _kept[^1] = _kept[^1] with { Rows = rows, Touched = touched };

    /// <summary>Sends what was kept, and waits for it.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_kept.Count > 0)
        {
            await using var batch = Batch(null, out var sent);
            await batch.ExecuteNonQueryAsync(cancellation);
            Told(sent);
        }
    }

    public override void Open() => throw new NotSupportedException();

    public override void Close() => connection.Close();

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

    protected override DbCommand CreateDbCommand() => new Pipelined(this);

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

    private sealed record Kept(NpgsqlBatchCommand Command, bool Rows, Action<int>? Touched);

    private sealed class Pipelined(PipelinedConnection pipeline) : DbCommand
    {
        private readonly NpgsqlCommand _given = new();
        private NpgsqlBatch? _batch;

        [AllowNull]
        public override string CommandText
        {
            get => _given.CommandText;
#pragma warning disable CA2100 // The text is the caller's, as with any command.
            set => _given.CommandText = value;
#pragma warning restore CA2100
        }

        public override int CommandTimeout
        {
            get => _given.CommandTimeout;
            set => _given.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => _given.CommandType;
            set => _given.CommandType = value;
        }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        // The mapper asks it what it can do: a list is one parameter here.
        protected override DbConnection? DbConnection
        {
            get => Connection;
            set => throw new NotSupportedException();
        }

        protected override DbParameterCollection DbParameterCollection => _given.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        private new NpgsqlConnection Connection => pipeline.Inner;

        public override void Cancel() => _given.Cancel();

        public override void Prepare()
        {
        }

        /// <summary>Keeps the statement; how many rows it touches is not known yet.</summary>
        public override int ExecuteNonQuery()
        {
            pipeline._kept.Add(new Kept(Moved(), Rows: false, null));
            return 0;
        }

        public override object? ExecuteScalar() => throw new NotSupportedException("A statement that is waited for is sent asynchronously.");

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            if (pipeline._kept.Count == 0)
            {
                _given.Connection = Connection;
                return await _given.ExecuteNonQueryAsync(cancellationToken);
            }

            var last = Moved();
            _batch = pipeline.Batch(last, out var sent);
            _batch.Timeout = CommandTimeout;
            await _batch.ExecuteNonQueryAsync(cancellationToken);
            Told(sent);
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
                _given.Connection = Connection;
                return await _given.ExecuteReaderAsync(behavior, cancellationToken);
            }

            // The reader stands at the first result that has rows, and there is more than one.
            _batch = pipeline.Batch(Moved(), out var sent);
            _batch.Timeout = CommandTimeout;
            var reader = await _batch.ExecuteReaderAsync(behavior & ~(CommandBehavior.SingleResult | CommandBehavior.SingleRow), cancellationToken);
            try
            {
                foreach (var _ in sent.Where(kept => kept.Rows))
                {
                    await reader.NextResultAsync(cancellationToken);
                }

                Told(sent);
                return reader;
            }
            catch
            {
                await reader.DisposeAsync();
                throw;
            }
        }

        protected override DbParameter CreateDbParameter() => _given.CreateParameter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _batch?.Dispose();
                _given.Dispose();
            }

            base.Dispose(disposing);
        }

        // A parameter belongs to one collection.
        private NpgsqlBatchCommand Moved()
        {
            var parameters = _given.Parameters.ToArray();
            _given.Parameters.Clear();
#pragma warning disable CA2100 // The text is the caller's, as with any command.
            var command = new NpgsqlBatchCommand(CommandText);
#pragma warning restore CA2100
            command.Parameters.AddRange(parameters);
            return command;
        }
    }
}
