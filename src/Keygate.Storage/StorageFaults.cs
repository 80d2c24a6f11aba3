using System.Data.Common;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>What an exception of a driver means, for doors and loops that catch it.</summary>
public static class StorageFaults
{
    private static readonly Dialect[] Engines = [Dialect.Of(Engine.Sqlite), Dialect.Of(Engine.PostgreSql)];

    /// <summary>The refusal that stands for a lost, locked or full database; null where the exception is none of these.</summary>
    public static Error? Of(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is DatabaseBusyException busy)
            {
                return busy.IsLocked ? StorageErrors.Locked : StorageErrors.Busy;
            }

            if (e is DbException db && Engines.Any(engine => engine.IsFull(db)))
            {
                return StorageErrors.Full;
            }

            if (e is DbException held && Engines.Any(engine => engine.IsLocked(held)))
            {
                return StorageErrors.Locked;
            }

            // A bare time-out may come from anywhere; the drivers wrap theirs.
            if (e is DbException && Engines.Any(engine => engine.IsUnreachable(e)))
            {
                return StorageErrors.Unreachable;
            }
        }

        return null;
    }
}
