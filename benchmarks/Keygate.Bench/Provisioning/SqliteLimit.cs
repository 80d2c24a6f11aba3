using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Keygate.Bench.Provisioning;

/// <summary>The limit on SQLite: a loop over the same statements, prepared once, on one connection, each commit forced to the disk.</summary>
internal sealed class SqliteLimit : IDisposable
{
    private static readonly string[] Schema =
    [
        "create table orders(id integer primary key, customer integer, status text, created integer, version integer default 0)",
        "create table items(id integer primary key, order_id integer, kind text, status text, comment text, version integer default 0)", "create index items_order on items(order_id)",
        "create table licenses(id integer primary key, item_id integer, key_number text, class text, status text, expires text, payload blob, version integer default 0)",
        "create index licenses_key on licenses(key_number)", "create index licenses_status on licenses(status, id)",
        "create table work(id integer primary key, kind text, state text, run_at integer, step integer, owner integer, fence integer default 0, ref integer)",
        "create index work_ready on work(run_at) where state = 'ready'",
        "create table history(id integer primary key, subject integer, verb text, at integer, detail text)",
    ];

    // The five commits of limit-order.sql, in this engine's words; @o, @i, @l and @w are the rows' ids.
    private static readonly string[][] Commits =
    [
        [
            "insert into orders(customer, status, created) values (1, 'PR', @now) returning id",
            "insert into items(order_id, kind, status) values (@o, 'license', 'submitted') returning id",
            "insert into licenses(item_id, class, status) values (@i, 'PLESK_10', 'pending') returning id",
            "insert into work(kind, state, run_at, step, ref) values ('provision', 'ready', @now, 0, @i) returning id",
            "insert into history(subject, verb, at, detail) values (@o, 'placed', @now, '{}')",
        ],
        ["update work set state = 'running', fence = fence + 1, owner = 1 where id = @w and state = 'ready'"],
        [
            "update licenses set status = 'issued', key_number = 'PLSK.' || @l, expires = '2026-12-31', version = version + 1 where id = @l",
            "update work set step = step + 1 where id = @w and fence = 1",
            "insert into history(subject, verb, at, detail) values (@l, 'issued', @now, '{}')",
        ],
        [
            "update licenses set status = 'retrieved', payload = @file, version = version + 1 where id = @l",
            "update work set step = step + 1 where id = @w and fence = 1",
            "insert into history(subject, verb, at, detail) values (@l, 'retrieved', @now, '{}')",
        ],
        [
            "update licenses set status = 'installed', version = version + 1 where id = @l",
            "update items set status = 'done', version = version + 1 where id = @i",
            "update orders set status = 'CP', version = version + 1 where id = @o",
            "update work set state = 'done' where id = @w and fence = 1",
            "insert into history(subject, verb, at, detail) values (@l, 'installed', @now, '{}')",
        ],
    ];

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand[][] _commands;
    private readonly Dictionary<string, SqliteParameter> _given = [];

    public SqliteLimit(string file)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        _connection.Open();
        foreach (var sql in Schema.Prepend("pragma journal_mode = wal; pragma synchronous = full"))
        {
            Command(sql).ExecuteNonQuery();
        }

        foreach (var name in new[] { "@o", "@i", "@l", "@w", "@now", "@file" })
        {
            _given[name] = new SqliteParameter(name, name == "@file" ? new byte[1500] : 0L);
        }

        _commands = [.. Commits.Select(commit => commit.Select(Prepared).ToArray())];
    }

    /// <summary>Orders a second.</summary>
    public double Run(double seconds)
    {
        var watch = Stopwatch.StartNew();
        var done = 0;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            One();
            done++;
        }

        return done / watch.Elapsed.TotalSeconds;
    }

    public void Dispose()
    {
        foreach (var command in _commands.SelectMany(c => c))
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private void One()
    {
        foreach (var commit in _commands)
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            for (var i = 0; i < commit.Length; i++)
            {
                var command = commit[i];
                command.Transaction = transaction;
                foreach (SqliteParameter parameter in command.Parameters)
                {
                    parameter.Value = _given[parameter.ParameterName].Value;
                }

                var id = command.ExecuteScalar();
                if (commit == _commands[0] && i < 4)
                {
                    _given[i switch { 0 => "@o", 1 => "@i", 2 => "@l", _ => "@w" }].Value = id;
                }
            }

            transaction.Commit();
        }
    }

    private SqliteCommand Prepared(string sql)
    {
        var command = Command(sql);
        foreach (var name in _given.Keys.Where(name => System.Text.RegularExpressions.Regex.IsMatch(sql, name + @"\b", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1))))
        {
            command.Parameters.Add(new SqliteParameter(name, _given[name].Value));
        }

        command.Prepare();
        return command;
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of those above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
