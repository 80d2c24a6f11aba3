using System.Reflection;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Notices;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Server;

/// <summary>A backup that was made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Where it is.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Parts">What is in it, in this order.</param>
internal sealed record BackupMade(string Name, string File, long Bytes, IReadOnlyList<SavedPart> Parts);

/// <summary>A backup that was restored, or only read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MadeAt">When it was begun: what happened later is not in it.</param>
/// <param name="Parts">What was in it.</param>
/// <param name="Restored">Which of them were restored.</param>
/// <param name="SetAside">Where that is which was there before.</param>
internal sealed record BackupRestored(string Name, DateTimeOffset MadeAt, IReadOnlyList<SavedPart> Parts, IReadOnlyList<string> Restored, IReadOnlyList<string> SetAside);

/// <summary>
/// Backup and restore of what a server's settings name. A backup is made beside running servers: first the provider, then the key server, so that no key that the provider knows is unknown to
/// the key server afterwards; the other way round it would give its number again.
/// </summary>
internal static class Safekeeping
{
    public const string Provider = "provider", KeyServer = "keyserver";

    /// <summary>How far sequences go ahead after a restore: more than what is numbered between two backups.</summary>
    public const int JumpDefault = 100_000;

    public static async Task<Result<BackupMade>> BackupAsync(KeygateSettings settings, string file, Secret passphrase, TimeProvider time, CancellationToken cancellation)
    {
        if (File.Exists(file))
        {
            return ServerErrors.FileUnwritable.Because($"{file} is there already.");
        }

        var masterKey = settings.MasterKey;
        if (masterKey is null && (!File.Exists(MasterKey.FileOf(settings.Data)) || !MasterKey.OfFolder(settings.Data).TryGet(out masterKey, out _)))
        {
            return StorageErrors.DatabaseAbsent.Because($"There is no {MasterKey.FileOf(settings.Data)}.");
        }

        var now = time.GetUtcNow();
        var manifest = new BackupManifest(now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture), now, Schema.Program.ToString(3));
        var aside = file + ".part";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var parts = new List<SavedPart>();
            await using (var stream = new FileStream(aside, options))
            {
                if (!BackupWriter.Begin(stream, passphrase, manifest, masterKey!).TryGet(out var writer, out var error))
                {
                    return error;
                }

                using var _ = writer;
                foreach (var (name, address, _) in Databases(settings))
                {
                    await using var database = Database.At(address);
                    if (!(await writer.AddAsync(name, database, cancellation)).TryGet(out var part, out error))
                    {
                        return error;
                    }

                    parts.Add(part);
                }

                writer.End();
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, file);
            return new BackupMade(manifest.Name, Path.GetFullPath(file), new FileInfo(file).Length, parts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ServerErrors.FileUnwritable.Because($"{file}: {e.Message}");
        }
        catch (System.Data.Common.DbException e)
        {
            return (StorageFaults.Of(e) ?? StorageErrors.Unreachable).Because(e.Message);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>Reads all of a backup and restores nothing.</summary>
    public static async Task<Result<BackupRestored>> CheckAsync(string file, Secret passphrase, CancellationToken cancellation)
    {
        if (!Open(file, passphrase).TryGet(out var backup, out var error))
        {
            return error;
        }

        using var _ = backup;
        return (await backup.ReadAsync(new Dictionary<string, RestoreTarget>(), Schema.Program, 0, TimeProvider.System, cancellation))
            .Map(parts => new BackupRestored(backup.Manifest.Name, backup.Manifest.MadeAt, parts, [], []));
    }

    public static async Task<Result<BackupRestored>> RestoreAsync(
        KeygateSettings settings, string file, Secret passphrase, bool replaces, int jump, TimeProvider time, CancellationToken cancellation)
    {
        // A file that is not whole is known as such before anything is touched.
        var check = await CheckAsync(file, passphrase, cancellation);
        if (!check.TryGet(out var read, out var error) || !Open(file, passphrase).TryGet(out var backup, out error))
        {
            return error;
        }

        using var _ = backup;
        var wanted = Databases(settings).Where(d => read.Parts.Any(p => p.Name == d.Name)).ToList();
        if (!DataFolder.Hold(settings.Data).TryGet(out var folder, out error))
        {
            return error;
        }

        using var held = folder;
        var databases = wanted.ConvertAll(d => (d.Name, Database: Database.At(d.Address), d.Rooms));
        try
        {
            var aside = new List<string>();
            if ((await MakeRoomAsync(databases.ConvertAll(d => d.Database), replaces, time, aside, cancellation)).Error is { } stays)
            {
                return stays;
            }

            if (PlaceKey(settings, backup, replaces, time, aside) is { } foreign)
            {
                return foreign;
            }

            foreach (var (_, database, _) in databases)
            {
                await database.DisposeAsync();
            }

            databases = wanted.ConvertAll(d => (d.Name, Database: Database.At(d.Address), d.Rooms));
            var targets = databases.ToDictionary(d => d.Name, d => new RestoreTarget(d.Database, d.Rooms));
            if (!(await backup.ReadAsync(targets, Schema.Program, jump, time, cancellation)).TryGet(out var parts, out error))
            {
                return error;
            }

            foreach (var (name, database, _) in databases)
            {
                if (!(await backup.Key.BelongToAsync(database, cancellation)).TryGet(out var _, out error))
                {
                    return error;
                }

                await database.WriteAsync(tx => FollowAsync(tx, name, backup, jump, time, cancellation), cancellation);
            }

            return new BackupRestored(backup.Manifest.Name, backup.Manifest.MadeAt, parts, wanted.ConvertAll(d => d.Name), aside);
        }
        catch (System.Data.Common.DbException e)
        {
            return (StorageFaults.Of(e) ?? StorageErrors.Unreachable).Because(e.Message);
        }
        finally
        {
            foreach (var (_, database, _) in databases)
            {
                await database.DisposeAsync();
            }
        }
    }

    private static Result<BackupReader> Open(string file, Secret passphrase)
    {
        try
        {
            return BackupReader.Open(new FileStream(file, FileMode.Open, FileAccess.Read), passphrase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ServerErrors.FileUnreadable.Because(e.Message);
        }
    }

    private static async Task<Result<Done>> MakeRoomAsync(IReadOnlyList<Database> databases, bool replaces, TimeProvider time, List<string> aside, CancellationToken cancellation)
    {
        var there = new List<Database>();
        foreach (var database in databases)
        {
            if (await Restores.IsInPlaceAsync(database, cancellation))
            {
                there.Add(database);
            }
        }

        if (there.Count > 0 && !replaces)
        {
            return StorageErrors.DatabaseInPlace.Because($"{string.Join(" and ", there.Select(d => d.Address))} {(there.Count == 1 ? "is" : "are")} there.");
        }

        foreach (var database in there)
        {
            if (database.Engine == Engine.PostgreSql && await Restores.NodesAsync(database, cancellation) is > 0 and var nodes)
            {
                return StorageErrors.DatabaseInPlace.Because($"{nodes} servers work on {database.Address}.").Mend("Stop all servers first, and wait for ten seconds.");
            }
        }

        foreach (var database in there)
        {
            if (!(await Restores.SetAsideAsync(database, time.GetUtcNow(), cancellation)).TryGet(out var name, out var error))
            {
                return error;
            }

            aside.Add(name);
        }

        return Done.It;
    }

    private static Error? PlaceKey(KeygateSettings settings, BackupReader backup, bool replaces, TimeProvider time, List<string> aside)
    {
        var file = MasterKey.FileOf(settings.Data);
        var present = settings.MasterKey;
        if (present is null && File.Exists(file) && MasterKey.OfFolder(settings.Data).TryGet(out var key, out _))
        {
            present = key;
        }

        if (present?.CheckValue == backup.Key.CheckValue)
        {
            return null;
        }

        if (settings.MasterKey is not null)
        {
            return StorageErrors.MasterKeyForeign.Because("KEYGATE_MASTER_KEY is not the key that the backup was made with.");
        }

        if (File.Exists(file))
        {
            if (!replaces)
            {
                return StorageErrors.DatabaseInPlace.Because($"{file} holds another master key than the backup.");
            }

            var other = $"{file}.before-{time.GetUtcNow().UtcDateTime.ToString("yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture)}";
            File.Move(file, other);
            aside.Add(other);
        }

        backup.WriteKey(settings.Data);
        return null;
    }

