using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>Where a database of a backup goes.</summary>
/// <param name="Database">The database; empty.</param>
/// <param name="Rooms">The rooms that keep tables in it.</param>
public sealed record RestoreTarget(Database Database, IReadOnlyList<Assembly> Rooms);

/// <summary>Reads a backup, from its beginning to its end, once.</summary>
public sealed class BackupReader : IDisposable
{
    private readonly UnsealingStream _unsealing;
    private readonly BinaryReader _from;

    private BackupReader(UnsealingStream unsealing, BinaryReader from, BackupManifest manifest, MasterKey key) =>
        (_unsealing, _from, Manifest, Key) = (unsealing, from, manifest, key);

    /// <summary>What it begins with.</summary>
    public BackupManifest Manifest { get; }

    /// <summary>The master key under which the secrets in it are sealed.</summary>
    public MasterKey Key { get; }

    /// <summary>Opens it, and closes the file when it is closed. Refuses another passphrase, and a file that is no backup.</summary>
    public static Result<BackupReader> Open(Stream file, Secret passphrase)
    {
        UnsealingStream? unsealing = null;
        try
        {
            unsealing = UnsealingStream.Begin(file, passphrase.Reveal);
            var from = new BinaryReader(new BufferedStream(new BrotliStream(unsealing, CompressionMode.Decompress), SealingStream.PieceLength), Encoding.UTF8);
            Expect(from.ReadByte(), BackupFrames.Manifest);
            var manifest = Json.Read<BackupManifest>(BackupFrames.ReadText(from));
            Expect(from.ReadByte(), BackupFrames.Key);
            return MasterKey.Parse(BackupFrames.ReadText(from)).TryGet(out var key, out var error) ? new BackupReader(unsealing, from, manifest, key) : error;
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            unsealing?.Dispose();
            file.Dispose();
            return StorageErrors.BackupUnreadable.Because(e.Message);
        }
    }

    /// <summary>Writes the key into a folder that has none.</summary>
    public void WriteKey(string folder)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(MasterKey.FileOf(folder), options);
        stream.Write(Encoding.ASCII.GetBytes(Key.Text.Reveal + "\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Reads all of it. A database that has a target is restored into it, which must be empty; others are only read. Refused where the file is not whole, or holds what this program does not
    /// know; targets before that place are restored then, and say so at start.
    /// </summary>
    /// <param name="targets">Targets by the databases' names; none to check the file only.</param>
    /// <param name="program">This program.</param>
    /// <param name="jump">How far all sequences go ahead of where they were.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Result<IReadOnlyList<SavedPart>>> ReadAsync(
        IReadOnlyDictionary<string, RestoreTarget> targets, Version program, long jump, TimeProvider time, CancellationToken cancellation)
    {
        var parts = new List<SavedPart>();
        try
        {
            var frame = _from.ReadByte();
            while (frame == BackupFrames.Database)
            {
                var saved = Json.Read<SavedDatabase>(BackupFrames.ReadText(_from));
                Task<(SavedPart, byte)> Walk(TableLoader? into) => WalkAsync(saved, into, cancellation);
                if (targets.TryGetValue(saved.Name, out var target))
                {
                    var restored = await new DatabaseRestore(target, saved, Manifest, program, jump, time).RunAsync(Walk, cancellation);
                    if (!restored.TryGet(out var done, out var error))
                    {
                        return error;
                    }

                    (var part, frame) = done;
                    parts.Add(part);
                }
                else
                {
                    (var part, frame) = await Walk(null);
                    parts.Add(part);
                }
            }

            Expect(frame, BackupFrames.End);
            // The last piece says that it is the last.
            return _from.Read() == -1 && _unsealing.IsAtEnd() ? parts : StorageErrors.BackupUnreadable.Because("Something follows its end.");
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return StorageErrors.BackupUnreadable.Because(e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _from.Dispose();
        _unsealing.Dispose();
    }

    private static bool IsUnreadable(Exception e) => e is CryptographicException or InvalidDataException or EndOfStreamException;

    private static void Expect(byte frame, byte expected)
    {
        if (frame != expected)
        {
            throw new InvalidDataException("Its parts are not in the order that they should be in.");
        }
    }

    // The frame that follows the database comes back with it.
    private async Task<(SavedPart Part, byte Next)> WalkAsync(SavedDatabase saved, TableLoader? into, CancellationToken cancellation)
    {
        var (tables, rows) = (0, 0L);
        var frame = _from.ReadByte();
        for (; frame == BackupFrames.Table; frame = _from.ReadByte())
        {
            var table = Json.Read<SavedTable>(BackupFrames.ReadText(_from));
            tables++;
            var count = rows;
            IEnumerable<object[]> Rows()
            {
                byte next;
                while ((next = _from.ReadByte()) == BackupFrames.Row)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var row = new object[table.Columns.Count];
                    for (var i = 0; i < row.Length; i++)
                    {
                        row[i] = BackupFrames.ReadValue(_from);
                    }

                    count++;
                    yield return row;
                }

                Expect(next, BackupFrames.End);
            }

            if (into is null)
            {
                foreach (var _ in Rows())
                {
                }
            }
            else
            {
                await into.LoadAsync(table, Rows(), cancellation);
            }

            rows = count;
        }

        return (new SavedPart(saved.Name, tables, rows), frame);
    }
}
