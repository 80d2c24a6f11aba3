using System.Data.Common;
using System.Net.Sockets;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class DatabaseTests
{
    [Fact]
    public async Task A_file_is_for_its_owner_only_whatever_the_folder_is_and_so_is_its_log()
    {
        await using var test = await MadeAsync(Engine.Sqlite);
        await test.Database.WriteAsync(tx => AddAsync(tx, "kept"), default);

        foreach (var file in new[] { "", "-wal", "-shm" }.Select(end => test.Database.Address.ConnectionString + end))
        {
            (OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)).ShouldBeTrue(file);
        }
    }

    [Fact]
    public async Task Somebody_who_waits_behind_work_is_told_soon_that_another_program_keeps_the_file_locked()
    {
        await using var test = await MadeAsync(Engine.Sqlite);
        await using var ours = Database.At(test.Database.Address, new DatabaseOptions { BusyTimeout = TimeSpan.FromMilliseconds(100), TurnMax = TimeSpan.FromMilliseconds(100) });
        List<Task<Exception?>> work;
        await using (var other = new SqliteConnection($"Data Source={test.Database.Address.ConnectionString};Pooling=false"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var begin = other.CreateCommand();
            begin.CommandText = "begin immediate";
            await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            work = [.. Enumerable.Range(0, 20).Select(i => Record.ExceptionAsync(() => Task.Run(() => ours.WriteAsync(tx => AddAsync(tx, $"work {i}"), default))).AsTask())];

            var told = await Record.ExceptionAsync(() => ours.WriteAsync(tx => AddAsync(tx, "door"), default, WriteTurn.AtDoor));

            StorageFaults.Of(told!).ShouldBe(StorageErrors.Locked);
            work.Exists(w => !w.IsCompleted).ShouldBeTrue("The work behind which it waited is still waiting.");
        }

        (await Task.WhenAll(work)).Count(e => e is null).ShouldBe((await AllAsync(test)).Count);
    }

    [Theory, BothEngines]
    public async Task A_transaction_that_throws_leaves_nothing(Engine engine)
    {
        await using var test = await MadeAsync(engine);

        await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync<int>(async tx =>
        {
            await AddAsync(tx, "lost");
            throw new InvalidOperationException();
        }, default));

        (await AllAsync(test)).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_transaction_that_is_refused_leaves_nothing_and_tells_nobody(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        var told = false;

        var result = await test.Database.WriteAsync<Result<Done>>(async tx =>
        {
            tx.AfterCommit(() => told = true);
            await AddAsync(tx, "lost");
            return StorageErrors.FolderInUse;
        }, default);

        result.Error.ShouldBe(StorageErrors.FolderInUse);
        told.ShouldBeFalse();
        (await AllAsync(test)).ShouldBeEmpty();
        test.Database.Commits.ShouldBe(await CommitsOfMakingAsync(engine));
    }

    [Theory, BothEngines]
    public async Task What_hangs_on_the_commit_runs_once_it_is_visible_in_the_order_it_was_hung(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        var told = new List<string>();
        Task<List<string>>? seen = null;

        await test.Database.WriteAsync(async tx =>
        {
            tx.AfterCommit(() => seen = AllAsync(test));
            tx.AfterCommit(() => told.Add("first"));
            tx.AfterCommit(() => told.Add("second"));
            await AddAsync(tx, "kept");
            told.ShouldBeEmpty();
            return 0;
        }, default);

        told.ShouldBe(["first", "second"]);
        (await seen!).ShouldBe(["kept"]);
    }

    [Theory, BothEngines]
    public async Task A_cancelled_transaction_leaves_nothing_and_the_next_one_works(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        using var cancel = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() => test.Database.WriteAsync(async tx =>
        {
            await AddAsync(tx, "lost");
            await cancel.CancelAsync();
            return await tx.ExecuteAsync("insert into things(name) values ('never')", null, cancel.Token);
        }, cancel.Token));

        await test.Database.WriteAsync(tx => AddAsync(tx, "kept"), default);
        (await AllAsync(test)).ShouldBe(["kept"]);
    }

    [Theory, BothEngines]
    public async Task A_transaction_inside_another_of_the_same_database_is_refused_at_once(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await using var other = await MadeAsync(engine);

        var nested = await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(
            _ => other.Database.WriteAsync(_ => test.Database.WriteAsync(tx => AddAsync(tx, "never"), default), default), default).WaitAsync(TimeSpan.FromSeconds(10)));

        nested.Message.ShouldContain("inside another");
        (await test.Database.WriteAsync(_ => other.Database.WriteAsync(tx => AddAsync(tx, "kept"), default), default)).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task An_outside_call_inside_a_transaction_is_refused(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        Tx.AssertNone();

        await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(async _ =>
        {
            await Task.Yield();
            Tx.AssertNone();
            return 0;
        }, default));

        Tx.AssertNone();
    }

    [Theory, BothEngines]
    public async Task Many_writers_and_readers_at_once_lose_nothing(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => AddAsync(tx, "count"), default);

        var writers = Enumerable.Range(0, 40).Select(_ => Task.Run(() => test.Database.WriteAsync(async tx =>
        {
            var n = await tx.GetAsync<int>($"select n from things where name = 'count'{tx.Dialect.ForUpdate}", null, default);
            return await tx.ExecuteAsync("update things set n = @n where name = 'count'", new { n = n + 1 }, default);
        }, default)));
        var readers = Enumerable.Range(0, 40).Select(_ => Task.Run(() => AllAsync(test)));
        await Task.WhenAll(writers.Cast<Task>().Concat(readers));

        (await test.Database.ReadAsync(s => s.GetAsync<int>("select n from things where name = 'count'", null, default), default)).ShouldBe(40);
    }

    [Theory, BothEngines]
    public async Task Values_come_back_as_they_went_in(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(tx.Dialect.Expand(
            "create table kinds (id {id}, at {time} not null, later {time}, day {date} not null, yes {bool} not null, body {bytes} not null, large {long} not null, text {text} not null)"), null, default), default);
        var given = new Kinds
        {
            At = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 123, TimeSpan.FromHours(2)),
            Day = new DateOnly(2024, 2, 29),
            Yes = true,
            Body = [0, 255, 7],
            Large = long.MaxValue,
            Text = "ümläut 中 🙂 'quoted'",
        };

        var id = await test.Database.WriteAsync(tx => tx.InsertAsync(
            "insert into kinds(at, later, day, yes, body, large, text) values (@At, @Later, @Day, @Yes, @Body, @Large, @Text) returning id", given, default), default);
        var read = (await test.Database.ReadAsync(s => s.FindAsync<Kinds>("select at, later, day, yes, body, large, text from kinds where id = @id", new { id }, default), default))!;

        read.At.ShouldBe(given.At);
        read.At.Offset.ShouldBe(TimeSpan.Zero);
        read.Later.ShouldBeNull();
        (read.Day, read.Yes, read.Large, read.Text).ShouldBe((given.Day, given.Yes, given.Large, given.Text));
        read.Body.ShouldBe(given.Body);
    }

    [Theory, BothEngines]
    public async Task Text_sorts_by_code_point_and_lists_are_matched_alike(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(async tx =>
        {
            foreach (var name in (string[])["b", "Z", "a", "é", "_"])
            {
                await AddAsync(tx, name);
            }

            return 0;
        }, default);

        (await test.Database.ReadAsync(s => s.QueryAsync<string>("select name from things order by name", null, default), default)).ShouldBe(["Z", "_", "a", "b", "é"]);
        (await test.Database.ReadAsync(s => s.QueryAsync<string>($"select name from things where name {s.Dialect.AnyOf("names")} order by name", new { names = (string[])["a", "b", "c"] }, default), default))
            .ShouldBe(["a", "b"]);
        (await test.Database.ReadAsync(s => s.QueryAsync<string>($"select name from things where id {s.Dialect.AnyOf("ids")}", new { ids = Array.Empty<long>() }, default), default)).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_prepared_statement_takes_new_values_lists_of_other_lengths_and_a_changed_table(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(async tx => await AddAsync(tx, "a") + await AddAsync(tx, "b") + await AddAsync(tx, "c"), default);
        var sql = $"select name from things where name {test.Database.Dialect.AnyOf("names")} and name <> @but and not name {test.Database.Dialect.AnyOf("others")} order by name";

        for (var round = 0; round < 4; round++)
        {
            (await AskAsync(["a", "b", "c"], "b", ["x"])).ShouldBe(["a", "c"]);
            (await AskAsync(["c"], "b", ["x", "y"])).ShouldBe(["c"]);
            (await AskAsync(["a", "c"], "x", ["a"])).ShouldBe(["c"]);
            await CatchAsync(() => test.Database.WriteAsync(tx => AddAsync(tx, "a"), default));
            await test.Database.WriteAsync(tx => tx.ExecuteAsync($"alter table things add column more{round} integer", null, default), default);
        }

        Task<List<string>> AskAsync(string[] names, string but, string[] others) => test.Database.ReadAsync(s => s.QueryAsync<string>(sql, new { names, but, others }, default), default);
    }

    [Theory, BothEngines]
    public async Task What_is_written_later_is_seen_by_the_next_question_in_order_and_committed(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        var touched = new List<int>();

        await test.Database.WriteAsync(async tx =>
        {
            await LaterAsync(tx, "a");
            await tx.LaterAsync("update things set n = 1 where name = 'a'", null, default, touched.Add);
            await tx.LaterAsync("update things set n = 2 where name = 'none'", null, default, touched.Add);
            (await tx.GetAsync<long>("insert into things(name, n) values ('b', 7) returning (select n from things where name = 'a')", null, default)).ShouldBe(1);
            touched.ShouldBe([1, 0]);
            await LaterAsync(tx, "c");
            (await tx.ExecuteAsync("update things set n = 9 where name in ('a', 'c')", null, default)).ShouldBe(2);
            await LaterAsync(tx, "d");
            (await tx.QueryAsync<string>("select name from things order by id", null, default)).ShouldBe(["a", "b", "c", "d"]);
            await LaterAsync(tx, "e");
            return 0;
        }, default);

        (await AllAsync(test)).ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Theory, BothEngines]
    public async Task What_is_locked_later_is_told_before_the_next_answer(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => LaterAsync(tx, "a", "b"), default);
        var told = new List<int>();

        await test.Database.WriteAsync(async tx =>
        {
            await tx.LockLaterAsync($"select id from things where name = 'a'{tx.Dialect.ForUpdate}", null, told.Add, default);
            await LaterAsync(tx, "c");
            await tx.LockLaterAsync($"select id from things where name in ('b', 'c'){tx.Dialect.ForUpdate}", null, told.Add, default);
            (await tx.QueryAsync<string>("select name from things order by id", null, default)).ShouldBe(["a", "b", "c"]);
            told.ShouldBe([1, 2]);
            await tx.LockLaterAsync($"select id from things where name = 'x'{tx.Dialect.ForUpdate}", null, told.Add, default);
            await LaterAsync(tx, "d");
            (await tx.GetAsync<long>("select count(*) from things", null, default)).ShouldBe(4);
            told.ShouldBe([1, 2, 0]);
            await tx.LockLaterAsync($"select id from things{tx.Dialect.ForUpdate}", null, told.Add, default);
            return 0;
        }, default);

        told.ShouldBe([1, 2, 0, 4]);
        await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(
            async tx =>
            {
                await LaterAsync(tx, "e");
                await tx.LockLaterAsync($"select id from things where name = 'x'{tx.Dialect.ForUpdate}", null, found => throw new InvalidOperationException($"{found}"), default);
                return await tx.GetAsync<long>("select count(*) from things", null, default);
            }, default));
        (await AllAsync(test)).ShouldBe(["a", "b", "c", "d"]);
    }

    [Theory, BothEngines]
    public async Task Questions_see_what_stands_before_them_and_nothing_that_comes_after(Engine engine)
    {
        await using var test = await MadeAsync(engine);

        await test.Database.WriteAsync(async tx =>
        {
            var none = tx.Ask<string>("select name from things order by id", null, default);
            await LaterAsync(tx, "a");
            var one = tx.Ask<string>("select name from things order by id", null, default);
            var missing = tx.Ask<long?>("select id from things where name = 'x'", null, default);
            var written = tx.Ask<long>("insert into things(name, n) values ('b', 7) returning n", null, default);
            await LaterAsync(tx, "c");
            var all = tx.Ask<string>("select name from things order by id", null, default).As(name => name.Length);
            (await tx.ExecuteAsync("update things set n = 9 where name in ('a', 'c')", null, default)).ShouldBe(2);
            (await none.AllAsync()).ShouldBeEmpty();
            (await one.GetAsync()).ShouldBe("a");
            (await missing.FindAsync()).ShouldBeNull();
            (await written.GetAsync()).ShouldBe(7);
            (await all.AllAsync()).ShouldBe([1, 1, 1]);
            var last = tx.Ask<string>("select name from things where name = @name", new { name = "c" }, default);
            await LaterAsync(tx, "d");
            (await last.GetAsync()).ShouldBe("c");
            tx.Ask<string>("select name from things", null, default).ShouldNotBeNull();
            return 0;
        }, default);

        (await test.Database.ReadAsync(async s =>
        {
            var (one, other) = (s.Ask<string>("select name from things where name = 'a'", null, default), s.Ask<long>("select count(*) from things", null, default));
            return (await s.GetAsync<long>("select max(n) from things", null, default), await other.GetAsync(), await one.GetAsync());
        }, default)).ShouldBe((9, 4, "a"));
    }

    [Theory, BothEngines]
    public async Task A_statement_that_must_touch_a_row_and_touches_none_ends_the_transaction_wherever_it_is_sent(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => LaterAsync(tx, "a"), default);

        async Task<int> TouchAsync(Tx tx, string name)
        {
            await LaterAsync(tx, "b");
            await tx.OneLaterAsync("update things set n = 1 where name = @name", new { name }, () => new InvalidOperationException($"There is no {name}."), default);
            await tx.OneLaterAsync("update things set n = 2 where name = 'a'", null, () => new InvalidOperationException("There is no a."), default);
            return 0;
        }

        var faults = new[]
        {
            await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(tx => TouchAsync(tx, "x"), default)),
            await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(async tx => await TouchAsync(tx, "x") + await tx.GetAsync<long>("select count(*) from things", null, default), default)),
            await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(async tx => await TouchAsync(tx, "x") + await tx.ExecuteAsync("update things set n = 3", null, default), default)),
            await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(async tx => await TouchAsync(tx, "x") + await tx.Ask<long>("select count(*) from things", null, default).GetAsync(), default)),
        };

        faults.Select(f => f.Message).ShouldAllBe(message => message == "There is no x.");
        (await AllAsync(test)).ShouldBe(["a"]);
        await test.Database.WriteAsync(tx => TouchAsync(tx, "a"), default);
        (await AllAsync(test)).ShouldBe(["a", "b"]);
        (await test.Database.ReadAsync(s => s.GetAsync<long>("select n from things where name = 'a'", null, default), default)).ShouldBe(2);

        // A division that a statement of the caller's makes by itself is its own fault.
        if (engine == Engine.PostgreSql)
        {
            await Should.ThrowAsync<Npgsql.PostgresException>(() => test.Database.WriteAsync(
                async tx => await TouchAsync(tx, "a") + await tx.GetAsync<long>("select 1 / (n - n) from things where name = 'a'", null, default), default));
        }
    }

    [Theory, BothEngines]
    public async Task A_commit_that_travels_with_the_last_statements_is_one_commit_and_its_connection_serves_the_next(Engine engine)
    {
        await using var test = await MadeAsync(engine);

        for (var i = 0; i < 5; i++)
        {
            await test.Database.WriteAsync(tx => LaterAsync(tx, $"later {i}"), default);
            await test.Database.WriteAsync(async tx => await tx.GetAsync<long>("select count(*) from things", null, default), default);
            await CatchAsync(() => test.Database.WriteAsync(tx => LaterAsync(tx, $"failed {i}", "later 0"), default));
        }

        (await AllAsync(test)).ShouldBe(["later 0", "later 1", "later 2", "later 3", "later 4"]);
    }

    [Theory, BothEngines]
    public async Task What_is_known_of_a_row_is_known_in_its_own_transaction_alone(Engine engine)
    {
        await using var test = await MadeAsync(engine);

        await test.Database.WriteAsync(tx =>
        {
            tx.Known<string>(17).ShouldBeNull();
            tx.Know(17, "seventeen");
            tx.Known<string>(17).ShouldBe("seventeen");
            tx.Known<List<int>>(17).ShouldBeNull();
            tx.Know<string>(17, null);
            tx.Known<string>(17).ShouldBeNull();
            tx.Know(18, "eighteen");
            return Task.FromResult(0);
        }, default);

        (await test.Database.WriteAsync(tx => Task.FromResult(tx.Known<string>(18)), default)).ShouldBeNull();
    }

    [Theory, BothEngines]
    public async Task A_fault_of_what_is_written_later_comes_up_before_the_commit(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => AddAsync(tx, "one"), default);

        var last = await CatchAsync(() => test.Database.WriteAsync(tx => LaterAsync(tx, "two", "one"), default));
        var asked = await CatchAsync(() => test.Database.WriteAsync(async tx => await LaterAsync(tx, "two", "one") + await tx.GetAsync<long>("select count(*) from things", null, default), default));
        await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(
            async tx =>
            {
                await LaterAsync(tx, "two");
                await tx.LaterAsync("update things set n = 1 where name = 'none'", null, default, count => throw new InvalidOperationException($"{count} rows"));
                return 0;
            }, default));

        test.Database.Dialect.IsUniqueViolation(last).ShouldBeTrue();
        test.Database.Dialect.IsUniqueViolation(asked).ShouldBeTrue();
        (await AllAsync(test)).ShouldBe(["one"]);
    }

    [Theory, BothEngines]
    public async Task A_value_that_must_be_unique_is_told_from_other_faults(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => AddAsync(tx, "one"), default);

        var twice = await CatchAsync(() => test.Database.WriteAsync(tx => AddAsync(tx, "one"), default));
        var other = await CatchAsync(() => test.Database.WriteAsync(tx => tx.ExecuteAsync("insert into nothing values (1)", null, default), default));

        test.Database.Dialect.IsUniqueViolation(twice).ShouldBeTrue();
        test.Database.Dialect.IsUniqueViolation(other).ShouldBeFalse();
        test.Database.Dialect.IsUnreachable(other).ShouldBeFalse();
        StorageFaults.Of(other).ShouldBeNull();
    }

    /// <summary>Each locks one row and then wants the other's: PostgreSQL ends one of them, and that one runs again.</summary>
    [Fact]
    public async Task Two_transactions_that_wait_for_each_other_are_both_committed()
    {
        await using var test = await MadeAsync(Engine.PostgreSql);
        await test.Database.WriteAsync(async tx => await AddAsync(tx, "one") + await AddAsync(tx, "two"), default);
        using var both = new Barrier(2);
        var runs = 0;

        async Task<int> CrossAsync(string first, string second) => await test.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("update things set n = 1 where name = @first", new { first }, default);
            if (Interlocked.Increment(ref runs) <= 2)
            {
                await Task.Run(() => both.SignalAndWait(TimeSpan.FromSeconds(10)));
            }

            await tx.ExecuteAsync("update things set n = 1 where name = @second", new { second }, default);
            return await AddAsync(tx, $"{first} and {second}");
        }, default);

        await Task.WhenAll(CrossAsync("one", "two"), CrossAsync("two", "one"));

        runs.ShouldBe(3);
        (await AllAsync(test)).Order(StringComparer.Ordinal).ShouldBe(["one", "one and two", "two", "two and one"]);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_unreachable()
    {
        await using var database = Database.At(DatabaseAddress.Parse($"postgres://keygate:secret@127.0.0.1:{FreePort.Take()}/keygate").Value);

        var fault = await CatchAsync(() => database.ReadAsync(s => s.GetAsync<int>("select 1", null, default), default));

        database.Dialect.IsUnreachable(fault).ShouldBeTrue();
        StorageFaults.Of(fault).ShouldBe(StorageErrors.Unreachable);
        fault.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_the_right_one_serves_every_kind_of_connection()
    {
        await using var test = await TestDatabase.CreateAsync(Engine.PostgreSql, typeof(Database).Assembly);
        var port = new NpgsqlConnectionStringBuilder(test.Database.Address.ConnectionString).Host!.Split(':')[^1];
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(
            """
            do $$ begin create role keygate_password login superuser password 'right one'; exception when duplicate_object or unique_violation then null; end $$
            """, null, default), default);

        await using var wrong = Database.At(DatabaseAddress.Parse($"postgres://keygate_password:wrong@127.0.0.1:{port}/keygate").Value);
        var fault = await CatchAsync(() => wrong.ReadAsync(s => s.GetAsync<int>("select 1", null, default), default));
        fault.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);

        await using var right = Database.At(DatabaseAddress.Parse($"postgres://keygate_password:right%20one@127.0.0.1:{port}/keygate").Value);
        (await right.ReadAsync(s => s.GetAsync<int>("select 1", null, default), default)).ShouldBe(1);
        await using var dedicated = await right.OpenDedicatedAsync(default);
        dedicated.FullState.ShouldBe(System.Data.ConnectionState.Open);
    }

    [Fact]
    public async Task A_second_writer_of_the_same_file_waits_and_then_is_told_that_it_is_locked()
    {
        using var folder = new TempFolder();
        var address = DatabaseAddress.SqliteFile(folder.File("keygate.db"));
        await using var one = Database.At(address);
        await using var two = Database.At(address, new DatabaseOptions { BusyTimeout = TimeSpan.FromSeconds(1) });
        await one.WriteAsync(tx => tx.ExecuteAsync("create table things (name text)", null, default), default);
        await two.ReadAsync(s => s.GetAsync<int>("select 1", null, default), default);

        await one.WriteAsync(async _ =>
        {
            var fault = await Task.Run(() => CatchAsync(() => two.WriteAsync(tx => tx.ExecuteAsync("insert into things values ('x')", null, default), default)));
            StorageFaults.Of(fault).ShouldBe(StorageErrors.Locked);
            return 0;
        }, default);

        (await two.WriteAsync(tx => tx.ExecuteAsync("insert into things values ('x')", null, default), default)).ShouldBe(1);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told()
    {
        await using var database = Database.At(DatabaseAddress.SqliteFile("/nowhere/at/all/keygate.db"));

        var fault = await CatchAsync(() => database.ReadAsync(s => s.GetAsync<int>("select 1", null, default), default));

        StorageFaults.Of(fault).ShouldBe(StorageErrors.Unreachable);
    }

    [Fact]
    public async Task A_frozen_transaction_is_ended_by_the_server()
    {
        await using var test = await TestDatabase.CreateAsync(Engine.PostgreSql, new DatabaseOptions { IdleInTransactionMax = TimeSpan.FromMilliseconds(300) }, typeof(Database).Assembly);

        var fault = await CatchAsync(() => test.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("insert into master_key_check values (1, 'never')", null, default);
            await Task.Delay(1500);
            return await tx.ExecuteAsync("insert into master_key_check values (2, 'never')", null, default);
        }, default));

        test.Database.Dialect.IsUnreachable(fault).ShouldBeTrue();
        (await test.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from master_key_check", null, default), default)).ShouldBe(0);
    }

    private static async Task<TestDatabase> MadeAsync(Engine engine)
    {
        var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(tx.Dialect.Expand("create table things (id {bigid}, name {text} not null unique, n {int} not null default 0)"), null, default), default);
        return test;
    }

    private static async Task<long> CommitsOfMakingAsync(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        return test.Database.Commits;
    }

    private static Task<int> AddAsync(Tx tx, string name) => tx.ExecuteAsync("insert into things(name) values (@name)", new { name }, default);

    private static async Task<int> LaterAsync(Tx tx, params string[] names)
    {
        foreach (var name in names)
        {
            await tx.LaterAsync("insert into things(name) values (@name)", new { name }, default);
        }

        return 0;
    }

    private static Task<List<string>> AllAsync(TestDatabase test) =>
        test.Database.ReadAsync(s => s.QueryAsync<string>("select name from things order by id", null, default), default);

    private static async Task<DbException> CatchAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (DbException e)
        {
            return e;
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException("The driver let a bare socket fault through.", e);
        }

        throw new InvalidOperationException("It did not fail.");
    }

    private sealed class Kinds
    {
        public DateTimeOffset At { get; init; }
        public DateTimeOffset? Later { get; init; }
        public DateOnly Day { get; init; }
        public bool Yes { get; init; }
        public byte[] Body { get; init; } = [];
        public long Large { get; init; }
        public string Text { get; init; } = "";
    }
}
