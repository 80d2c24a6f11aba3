using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>
/// Restores one database: the schema that was saved, its rows, then the migrations that came since. Until <see cref="Restores.EndAsync"/> the database says that it is not finished, and no server starts on it.
/// </summary>
internal sealed class DatabaseRestore(RestoreTarget target, SavedDatabase saved, BackupManifest manifest, Version program, long jump, TimeProvider time)
{
    private readonly Database _database = target.Database;

    public async Task<Result<T>> RunAsync<T>(Func<TableLoader, Task<T>> load, CancellationToken cancellation)
    {
        var begins = new Migrator(_database, target.Rooms, program, time) { Only = saved.Migrations.ToHashSet(StringComparer.Ordinal) };
        var known = begins.Known.ToHashSet(StringComparer.Ordinal);
        var unknown = saved.Migrations.Where(m => !known.Contains(m)).ToList();
        if (unknown.Count > 0)
        {
            return StorageErrors.BackupUnfit.Because($"It was made by Keygate {manifest.Program}, and has {unknown[0]}{(unknown.Count > 1 ? $" and {unknown.Count - 1} more migrations" : "")}, which this one does not know.");
        }

        if (!(await begins.MigrateAsync(cancellation)).TryGet(out _, out var error))
        {
            return error;
        }

        await _database.WriteAsync(tx => tx.ExecuteAsync(
            "insert into restores(backup, made_at, restored_at) values (@Name, @MadeAt, @now)", new { manifest.Name, manifest.MadeAt, now = time.GetUtcNow() }, cancellation), cancellation);
        var loaded = await TableLoader.LoadAsync(_database, jump, load, cancellation);
        return (await new Migrator(_database, target.Rooms, program, time).MigrateAsync(cancellation)).TryGet(out _, out error) ? loaded : error;
    }
}

/// <summary>Databases that a restore meets or leaves.</summary>
public static class Restores
{
    /// <summary>True where the database has something that a restore would stand in the way of.</summary>
    public static async Task<bool> IsInPlaceAsync(Database database, CancellationToken cancellation) => database.Address.File is { } file
        ? File.Exists(file) && new FileInfo(file).Length > 0
        : await database.ReadAsync(s => s.GetAsync<bool>(
            "select exists (select 1 from pg_tables where schemaname = @Schema and tablename in ('migrations', 'work', 'staff'))", new { database.Address.Schema }, cancellation), cancellation);

    /// <summary>How many nodes work on the database just now.</summary>
    public static Task<long> NodesAsync(Database database, CancellationToken cancellation) => database.ReadAsync(
        s => s.GetAsync<long>($"select count(*) from work_nodes where beat_at > {s.Dialect.NowMs} - 10000", null, cancellation), cancellation);

    /// <summary>Gives the present database another name, under which it stays; that name.</summary>
    public static async Task<Result<string>> SetAsideAsync(Database database, DateTimeOffset now, CancellationToken cancellation)
    {
        var mark = now.UtcDateTime.ToString("yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture);
        if (database.Address.File is { } file)
        {
            var aside = $"{file}.before-{mark}";
            foreach (var part in new[] { "-wal", "-shm", "" }.Where(part => File.Exists(file + part)))
            {
                File.Move(file + part, aside + part);
            }

            return aside;
        }

        var (schema, other) = (database.Address.Schema, $"before_{mark}_{database.Address.Schema}");
        other = other.Length > 63 ? other[..63] : other;
        try
        {
            return await database.WriteAsync<Result<string>>(async tx =>
            {
                await tx.ExecuteAsync($"alter schema \"{schema}\" rename to \"{other}\"", null, cancellation);
                await tx.ExecuteAsync($"create schema \"{schema}\"", null, cancellation);
                return other;
            }, cancellation);
        }
        catch (System.Data.Common.DbException e)
        {
            return StorageErrors.SchemaStays.Because($"{database.Address}: {e.Message}");
        }
    }

    /// <summary>Says in the transaction of what followed the restore that it has ended.</summary>
    public static Task EndAsync(Tx tx, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update restores set ended_at = @now where ended_at is null", new { now }, cancellation);

    /// <summary>Refuses a database whose restore did not end.</summary>
    public static async Task<Result<Done>> CheckAsync(Database database, CancellationToken cancellation) =>
        await database.ReadAsync(s => s.FindAsync<string>("select backup from restores where ended_at is null order by id limit 1", null, cancellation), cancellation) is { } backup
            ? StorageErrors.RestoreUnfinished.Because($"The restore of {backup} into {database.Address} did not end.")
            : Done.It;
}
