using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Keygate.Storage;

/// <summary>Loads tables into an empty schema, in one transaction; references are checked when all are there.</summary>
internal abstract class TableLoader(Database database, DbConnection connection, DbTransaction transaction, long jump)
{
    protected DbConnection Connection => connection;

    protected DbTransaction Transaction => transaction;

    /// <summary>Loads into the database that a transaction is open on, and commits.</summary>
    public static async Task<T> LoadAsync<T>(Database database, long jump, Func<TableLoader, Task<T>> load, CancellationToken cancellation)
    {
        if (database.Engine == Engine.Sqlite)
        {
            return await database.WriteAsync(async tx =>
            {
                await tx.ExecuteAsync("pragma defer_foreign_keys = on", null, cancellation);
                var file = new SqliteLoader(database, tx.Connection, tx.Transaction!, jump);
                await file.EmptyAsync(cancellation);
                return await load(file);
            }, cancellation);
        }

        await using var connection = await database.OpenDedicatedAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await TableCatalog.RunAsync(connection, transaction, "set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0", cancellation);
        var references = await TableCatalog.TextsAsync(connection, transaction,
            $"select conrelid::regclass || ' ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and connamespace = '\"{database.Address.Schema}\"'::regnamespace", cancellation);
        foreach (var reference in references.Select(r => r.Split(' ', 3)))
        {
            await TableCatalog.RunAsync(connection, transaction, $"alter table {reference[0]} drop constraint {reference[1]}", cancellation);
        }

        var loader = new PostgresLoader(database, connection, transaction, jump);
        await loader.EmptyAsync(cancellation);
        var loaded = await load(loader);
        foreach (var reference in references.Select(r => r.Split(' ', 3)))
        {
            await TableCatalog.RunAsync(connection, transaction, $"alter table {reference[0]} add constraint {reference[1]} {reference[2]}", cancellation);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return loaded;
    }

    /// <summary>Loads a table, and sets its sequence ahead of what it ever gave.</summary>
    public async Task LoadAsync(SavedTable table, IEnumerable<object[]> rows, CancellationToken cancellation)
    {
        var columns = await TableCatalog.ColumnsAsync(connection, transaction, database, table.Name, cancellation);
        var types = table.Columns.Select(c => columns.Find(have => have.Name == c).Type ?? throw new InvalidDataException($"The table {table.Name} has no column {c} here.")).ToList();
        await RowsAsync(table, types, rows, cancellation);
        if (table.Last is { } last && await TableCatalog.SequenceAsync(connection, transaction, database, table.Name, cancellation) is var (given, sequence))
        {
            await SetSequenceAsync(sequence, Math.Max(last, given) + jump, cancellation);
        }
    }

    protected abstract Task RowsAsync(SavedTable table, IReadOnlyList<string> types, IEnumerable<object[]> rows, CancellationToken cancellation);

    protected abstract Task SetSequenceAsync(string sequence, long last, CancellationToken cancellation);

    // Migrations write rows of their own; the backup has them as they became.
    private async Task EmptyAsync(CancellationToken cancellation)
    {
        foreach (var table in await TableCatalog.TablesAsync(connection, transaction, database, cancellation))
        {
            await TableCatalog.RunAsync(connection, transaction, $"delete from \"{table}\"", cancellation);
        }
    }

    private sealed class SqliteLoader(Database database, DbConnection connection, DbTransaction transaction, long jump) : TableLoader(database, connection, transaction, jump)
    {
        protected override async Task RowsAsync(SavedTable table, IReadOnlyList<string> types, IEnumerable<object[]> rows, CancellationToken cancellation)
        {
            await using var command = TableCatalog.Command(Connection, Transaction,
                $"insert into \"{table.Name}\"({string.Join(", ", table.Columns.Select(c => $"\"{c}\""))}) values ({string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"))})");
            var parameters = table.Columns.Select((_, i) => new SqliteParameter($"@p{i}", DBNull.Value)).ToList();
            parameters.ForEach(p => command.Parameters.Add(p));
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                {
                    parameters[i].Value = row[i];
                }

                await command.ExecuteNonQueryAsync(cancellation);
            }
        }

        protected override async Task SetSequenceAsync(string sequence, long last, CancellationToken cancellation)
        {
            await TableCatalog.RunAsync(Connection, Transaction, $"delete from sqlite_sequence where name = '{sequence}'", cancellation);
            await TableCatalog.RunAsync(Connection, Transaction, FormattableString.Invariant($"insert into sqlite_sequence(name, seq) values ('{sequence}', {last})"), cancellation);
        }
    }

    private sealed class PostgresLoader(Database database, NpgsqlConnection connection, DbTransaction transaction, long jump) : TableLoader(database, connection, transaction, jump)
    {
        protected override async Task RowsAsync(SavedTable table, IReadOnlyList<string> types, IEnumerable<object[]> rows, CancellationToken cancellation)
        {
            var kinds = types.Select(t => t switch
            {
                "int2" => NpgsqlDbType.Smallint,
                "int4" => NpgsqlDbType.Integer,
                "int8" => NpgsqlDbType.Bigint,
                "bool" => NpgsqlDbType.Boolean,
                "bytea" => NpgsqlDbType.Bytea,
                "text" => NpgsqlDbType.Text,
                "float8" => NpgsqlDbType.Double,
                _ => throw new InvalidOperationException($"A column of {table.Name} has the type {t}, which no migration has a word for."),
            }).ToList();
            await using var copy = await ((NpgsqlConnection)Connection).BeginBinaryImportAsync(
                $"copy \"{table.Name}\"({string.Join(", ", table.Columns.Select(c => $"\"{c}\""))}) from stdin (format binary)", cancellation);
            copy.Timeout = TimeSpan.FromHours(1);
            foreach (var row in rows)
            {
                await copy.StartRowAsync(cancellation);
                for (var i = 0; i < row.Length; i++)
                {
                    await (row[i] is DBNull ? copy.WriteNullAsync(cancellation)
                        : kinds[i] == NpgsqlDbType.Boolean ? copy.WriteAsync((long)row[i] != 0, NpgsqlDbType.Boolean, cancellation)
                        : kinds[i] == NpgsqlDbType.Integer ? copy.WriteAsync(checked((int)(long)row[i]), NpgsqlDbType.Integer, cancellation)
                        : kinds[i] == NpgsqlDbType.Smallint ? copy.WriteAsync(checked((short)(long)row[i]), NpgsqlDbType.Smallint, cancellation)
                        : copy.WriteAsync(row[i], kinds[i], cancellation));
                }
            }

            await copy.CompleteAsync(cancellation);
        }

        protected override Task SetSequenceAsync(string sequence, long last, CancellationToken cancellation) =>
            TableCatalog.RunAsync(Connection, Transaction, FormattableString.Invariant($"select setval('{sequence.Replace("'", "''", StringComparison.Ordinal)}', {last})"), cancellation);
    }
}