    // What happened after the backup is not known here any more, but outside.
    private static async Task<int> FollowAsync(Tx tx, string name, BackupReader backup, int jump, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await WorkModule.AfterRestoreAsync(tx, cancellation);
        await AccountsModule.AfterRestoreAsync(tx, now, cancellation);
        if (name == Provider)
        {
            await PluginsModule.AfterRestoreAsync(tx, now, backup.Manifest.Name, cancellation);
            await NoticesModule.AfterRestoreAsync(tx, jump, cancellation);
        }
        else
        {
            await KeyServerModule.AfterRestoreAsync(tx, jump, cancellation);
        }

        await new Audit(time, backup.Key).AddAsync(tx, Actor.Keygate, "database.restored", $"database/{name}", $"{backup.Manifest.Name}, made at {backup.Manifest.MadeAt:u}", cancellation);
        await Restores.EndAsync(tx, now, cancellation);
        return 0;
    }

    private static IEnumerable<(string Name, DatabaseAddress Address, IReadOnlyList<Assembly> Rooms)> Databases(KeygateSettings settings)
    {
        if (settings.ServesProvider)
        {
            yield return (Provider, settings.Database, Schema.Provider);
        }

        if (settings.ServesKeyServer)
        {
            yield return (KeyServer, settings.KeyServerDatabase, Schema.KeyServer);
        }
    }
}
