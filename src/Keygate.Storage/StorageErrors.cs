using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>Refusals of the storage room.</summary>
public static class StorageErrors
{
    public static readonly Error AddressUnreadable = new("storage.address-unreadable", ErrorKind.Invalid,
        "The database address cannot be read", "Write KEYGATE_DB as postgres://user:password@host[,host2]/database, or leave it empty for SQLite.");

    public static readonly Error Unreachable = new("storage.unreachable", ErrorKind.Unavailable,
        "The database does not answer", "Check that the database runs and that KEYGATE_DB names it; nothing was changed, try again.");

    public static readonly Error Locked = new("storage.locked", ErrorKind.Unavailable,
        "Another program keeps the database locked", "End the other program, such as a backup or a database browser; nothing was changed, try again.");

    public static readonly Error Busy = new("storage.busy", ErrorKind.Unavailable,
        "A program holds a transaction open, and SQLite takes one writer at a time", "Try again in a few seconds: an open transaction ends after 30 seconds at the latest; on PostgreSQL nobody waits for it.");

    public static readonly Error Full = new("storage.full", ErrorKind.Unavailable,
        "No space is left for the database", "Free space on the database's disk; nothing was changed, try again.");

    public static readonly Error ProgramTooOld = new("storage.program-too-old", ErrorKind.Conflict,
        "The database was migrated by a newer Keygate that this one cannot live with", "Install the version that is named, or restore the backup made before the migration.");

    public static readonly Error MigrationChanged = new("storage.migration-changed", ErrorKind.Conflict,
        "A migration that was applied differs from the one in this program", "Use a released program: migrations never change after their release.");

    public static readonly Error MigrationFailed = new("storage.migration-failed", ErrorKind.Conflict,
        "A migration failed and was rolled back", "The database is as before; see the cause, mend it and start again.");

    public static readonly Error FolderInUse = new("storage.folder-in-use", ErrorKind.Conflict,
        "Another Keygate works on this data folder", "Stop the other process, or set KEYGATE_DATA to another folder; several processes need PostgreSQL.");

    public static readonly Error FolderUnusable = new("storage.folder-unusable", ErrorKind.Unavailable,
        "The data folder cannot be used", "Give the server's user the right to write into the folder, or set KEYGATE_DATA to another one.");

    public static readonly Error MasterKeyForeign = new("storage.master-key-foreign", ErrorKind.Conflict,
        "The master key does not belong to this database", "Start with the master.key file or KEYGATE_MASTER_KEY that this database was made with.");

    public static readonly Error MasterKeyUnreadable = new("storage.master-key-unreadable", ErrorKind.Invalid,
        "The master key cannot be read", "A master key is 32 bytes in base64; restore master.key from your backup.");

    public static readonly Error PassphraseWeak = new("storage.passphrase-weak", ErrorKind.Invalid,
        "The passphrase is too short", "Choose 12 characters or more, and keep them where the backup is not.");

    public static readonly Error BackupUnreadable = new("storage.backup-unreadable", ErrorKind.Invalid,
        "The backup cannot be read", "Check the passphrase and the file: one that was changed or cut off on its way opens with none.");

    public static readonly Error BackupUnfit = new("storage.backup-unfit", ErrorKind.Conflict,
        "The backup does not fit this program", "Restore it with the version that made it or a later one.");

    public static readonly Error DatabaseAbsent = new("storage.database-absent", ErrorKind.Conflict,
        "There is no database to back up", "Name the data folder or the database of the server with the settings that it runs with.");

    public static readonly Error DatabaseInPlace = new("storage.database-in-place", ErrorKind.Conflict,
        "There is a database already where the backup would be restored", "Restore into an empty folder, schema or database; or say --replace, which sets the present one aside under another name.");

    public static readonly Error SchemaStays = new("storage.schema-stays", ErrorKind.Conflict,
        "The present schema cannot be set aside", "Give the database's user the right to create schemas and to own this one, or restore into an empty database.");

    public static readonly Error RestoreUnfinished = new("storage.restore-unfinished", ErrorKind.Conflict,
        "A restore into this database did not end", "Run the restore again with --replace.");
}
