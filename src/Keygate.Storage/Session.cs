using System.Data;
using System.Data.Common;
using System.Globalization;
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

    /// <summary>
    /// Asks for rows that are not needed yet: on PostgreSQL the question travels with the next statement that is waited for, so that several questions cost
    /// one round trip. It sees what stands before it, and nothing that comes after it.
    /// </summary>
    /// <param name="sql">One select.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellation">Ends the wait for the database, where there is one.</param>
    public Question<T> Ask<T>(string sql, object? parameters, CancellationToken cancellation)
    {
        if (Connection is not PipelinedConnection pipeline)
        {
            var asked = QueryAsync<T>(sql, parameters, cancellation);
            return new Question<T>(() => asked);
        }

        List<T>? answer = null;
        Keep(sql, parameters, kept => kept with
        {
            Read = async (reader, token) =>
            {
                var rows = new List<T>();
                if (await reader.ReadAsync(token))
                {
                    var parse = reader.GetRowParser(typeof(T));
                    do
                    {
                        rows.Add(Value<T>(parse(reader)));
                    }
                    while (await reader.ReadAsync(token));
                }

                answer = rows;
            },
        });
        return new Question<T>(async () =>
        {
            if (answer is null)
            {
                await pipeline.FlushAsync(cancellation);
            }

            return answer ?? throw new InvalidOperationException("The question was lost with the statement that it travelled with.");
        });
    }

    /// <summary>Waits for what was to run later: so a fault of it comes up here.</summary>
    public Task FlushAsync(CancellationToken cancellation) => Connection is PipelinedConnection pipeline ? pipeline.FlushAsync(cancellation) : Task.CompletedTask;

    // A single column comes in the engine's own type, as with the mapper's own questions.
    private static T Value<T>(object? value) => value switch
    {
        T row => row,
        null or DBNull => default!,
        _ => (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), CultureInfo.InvariantCulture),
    };

    // The mapper fills in the parameters of what it believes to run.
    private protected void Keep(string sql, object? parameters, Func<PipelinedConnection.Kept, PipelinedConnection.Kept> say)
    {
        var pipeline = (PipelinedConnection)Connection;
        pipeline.Execute(Command(sql, parameters, CancellationToken.None));
        pipeline.Say(say);
    }

    private protected CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(_mutated is null ? sql : _mutated(sql), parameters, Transaction, commandType: CommandType.Text, cancellationToken: cancellation);
}
