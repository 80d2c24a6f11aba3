using System.Data;
using System.Data.Common;
using Dapper;

namespace Keygate.Storage;

/// <summary>A connection with our way of asking: SQL by hand, parameters by name, cancellation always.</summary>
public class Session
{
    private readonly Func<string, string>? _mutated;

    internal Session(DbConnection connection, DbTransaction? transaction, Dialect dialect, Func<string, string>? mutated) =>
        (Connection, Transaction, Dialect, _mutated) = (connection, transaction, dialect, mutated);

    /// <summary>The engine's differences.</summary>
    public Dialect Dialect { get; }

    /// <summary>The open connection, for what Dapper does not do.</summary>
    public DbConnection Connection { get; }

    /// <summary>The transaction; null in a read outside one.</summary>
    public DbTransaction? Transaction { get; }

    /// <summary>All rows.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken cancellation) =>
        (await Connection.QueryAsync<T>(Command(sql, parameters, cancellation))).AsList();

    /// <summary>The one row, or null (default) where there is none. Throws for more than one.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken cancellation) =>
        Connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters, cancellation));

    /// <summary>The one value; throws where there is none.</summary>
    public Task<T> GetAsync<T>(string sql, object? parameters, CancellationToken cancellation) =>
        Connection.QuerySingleAsync<T>(Command(sql, parameters, cancellation));

    /// <summary>The results of several selects of one text, in one round trip.</summary>
    public async Task<T> QueryManyAsync<T>(string sql, object? parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancellation)
    {
        if (this is Tx tx)
        {
            await tx.FlushAsync(cancellation);
        }

        await using var grid = await Connection.QueryMultipleAsync(Command(sql, parameters, cancellation));
        return await read(grid);
    }

    private protected CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(_mutated is null ? sql : _mutated(sql), parameters, Transaction, commandType: CommandType.Text, cancellationToken: cancellation);
}
