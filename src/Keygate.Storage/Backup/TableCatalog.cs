using System.Data.Common;

namespace Keygate.Storage;

/// <summary>What tables a database has, asked in each engine's way.</summary>
internal static class TableCatalog
{
    /// <summary>Names of the tables, but for those that say how the database came about.</summary>
    public static async Task<List<string>> TablesAsync(DbConnection connection, DbTransaction? transaction, Database database, CancellationToken cancellation) =>
        await TextsAsync(connection, transaction, database.Engine == Engine.Sqlite
            ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not in ('migrations', 'restores') order by name"
            : $"select tablename from pg_tables where schemaname = '{database.Address.Schema}' and tablename not in ('migrations', 'restores') order by tablename", cancellation);

    /// <summary>Columns with their types' names, in their order.</summary>
    public static async Task<List<(string Name, string Type)>> ColumnsAsync(DbConnection connection, DbTransaction? transaction, Database database, string table, CancellationToken cancellation)
    {
        var texts = await TextsAsync(connection, transaction, database.Engine == Engine.Sqlite
            ? $"select name || ' ' || type from pragma_table_info('{table}') order by cid"
            : $"select column_name || ' ' || udt_name from information_schema.columns where table_schema = '{database.Address.Schema}' and table_name = '{table}' order by ordinal_position", cancellation);
        return [.. texts.Select(t => (t[..t.IndexOf(' ', StringComparison.Ordinal)], t[(t.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];
    }

    /// <summary>The last number that the table's sequence gave, and the sequence itself; null where it has none.</summary>
    public static async Task<(long Last, string Sequence)?> SequenceAsync(DbConnection connection, DbTransaction? transaction, Database database, string table, CancellationToken cancellation)
    {
        if (database.Engine == Engine.Sqlite)
        {
            var makes = await TextsAsync(connection, transaction, $"select sql from sqlite_master where type = 'table' and name = '{table}'", cancellation);
            if (makes is not [var make] || !make.Contains("autoincrement", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            var last = await TextsAsync(connection, transaction, $"select cast(seq as text) from sqlite_sequence where name = '{table}'", cancellation);
            return (last is [var seq] ? long.Parse(seq, System.Globalization.CultureInfo.InvariantCulture) : 0, table);
        }

        var sequence = await TextsAsync(connection, transaction,
            $"select coalesce(pg_get_serial_sequence('\"{database.Address.Schema}\".\"{table}\"', 'id'), '') from information_schema.columns where table_schema = '{database.Address.Schema}' and table_name = '{table}' and column_name = 'id'", cancellation);
        if (sequence is not [{ Length: > 0 } name])
        {
            return null;
        }

        var given = await TextsAsync(connection, transaction, $"select (case when is_called then last_value else last_value - 1 end)::text from {name}", cancellation);
        return (long.Parse(given[0], System.Globalization.CultureInfo.InvariantCulture), name);
    }

    public static async Task<List<string>> TextsAsync(DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellation)
    {
        await using var command = Command(connection, transaction, sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    public static async Task RunAsync(DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellation)
    {
        await using var command = Command(connection, transaction, sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names come from the database's own catalog of tables that our migrations made.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = transaction;
        command.CommandTimeout = 3600;
        return command;
    }
}
