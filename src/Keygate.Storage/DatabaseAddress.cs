using Keygate.Kernel;
using Npgsql;

namespace Keygate.Storage;

/// <summary>
/// Where a database is: a SQLite file, or a PostgreSQL server given as <c>postgres://user:pass@host[:port][,host2[:port]]/db</c>
/// with an optional <c>?schema=name&amp;sslmode=verify-full&amp;sslrootcert=file</c>. We parse the address ourselves, since the driver does not take one with several hosts.
/// </summary>
public sealed record DatabaseAddress
{
    private DatabaseAddress(Engine engine, string connection, string schema, string display) =>
        (Engine, ConnectionString, Schema, Display) = (engine, connection, schema, display);

    /// <summary>Which engine.</summary>
    public Engine Engine { get; }

    /// <summary>The schema on PostgreSQL; empty on SQLite.</summary>
    public string Schema { get; }

    /// <summary>The address for people: without the password.</summary>
    public string Display { get; }

    internal string ConnectionString { get; }

    /// <summary>The file of a SQLite database; null on PostgreSQL.</summary>
    public string? File => Engine == Engine.Sqlite ? ConnectionString : null;

    /// <summary>A SQLite database in a file; made when it does not exist.</summary>
    public static DatabaseAddress SqliteFile(string path) => new(Engine.Sqlite, Path.GetFullPath(path), "", Path.GetFullPath(path));

    /// <summary>Reads an address; refuses one that cannot be understood, saying what is wrong with it.</summary>
    public static Result<DatabaseAddress> Parse(string address)
    {
        var rest = address.StartsWith("postgres://", StringComparison.Ordinal) ? address["postgres://".Length..]
            : address.StartsWith("postgresql://", StringComparison.Ordinal) ? address["postgresql://".Length..] : null;
        if (rest is null)
        {
            return StorageErrors.AddressUnreadable.Because($"'{Masked(address)}' does not begin with postgres://.");
        }

        var (path, query) = Cut(rest, '?');
        var at = path.LastIndexOf('@');
        var (user, password) = Cut(at < 0 ? "" : path[..at], ':');
        var (hosts, name) = Cut(path[(at + 1)..], '/');
        if (hosts.Length == 0 || name is null or "" || user.Length == 0)
        {
            return StorageErrors.AddressUnreadable.Because($"'{Masked(address)}' lacks user, host or database name.");
        }

        var schema = "public";
        (string? Mode, string? Roots) tls = (null, null);
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Cut(pair, '=');
            switch (key)
            {
                case "schema" when value is { Length: > 0 and <= 60 } && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'):
                    schema = value;
                    break;
                case "sslmode" when value is "disable" or "prefer" or "require" or "verify-ca" or "verify-full":
                    tls.Mode = value.Replace("-", "", StringComparison.Ordinal);
                    break;
                case "sslrootcert" when value is { Length: > 0 }:
                    tls.Roots = Uri.UnescapeDataString(value);
                    break;
                default:
                    return StorageErrors.AddressUnreadable.Because(
                        $"'{pair}' is not understood; schema=name is, in lower-case letters, digits and underscores, sslmode=disable, prefer, require, verify-ca or verify-full, and sslrootcert=file.");
            }
        }

        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = hosts,
            Database = Uri.UnescapeDataString(name),
            Username = Uri.UnescapeDataString(user),
            Password = password is null ? null : Uri.UnescapeDataString(password),
            SearchPath = schema,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            MaxPoolSize = 40,
            Timeout = 5,
            CommandTimeout = 30,
            KeepAlive = 5,
            TcpKeepAlive = true,
            ApplicationName = "keygate",
            // Pooled connections never change their session (locks and LISTEN have a connection of their own), so there is nothing to reset.
            NoResetOnClose = true,
            IncludeErrorDetail = false,
        };
        if (tls.Mode is not null)
        {
            builder.SslMode = Enum.Parse<SslMode>(tls.Mode, ignoreCase: true);
        }

        if (tls.Roots is not null)
        {
            builder.RootCertificate = tls.Roots;
        }

        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            builder.TargetSessionAttributes = "primary";
            builder.HostRecheckSeconds = 0;
        }

        return new DatabaseAddress(Engine.PostgreSql, builder.ConnectionString, schema, $"postgres://{user}@{hosts}/{name} (schema {schema})");
    }

    /// <summary>The same server with another schema, such as the key server's beside the provider's.</summary>
    public DatabaseAddress InSchema(string schema)
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = schema };
        return new DatabaseAddress(Engine, builder.ConnectionString, schema, Display.Replace($"(schema {Schema})", $"(schema {schema})", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override string ToString() => Display;

    private static (string Head, string? Tail) Cut(string text, char at)
    {
        var i = text.IndexOf(at, StringComparison.Ordinal);
        return i < 0 ? (text, null) : (text[..i], text[(i + 1)..]);
    }

    private static string Masked(string address)
    {
        var at = address.LastIndexOf('@');
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        return at < 0 || scheme < 0 ? address : $"{address[..(scheme + 3)]}***{address[at..]}";
    }
}
