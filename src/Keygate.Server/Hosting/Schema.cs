using System.Reflection;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Licensing;
using Keygate.Notices;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Server;

/// <summary>Which rooms keep tables in which database.</summary>
internal static class Schema
{
    /// <summary>The version of this program.</summary>
    public static readonly Version Program = Version.Parse(typeof(Schema).Assembly.GetName().Version!.ToString(3));

    public static readonly IReadOnlyList<Assembly> Provider =
    [
        typeof(Database).Assembly, typeof(Process).Assembly, typeof(AccountsModule).Assembly, typeof(PluginsModule).Assembly, typeof(CatalogModule).Assembly,
        typeof(LicensingModule).Assembly, typeof(OrdersModule).Assembly, typeof(NoticesModule).Assembly,
    ];

    public static readonly IReadOnlyList<Assembly> KeyServer =
        [typeof(Database).Assembly, typeof(Process).Assembly, typeof(AccountsModule).Assembly, typeof(KeyServerModule).Assembly];

    /// <summary>Brings the databases of the process's roles to this program's schema and ties them to the master key.</summary>
    public static async Task<Result<IReadOnlyList<string>>> MigrateAsync(
        IReadOnlyList<(Database Database, IReadOnlyList<Assembly> Rooms)> databases, MasterKey key, TimeProvider time, CancellationToken cancellation)
    {
        var applied = new List<string>();
        foreach (var (database, rooms) in databases)
        {
            try
            {
                if (!(await new Migrator(database, rooms, Program, time).MigrateAsync(cancellation)).TryGet(out var report, out var error)
                    || !(await Restores.CheckAsync(database, cancellation)).TryGet(out _, out error)
                    || !(await key.BelongToAsync(database, cancellation)).TryGet(out _, out error))
                {
                    return error;
                }

                applied.AddRange(report.Applied.Select(m => $"{database.Address}: {m}"));
            }
            catch (System.Data.Common.DbException e)
            {
                return (StorageFaults.Of(e) ?? StorageErrors.Unreachable).Because($"{database.Address}: {e.Message}");
            }
        }

        return applied;
    }
}
