using System.Reflection;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class MigratorTests
{
    private static readonly Assembly[] Rooms = [typeof(Database).Assembly, typeof(WorkEngine).Assembly];

    [Theory, BothEngines]
    public async Task A_second_run_finds_nothing_to_do(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine);
        var migrator = new Migrator(test.Database, Rooms, TestDatabase.Program, new ManualTime());

        var first = (await migrator.MigrateAsync(default)).Value;
        var second = (await migrator.MigrateAsync(default)).Value;

        first.Applied.ShouldBe(Migrations());
        second.Applied.ShouldBeEmpty();
        (await migrator.IsCurrentAsync(default)).Value.ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task A_database_that_lacks_a_rooms_migrations_is_not_current(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);

        (await new Migrator(test.Database, Rooms, TestDatabase.Program, new ManualTime()).IsCurrentAsync(default)).Value.ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task Several_processes_migrate_at_once_and_each_migration_runs_once(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine);
        var databases = Enumerable.Range(0, 6).Select(_ => test.OpenAgain()).ToList();

        var reports = await Task.WhenAll(databases.Select(d => Task.Run(() => new Migrator(d, Rooms, TestDatabase.Program, TimeProvider.System).MigrateAsync(default))));

        reports.ShouldAllBe(r => r.IsDone);
        reports.SelectMany(r => r.Value.Applied).Order(StringComparer.Ordinal).ShouldBe(Migrations());
    }

    [Theory, BothEngines]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_refused(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, Rooms);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("update migrations set checksum = 'other' where room = 'Work'", null, default), default);

        var error = (await new Migrator(test.Database, Rooms, TestDatabase.Program, new ManualTime()).MigrateAsync(default)).Error!;

        error.Code.ShouldBe(StorageErrors.MigrationChanged.Code);
        error.Detail.ShouldContain("Work 0001 work");
    }

    [Theory, BothEngines]
    public async Task A_database_of_a_newer_program_is_refused_and_names_the_version_to_install(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(
            "insert into migrations(room, number, name, checksum, oldest_program, applied_by, applied_at) values ('Orders', 7, 'split', 'x', '0.10.0', '0.12.1', 0)", null, default), default);

        var error = (await new Migrator(test.Database, Rooms, new Version(0, 9, 0), new ManualTime()).MigrateAsync(default)).Error!;

        error.Code.ShouldBe(StorageErrors.ProgramTooOld.Code);
        error.Detail.ShouldContain("0.10.0");
        error.Detail.ShouldContain("0.12.1");
        (await test.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from migrations", null, default), default)).ShouldBe(Migration.Of(typeof(Database).Assembly, engine).Count + 1);
    }

    [Theory, BothEngines]
    public async Task A_newer_database_that_older_programs_can_live_with_is_accepted(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, Rooms);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(
            "insert into migrations(room, number, name, checksum, oldest_program, applied_by, applied_at) values ('Orders', 7, 'index', 'x', '0.1.0', '0.12.1', 0)", null, default), default);

        (await new Migrator(test.Database, Rooms, TestDatabase.Program, new ManualTime()).MigrateAsync(default)).Value.Applied.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_migration_that_fails_leaves_the_database_as_it_was(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        // The work room's first table is there already, with another shape: its migration fails half way.
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("create table work_intents (x int)", null, default), default);

        var error = (await new Migrator(test.Database, Rooms, TestDatabase.Program, new ManualTime()).MigrateAsync(default)).Error!;

        error.Code.ShouldBe(StorageErrors.MigrationFailed.Code);
        error.Detail.ShouldContain("Work 0001 work");
        error.Detail.ShouldContain("work_intents");
        (await TablesAsync(test)).ShouldNotContain("work");
        (await test.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from migrations where room = 'Work'", null, default), default)).ShouldBe(0);
    }

    [Fact]
    public void The_oldest_program_is_on_the_first_line_of_every_migration_and_the_checksum_ignores_line_ends()
    {
        foreach (var engine in (Engine[])[Engine.Sqlite, Engine.PostgreSql])
        {
            var migrations = Rooms.SelectMany(room => Migration.Of(room, engine)).ToList();

            migrations.ShouldAllBe(m => m.OldestProgram <= TestDatabase.Program && m.Number > 0 && m.Checksum.Length == 64);
            migrations.Select(m => (m.Room, m.Number)).Distinct().Count().ShouldBe(migrations.Count);
        }
    }

    [Fact]
    public async Task A_schema_that_somebody_else_made_for_us_needs_no_right_to_create_one()
    {
        await using var test = await TestDatabase.CreateAsync(Engine.PostgreSql, typeof(Database).Assembly);
        var schema = test.Database.Address.Schema;
        var at = new Npgsql.NpgsqlConnectionStringBuilder(test.Database.Address.ConnectionString);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(
            $"""
            do $$ begin create role keygate_modest login; exception when duplicate_object or unique_violation then null; end $$;
            create schema "{schema}_given" authorization keygate_modest
            """, null, default), default);
        await using var modest = Database.At(DatabaseAddress.Parse($"postgres://keygate_modest@{at.Host}/{at.Database}?schema={schema}_given").Value);

        (await new Migrator(modest, Rooms, TestDatabase.Program, new ManualTime()).MigrateAsync(default)).Value.Applied.ShouldBe(Migrations());
    }

    /// <summary>What the two rooms' folders hold, as a report names it.</summary>
    private static List<string> Migrations() =>
    [
        .. from room in (string[])["Storage", "Work"]
           from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", $"Keygate.{room}", "Storage", "Migrations"))
           let name = Path.GetFileName(file).Split('.')[0]
           orderby room, name
           select $"{room} {name.Replace('_', ' ')}",
    ];

    private static Task<List<string>> TablesAsync(TestDatabase test) => test.Database.ReadAsync(s => s.QueryAsync<string>(
        test.Engine == Engine.Sqlite ? "select name from sqlite_master where type = 'table'" : "select tablename from pg_tables where schemaname = @Schema",
        new { test.Database.Address.Schema }, default), default);
}
