using System.IO.Compression;
using System.Text;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>What was saved of a database.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Tables">How many tables.</param>
/// <param name="Rows">How many rows.</param>
public sealed record SavedPart(string Name, int Tables, long Rows);

/// <summary>
/// Writes a backup: the master key and databases one after the other, each as it was at one moment, while servers go on working with them. The rows go as numbers and texts, so that a backup
/// of one engine can be restored to the other.
/// </summary>
public sealed class BackupWriter : IDisposable
{
    /// <summary>The shortest passphrase.</summary>
    public const int PassphraseMin = 12;

    private readonly SealingStream _sealing;
    private readonly BrotliStream _packing;
    private readonly BinaryWriter _to;

    private BackupWriter(SealingStream sealing)
    {
        _sealing = sealing;
        _packing = new BrotliStream(sealing, CompressionLevel.Fastest, leaveOpen: true);
        _to = new BinaryWriter(new BufferedStream(_packing, SealingStream.PieceLength), Encoding.UTF8);
    }

    /// <summary>Begins it. Refuses a passphrase that is too short.</summary>
    public static Result<BackupWriter> Begin(Stream to, Secret passphrase, BackupManifest manifest, MasterKey key)
    {
        if (passphrase.Reveal.Length < PassphraseMin)
        {
            return StorageErrors.PassphraseWeak.Because($"It has {passphrase.Reveal.Length} characters.");
        }

        var writer = new BackupWriter(SealingStream.Begin(to, passphrase.Reveal));
        writer._to.Write(BackupFrames.Manifest);
        BackupFrames.WriteText(writer._to, Json.Write(manifest));
        writer._to.Write(BackupFrames.Key);
        BackupFrames.WriteText(writer._to, key.Text.Reveal);
        return writer;
    }

    /// <summary>Saves a database. Refused where there is none.</summary>
    public async Task<Result<SavedPart>> AddAsync(string name, Database database, CancellationToken cancellation)
    {
        if (database.Address.File is { } file && !File.Exists(file))
        {
            return StorageErrors.DatabaseAbsent.Because($"There is no {file}.");
        }

        return await database.SnapshotAsync<Result<SavedPart>>(async (connection, transaction) =>
        {
            var exists = await TableCatalog.TextsAsync(connection, transaction, database.Engine == Engine.Sqlite
                ? "select name from sqlite_master where type = 'table' and name = 'migrations'"
                : $"select tablename from pg_tables where schemaname = '{database.Address.Schema}' and tablename = 'migrations'", cancellation);
            if (exists.Count == 0)
            {
                return StorageErrors.DatabaseAbsent.Because($"{database.Address} has no tables of Keygate's.");
            }

            // What one engine calls by the name of its file, the other has under the same number.
            var migrations = await TableCatalog.TextsAsync(connection, transaction, database.Engine == Engine.Sqlite
                ? "select room || ' ' || printf('%04d', number) || ' ' || name from migrations order by room, number"
                : "select room || ' ' || lpad(number::text, 4, '0') || ' ' || name from migrations order by room, number", cancellation);
            _to.Write(BackupFrames.Database);
            BackupFrames.WriteText(_to, Json.Write(new SavedDatabase(name, database.Engine.ToString(), migrations)));
            var (tables, rows) = (await TableCatalog.TablesAsync(connection, transaction, database, cancellation), 0L);
            foreach (var table in tables)
            {
                var columns = (await TableCatalog.ColumnsAsync(connection, transaction, database, table, cancellation)).ConvertAll(c => c.Name);
                var sequence = await TableCatalog.SequenceAsync(connection, transaction, database, table, cancellation);
                _to.Write(BackupFrames.Table);
                BackupFrames.WriteText(_to, Json.Write(new SavedTable(table, columns, sequence?.Last)));
                await using var command = TableCatalog.Command(connection, transaction, $"select {string.Join(", ", columns.Select(c => $"\"{c}\""))} from \"{table}\"");
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    _to.Write(BackupFrames.Row);
                    for (var i = 0; i < columns.Count; i++)
                    {
                        BackupFrames.WriteValue(_to, reader.GetValue(i));
                    }

                    rows++;
                }

                _to.Write(BackupFrames.End);
            }

            return new SavedPart(name, tables.Count, rows);
        }, cancellation);
    }

    /// <summary>Ends it; without this the backup is not whole.</summary>
    public void End()
    {
        _to.Write(BackupFrames.End);
        _to.Flush();
        _packing.Dispose();
        _sealing.End();
    }

    /// <inheritdoc/>
    public void Dispose() => _sealing.Dispose();
}
