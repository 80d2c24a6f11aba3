using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Keygate.Storage;
using Shouldly;
using Xunit;

namespace Keygate.Testing;

/// <summary>
/// A database of its own for one test, empty or migrated: a SQLite file, or one of the throw-away PostgreSQL. Where there is no PostgreSQL the test is skipped with a
/// sentence; with <c>CI=true</c> it fails instead.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>The program version that tests migrate with.</summary>
    public static readonly Version Program = new(0, 1, 0);

    private static readonly Lazy<Task<PostgresCopies>> Copies = new(async () => new PostgresCopies(await PostgresAsync(), async (name, rooms) =>
    {
        await using var database = Database.At(await AddressAsync(name, "keygate"), null);
        await MigrateAsync(database, rooms);
    }));

    private readonly TempFolder? _folder;
    private readonly Func<Task>? _giveBackAsync;
    private readonly List<Database> _further = [];

    private TestDatabase(Database database, TempFolder? folder, Func<Task>? giveBackAsync) => (Database, _folder, _giveBackAsync) = (database, folder, giveBackAsync);

    /// <summary>The database.</summary>
    public Database Database { get; }

    /// <summary>Which engine it is on.</summary>
    public Engine Engine => Database.Engine;

    /// <summary>A database with the migrations of these rooms' assemblies; empty where none are given.</summary>
    public static Task<TestDatabase> CreateAsync(Engine engine, params Assembly[] rooms) => CreateAsync(engine, null, rooms);

    /// <summary>The same, opened with options other than the usual.</summary>
    public static async Task<TestDatabase> CreateAsync(Engine engine, DatabaseOptions? options, params Assembly[] rooms)
    {
        if (engine == Engine.PostgreSql && rooms.Length > 0)
        {
            await PostgresAsync();
            var copies = await Copies.Value;
            var copy = await copies.TakeAsync(rooms);
            return new TestDatabase(Database.At(await AddressAsync(copy, "keygate"), options), null, () => copies.GiveBackAsync(copy, rooms));
        }

        var folder = engine == Engine.Sqlite ? new TempFolder() : null;
        var test = new TestDatabase(Database.At(folder is null ? await PostgresAddressAsync() : DatabaseAddress.SqliteFile(folder.File("keygate.db")), options), folder, null);
        if (rooms.Length > 0)
        {
            await MigrateAsync(test.Database, rooms);
        }

        return test;
    }

    /// <summary>The address of a new, empty PostgreSQL schema; skips the test where there is no PostgreSQL.</summary>
    public static async Task<DatabaseAddress> PostgresAddressAsync() => DatabaseAddress.Parse(await PostgresUrlAsync()).Value;

    /// <summary>The same as an operator would write it into <c>KEYGATE_DB</c>, for tests that start processes.</summary>
    public static async Task<string> PostgresUrlAsync() => Url(await PostgresAsync(), "keygate", NewName());

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
        await (_giveBackAsync?.Invoke() ?? Task.CompletedTask);
    }

    private static async Task<Postgres> PostgresAsync()
    {
        if (Postgres.Missing is { } why)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", why);
            throw new InvalidOperationException(why);
        }

        return await Postgres.RunningAsync();
    }

    private static async Task MigrateAsync(Database database, Assembly[] rooms) =>
        (await new Migrator(database, rooms, Program, TimeProvider.System).MigrateAsync(CancellationToken.None)).IsDone.ShouldBeTrue();

    private static async Task<DatabaseAddress> AddressAsync(string database, string schema) => DatabaseAddress.Parse(Url(await PostgresAsync(), database, schema)).Value;

    private static string Url(Postgres postgres, string database, string schema) =>
        string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{postgres.Port}/{database}?schema={schema}");

    internal static string NewName() => $"t_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
}

