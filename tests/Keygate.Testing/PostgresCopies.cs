using System.Collections.Concurrent;
using System.Reflection;
using Npgsql;

namespace Keygate.Testing;

/// <summary>
/// Migrated databases of the throw-away PostgreSQL, each for one test at a time. The first of a kind are copies of one that was migrated once; later ones are those
/// that tests have given back, emptied: hundreds of files are made and removed for a copy, which took the tests a tenth of their time.
/// </summary>
internal sealed class PostgresCopies(Postgres postgres, Func<string, Assembly[], Task> migrateAsync)
{
    // What a copy must be like to be used again: the tables and columns that its template has, and nobody connected.
    private const string Shape =
        """
        select md5(coalesce(string_agg(c.relname || ' ' || a.attname || ' ' || a.atttypid, ',' order by c.relname, a.attnum), ''))
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where n.nspname = 'keygate' and c.relkind in ('r', 'i', 'S') and not a.attisdropped
        """;

    private const string Others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";

    private readonly ConcurrentDictionary<string, Lazy<Task<Kind>>> _kinds = new(StringComparer.Ordinal);

    /// <summary>The name of a database with the migrations of these rooms' assemblies in the schema <c>keygate</c>, and no more than they put there.</summary>
    public async Task<string> TakeAsync(Assembly[] rooms)
    {
        var kind = await KindAsync(rooms);
        if (kind.Free.TryTake(out var free))
        {
            return free;
        }

        var copy = TestDatabase.NewName();
        await postgres.ExecuteAsync($"create database {copy} template {kind.Template}");
        return copy;
    }

    /// <summary>Takes a database back: emptied where it is as it was, removed where a test has changed it or somebody is still connected.</summary>
    public async Task GiveBackAsync(string copy, Assembly[] rooms)
    {
        var kind = await KindAsync(rooms);
        if (await EmptyAsync(copy, kind))
        {
            kind.Free.Add(copy);
        }
        else
        {
            await postgres.ExecuteAsync($"drop database {copy} with (force)");
        }
    }

    private Task<Kind> KindAsync(Assembly[] rooms) => _kinds.GetOrAdd(string.Join(' ', rooms.Select(r => r.GetName().Name)), _ => new(async () =>
    {
        var template = TestDatabase.NewName();
        await postgres.ExecuteAsync($"create database {template}");
        await migrateAsync(template, rooms);
        await using var connection = await OpenAsync(template);
        var emptied = new List<string>();
        foreach (var table in await NamesAsync(connection, "select tablename from pg_tables where schemaname = 'keygate' order by tablename"))
        {
            emptied.Add($"delete from keygate.{table}");
            if (await ScalarAsync<bool>(connection, $"select exists (select 1 from keygate.{table})"))
            {
                await ScalarAsync<object>(connection, $"create schema if not exists kept; create table kept.{table} as select * from keygate.{table}");
                emptied.Add($"insert into keygate.{table} overriding system value select * from kept.{table}");
            }
        }

        foreach (var sequence in await NamesAsync(connection, "select sequencename from pg_sequences where schemaname = 'keygate'"))
        {
            emptied.Add(await ScalarAsync<string>(connection, $"select format('select setval(''keygate.{sequence}'', %s, %L)', last_value, is_called) from keygate.{sequence}"));
        }

        // Foreign keys need no order then.
        return new Kind(template, await ScalarAsync<string>(connection, Shape), $"set session_replication_role = replica; {string.Join("; ", emptied)}");
    })).Value;

    private async Task<bool> EmptyAsync(string copy, Kind kind)
    {
        await using var connection = await OpenAsync(copy);
        for (var looks = 0; await ScalarAsync<long>(connection, Others) > 0; looks++)
        {
            // A connection that was closed is gone a little later.
            if (looks == 20)
            {
                return false;
            }

            await Task.Delay(10);
        }

        if (await ScalarAsync<string>(connection, Shape) != kind.Shape)
        {
            return false;
        }

        await ScalarAsync<object>(connection, kind.Emptying);
        return true;
    }

    private async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={postgres.Port};Username=keygate;Database={database};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Names of our own tables.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string[]> NamesAsync(NpgsqlConnection connection, string sql) => await ScalarAsync<string[]>(connection, $"select array({sql})");

    private sealed record Kind(string Template, string Shape, string Emptying)
    {
        public ConcurrentBag<string> Free { get; } = [];
    }
}
