using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Keygate.Storage;

/// <summary>
/// Where the two engines' SQL differs: row locks, the database's clock, column types of migrations, how a violation looks.
/// Everything else is written once. Times are 64-bit Unix milliseconds in both, dates are <c>yyyy-mm-dd</c> text.
/// </summary>
public abstract class Dialect
{
    /// <summary>Which engine this is.</summary>
    public abstract Engine Engine { get; }

    /// <summary>Expression for the database's own clock in Unix milliseconds; leases are told by it.</summary>
    public abstract string NowMs { get; }

    /// <summary>Ends a select whose rows the transaction is about to change; empty where one writer holds the whole database.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>The same, passing over rows that somebody else holds.</summary>
    public abstract string ForUpdateSkipLocked { get; }

    /// <summary>
    /// Condition that a value is one of a list, as in <c>where kind {dialect.AnyOf("kinds")}</c> with an array or list as the parameter: the
    /// drivers take lists differently.
    /// </summary>
    public abstract string AnyOf(string parameter);

    /// <summary>Sorts text by code point, as both engines must to page alike.</summary>
    public abstract string ByCodePoint { get; }

    /// <summary>Replaces the type words of a migration, such as <c>{id}</c>, by this engine's.</summary>
    public string Expand(string sql)
    {
        foreach (var (word, type) in Types)
        {
            sql = sql.Replace(word, type, StringComparison.Ordinal);
        }

        return sql;
    }

    /// <summary>True when the statement failed because a unique value was already taken.</summary>
    public abstract bool IsUniqueViolation(DbException exception);

    /// <summary>True when the database could not be reached or is locked: the same act may succeed later.</summary>
    public abstract bool IsUnreachable(Exception exception);

    /// <summary>True when somebody else held what the statement needed for longer than it may wait.</summary>
    public abstract bool IsLocked(DbException exception);

    /// <summary>True when no room is left for the database's files.</summary>
    public abstract bool IsFull(DbException exception);

    /// <summary>
    /// Words of migrations: <c>{id}</c> a rising 32-bit key never given twice, <c>{bigid}</c> the same with 64 bits,
    /// <c>{bool}</c>, <c>{bytes}</c>, <c>{int}</c>, <c>{long}</c>, <c>{text}</c> (sorted by code point), <c>{time}</c> (Unix
    /// milliseconds), <c>{date}</c> (yyyy-mm-dd), <c>{json}</c>.
    /// </summary>
    protected abstract IReadOnlyList<(string Word, string Type)> Types { get; }

    internal static Dialect Of(Engine engine) => engine == Engine.Sqlite ? new SqliteDialect() : new PostgreSqlDialect();

    private sealed class SqliteDialect : Dialect
    {
        private const int Full = 13, CantOpen = 14, Busy = 5, Locked = 6, IoError = 10;

        public override Engine Engine => Engine.Sqlite;

        public override string NowMs => "cast(unixepoch('subsec') * 1000 as integer)";

        public override string ForUpdate => "";

        public override string ForUpdateSkipLocked => "";

        public override string ByCodePoint => "collate binary";

        public override string AnyOf(string parameter) => $"in @{parameter}";

        protected override IReadOnlyList<(string Word, string Type)> Types { get; } =
        [
            ("{id}", "integer primary key autoincrement"), ("{bigid}", "integer primary key autoincrement"),
            ("{bool}", "integer"), ("{bytes}", "blob"), ("{int}", "integer"), ("{long}", "integer"), ("{text}", "text"),
            ("{time}", "integer"), ("{date}", "text"), ("{json}", "text"),
        ];

        public override bool IsUniqueViolation(DbException exception) =>
            exception is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };

        public override bool IsUnreachable(Exception exception) =>
            exception is SqliteException { SqliteErrorCode: Busy or Locked or CantOpen or IoError };

        public override bool IsLocked(DbException exception) => exception is SqliteException { SqliteErrorCode: Busy or Locked };

        public override bool IsFull(DbException exception) => exception is SqliteException { SqliteErrorCode: Full };
    }

    private sealed class PostgreSqlDialect : Dialect
    {
        public override Engine Engine => Engine.PostgreSql;

        public override string NowMs => "(extract(epoch from clock_timestamp()) * 1000)::bigint";

        public override string ForUpdate => " for update";

        public override string ForUpdateSkipLocked => " for update skip locked";

        public override string ByCodePoint => "collate \"C\"";

        public override string AnyOf(string parameter) => $"= any(@{parameter})";

        protected override IReadOnlyList<(string Word, string Type)> Types { get; } =
        [
            ("{id}", "integer generated by default as identity primary key"),
            ("{bigid}", "bigint generated by default as identity primary key"),
            ("{bool}", "boolean"), ("{bytes}", "bytea"), ("{int}", "integer"), ("{long}", "bigint"), ("{text}", "text collate \"C\""),
            ("{time}", "bigint"), ("{date}", "text collate \"C\""), ("{json}", "text"),
        ];

        public override bool IsUniqueViolation(DbException exception) =>
            exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

        public override bool IsUnreachable(Exception exception) => exception switch
        {
            PostgresException p => p.IsTransient || p.SqlState.StartsWith("57P", StringComparison.Ordinal)
                || p.SqlState is "25P03" or PostgresErrorCodes.TooManyConnections,
            NpgsqlException => true,
            TimeoutException => true,
            _ => false,
        };

        public override bool IsLocked(DbException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

        public override bool IsFull(DbException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.DiskFull };
    }
}
