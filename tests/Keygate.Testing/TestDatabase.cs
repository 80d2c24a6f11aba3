using System.Reflection;
using System.Security.Cryptography;
using Keygate.Storage;
using Shouldly;
using Xunit;

namespace Keygate.Testing;

/// <summary>
/// A database of its own for one test, empty or migrated: a SQLite file, or a schema of the throw-away PostgreSQL. Where there is no
/// PostgreSQL the test is skipped with a sentence; with <c>CI=true</c> it fails instead.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>The program version that tests migrate with.</summary>
    public static readonly Version Program = new(0, 1, 0);

    private readonly TempFolder? _folder;
    private readonly List<Database> _further = [];

    private TestDatabase(Database database, TempFolder? folder) => (Database, _folder) = (database, folder);

    /// <summary>The database.</summary>
    public Database Database { get; }

    /// <summary>Which engine it is on.</summary>
    public Engine Engine => Database.Engine;

    /// <summary>A database with the migrations of these rooms' assemblies; empty where none are given.</summary>
    public static Task<TestDatabase> CreateAsync(Engine engine, params Assembly[] rooms) => CreateAsync(engine, null, rooms);

    /// <summary>The same, opened with options other than the usual.</summary>
    public static async Task<TestDatabase> CreateAsync(Engine engine, DatabaseOptions? options, params Assembly[] rooms)
    {
        var folder = engine == Engine.Sqlite ? new TempFolder() : null;
        var address = folder is null ? await PostgresAddressAsync() : DatabaseAddress.SqliteFile(folder.File("keygate.db"));
        var test = new TestDatabase(Database.At(address, options), folder);
        if (rooms.Length > 0)
        {
            (await new Migrator(test.Database, rooms, Program, TimeProvider.System).MigrateAsync(CancellationToken.None)).IsDone.ShouldBeTrue();
        }

        return test;
    }

    /// <summary>The address of a new, empty PostgreSQL schema; skips the test where there is no PostgreSQL.</summary>
    public static async Task<DatabaseAddress> PostgresAddressAsync() => DatabaseAddress.Parse(await PostgresUrlAsync()).Value;

    /// <summary>The same as an operator would write it into <c>KEYGATE_DB</c>, for tests that start processes.</summary>
    public static async Task<string> PostgresUrlAsync()
    {
        if (Postgres.Missing is { } why)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", why);
            throw new InvalidOperationException(why);
        }

        var postgres = await Postgres.RunningAsync();
        return $"postgres://keygate@127.0.0.1:{postgres.Port}/keygate?schema=t_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
    }

    /// <summary>The same database opened once more, as another process would (PostgreSQL). Closed with this one.</summary>
    public Database OpenAgain(DatabaseOptions? options = null)
    {
        var database = Database.At(Database.Address, options);
        _further.Add(database);
        return database;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var database in _further)
        {
            await database.DisposeAsync();
        }

        await Database.DisposeAsync();
        _folder?.Dispose();
    }
}

