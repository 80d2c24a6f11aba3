using System.Data.Common;
using System.Reflection;
using Dapper;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>What a migration run did.</summary>
/// <param name="Applied">Room, number and name of what was applied, in order; empty when the database was up to date.</param>
public sealed record MigrationReport(IReadOnlyList<string> Applied);

/// <summary>
/// Brings a database to this program's schema, forward only, under a lock, so that several processes may start at once. All pending
/// migrations go in one transaction: a failure leaves the database as it was.
/// </summary>
public sealed class Migrator(Database database, IReadOnlyList<Assembly> rooms, Version program, TimeProvider time)
{
    /// <summary>Only these, each as room, number and name; all of them where null. For a restore, which begins with the schema that was saved.</summary>
    internal IReadOnlySet<string>? Only { get; init; }

    /// <summary>All that this program knows, as room, number and name.</summary>
    internal IEnumerable<string> Known => rooms.SelectMany(room => Migration.Of(room, database.Engine)).Select(Title);

    // Any process that migrates any Keygate schema of this server takes its turn on this number.
    private const long LockKey = 0x4B65_7967_6174_6501;

    // A large table may take its time, and whoever comes second waits for as long.
    private const int PatienceSeconds = 3600;

    /// <summary>True when nothing is pending and the program may work with the database.</summary>
    public async Task<Result<bool>> IsCurrentAsync(CancellationToken cancellation)
    {
        var pending = Pending(await database.ReadAsync(s => AppliedAsync(s, cancellation), cancellation));
        return pending.Map(list => list.Count == 0);
    }

    /// <summary>
    /// Applies what is pending. Refuses, changing nothing, a database that a newer program has migrated beyond this one, or whose applied
    /// migrations differ from ours. May be repeated.
    /// </summary>
    public async Task<Result<MigrationReport>> MigrateAsync(CancellationToken cancellation)
    {
        if (database.Engine == Engine.PostgreSql)
        {
            await database.WriteAsync(async tx =>
            {
                await TakeTurnAsync(tx, cancellation);
                // Asked for first, since "if not exists" wants the right to create also where the schema is there.
                var exists = await tx.GetAsync<bool>("select exists (select 1 from pg_namespace where nspname = @Schema)", new { database.Address.Schema }, cancellation);
                return exists ? 0 : await tx.ExecuteAsync($"create schema \"{database.Address.Schema}\"", null, cancellation);
            }, cancellation);
        }

        return await database.WriteAsync(tx => MigrateAsync(tx, cancellation), cancellation);
    }

    private async Task<Result<MigrationReport>> MigrateAsync(Tx tx, CancellationToken cancellation)
    {
        if (database.Engine == Engine.PostgreSql)
        {
            await TakeTurnAsync(tx, cancellation);
        }

        await tx.ExecuteAsync(database.Dialect.Expand(
            """
            create table if not exists migrations (
              room {text} not null, number {int} not null, name {text} not null, checksum {text} not null,
              oldest_program {text} not null, applied_by {text} not null, applied_at {time} not null,
              primary key (room, number))
            """), null, cancellation);

        if (!Pending(await AppliedAsync(tx, cancellation)).TryGet(out var pending, out var error))
        {
            return error;
        }

        foreach (var migration in pending)
        {
            try
            {
                await tx.Connection.ExecuteAsync(database.Dialect.Expand(migration.Sql), transaction: tx.Transaction, commandTimeout: PatienceSeconds);
            }
            catch (DbException e)
            {
                return StorageErrors.MigrationFailed.Because($"{migration.Room} {migration.Number:0000} {migration.Name}: {e.Message}");
            }

            await tx.ExecuteAsync(
                """
                insert into migrations(room, number, name, checksum, oldest_program, applied_by, applied_at)
                values (@Room, @Number, @Name, @Checksum, @Oldest, @By, @At)
                """,
                new { migration.Room, migration.Number, migration.Name, migration.Checksum, Oldest = migration.OldestProgram.ToString(3), By = program.ToString(3), At = time.GetUtcNow() },
                cancellation);
        }

        return new MigrationReport([.. pending.Select(Title)]);
    }

    private static string Title(Migration migration) => $"{migration.Room} {migration.Number:0000} {migration.Name}";

    private static async Task TakeTurnAsync(Tx tx, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0", null, cancellation);
        await tx.Connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@LockKey)", new { LockKey }, tx.Transaction, PatienceSeconds, cancellationToken: cancellation));
    }

    private async Task<List<AppliedRow>> AppliedAsync(Session session, CancellationToken cancellation)
    {
        var exists = await session.GetAsync<long>(
            database.Engine == Engine.Sqlite
                ? "select count(*) from sqlite_master where type = 'table' and name = 'migrations'"
                : "select count(*) from pg_tables where schemaname = @Schema and tablename = 'migrations'",
            new { database.Address.Schema }, cancellation);
        return exists == 0 ? [] : await session.QueryAsync<AppliedRow>(
            "select room, number, name, checksum, oldest_program, applied_by from migrations order by room, number", null, cancellation);
    }

    private Result<IReadOnlyList<Migration>> Pending(List<AppliedRow> applied)
    {
        // A row that this program does not know was written by a newer one; it says itself which programs can live with it.
        var beyond = applied.Where(row => Version.Parse(row.OldestProgram) > program).MaxBy(row => Version.Parse(row.OldestProgram));
        if (beyond is not null)
        {
            return StorageErrors.ProgramTooOld.Because(
                $"{database.Address} was migrated by Keygate {beyond.AppliedBy} ({beyond.Room} {beyond.Number:0000} {beyond.Name}); the oldest program that can use it is {beyond.OldestProgram}, this one is {program.ToString(3)}.");
        }

        var ours = rooms.SelectMany(room => Migration.Of(room, database.Engine)).ToList();
        foreach (var migration in ours)
        {
            var row = applied.Find(r => r.Room == migration.Room && r.Number == migration.Number);
            if (row is not null && row.Checksum != migration.Checksum)
            {
                return StorageErrors.MigrationChanged.Because($"{migration.Room} {migration.Number:0000} {migration.Name} was applied to {database.Address} with other contents.");
            }
        }

        return ours.Where(m => Only?.Contains(Title(m)) != false && !applied.Exists(r => r.Room == m.Room && r.Number == m.Number)).ToList();
    }

    private sealed class AppliedRow
    {
        public string Room { get; init; } = "";
        public int Number { get; init; }
        public string Name { get; init; } = "";
        public string Checksum { get; init; } = "";
        public string OldestProgram { get; init; } = "";
        public string AppliedBy { get; init; } = "";
    }
}
