using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Keygate.Storage;

/// <summary>
/// A SQLite connection that keeps its statements prepared. The driver compiles a command's text anew each time, which takes longer than most of
/// our statements run. Not thread-safe, as the driver's connections aren't.
/// </summary>
internal sealed class PreparingConnection(string connectionString) : SqliteConnection(connectionString)
{
    // The rooms have a few hundred texts; the bound is for texts that are put together from what somebody filters by.
    private const int KeptMax = 500;

    private readonly Dictionary<string, SqliteCommand> _kept = new(StringComparer.Ordinal);

    /// <summary>The engine only: the mapper keeps what it has made of a statement by this text, and the statements are the same in every database.</summary>
    [AllowNull]
    public override string ConnectionString
    {
        get => nameof(Engine.Sqlite);
        set => base.ConnectionString = value;
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var command in _kept.Values)
            {
                command.Dispose();
            }

            _kept.Clear();
        }

        base.Dispose(disposing);
    }

    // One that is in use is not kept at that time, so the same text may be asked for while its rows are still read.
    private SqliteCommand Take(string text)
    {
        if (_kept.Remove(text, out var kept))
        {
            return kept;
        }

        var command = CreateCommand();
#pragma warning disable CA2100 // The text is the caller's, as with any command.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }

    private void Keep(SqliteCommand command)
    {
        command.Parameters.Clear();
        command.Transaction = null;
        if (_kept.Count >= KeptMax || !_kept.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    /// <summary>A command as callers see it: when it runs it borrows the prepared one of its text, and gives it back when it is disposed.</summary>
    private sealed class PreparedCommand(PreparingConnection connection) : StandInCommand<SqliteCommand>(connection)
    {
        // A text with a list is written anew once its parameters are there, so which one comes out is known only when it runs.
        private SqliteCommand? _borrowed;

        public override void Cancel() => _borrowed?.Cancel();

        // It runs all statements of its text, each after the one before: a migration's tables are there when their indexes are compiled.
        public override int ExecuteNonQuery() => Run(command => command.ExecuteNonQuery());

        public override object? ExecuteScalar() => Run(command =>
        {
            command.Prepare();
            return command.ExecuteScalar();
        });

        // A reader that is closed after its last row never comes to the end of the text, after which alone the driver takes it for prepared.
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Run(command =>
        {
            command.Prepare();
            return command.ExecuteReader(behavior);
        });

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                GiveBack();
            }

            base.Dispose(disposing);
        }

        private T Run<T>(Func<SqliteCommand, T> run)
        {
            GiveBack();
            var command = connection.Take(CommandText);
            foreach (SqliteParameter parameter in Given.Parameters)
            {
                command.Parameters.Add(parameter);
            }

            (command.Transaction, command.CommandTimeout) = ((SqliteTransaction?)DbTransaction, CommandTimeout);
            try
            {
                var result = run(command);
                _borrowed = command;
                return result;
            }
            catch
            {
                // One that failed half-way is not worth finding out what state it is in.
                command.Dispose();
                throw;
            }
        }

        private void GiveBack()
        {
            if (_borrowed is { } command)
            {
                _borrowed = null;
                connection.Keep(command);
            }
        }
    }
}
