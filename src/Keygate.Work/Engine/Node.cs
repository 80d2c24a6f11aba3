using System.Data;
using System.Diagnostics;
using System.Globalization;
using Keygate.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Keygate.Work;

/// <summary>One life of a node: an identity with its lease. An identity that the others took for dead is never used again.</summary>
internal sealed class Life(long id, long leaseEnd)
{
    private long _leaseEnd = leaseEnd;

    public long Id => id;

    /// <summary>Whether the lease surely lasts at this moment: counted in real time from before the last heartbeat was sent.</summary>
    public bool IsHeld => Stopwatch.GetTimestamp() < Interlocked.Read(ref _leaseEnd);

    public void Extend(long leaseEnd) => Interlocked.Exchange(ref _leaseEnd, leaseEnd);

    public void End() => Interlocked.Exchange(ref _leaseEnd, 0);
}

/// <summary>
/// Says that this process lives. On PostgreSQL by a session advisory lock on a connection of its own, which ends the moment the process does,
/// and by a heartbeat on the same connection, since a frozen process keeps its socket. When either is lost the node is dead for the others,
/// so it stops working and comes back under another identity. On SQLite one process works: whoever starts takes over everything.
/// </summary>
internal sealed class Node(Database database, WorkOptions options, TimeProvider time, Chance chance, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Life? _life;
    private Task _living = Task.CompletedTask;
    private int _begun;

    /// <summary>The present identity while its lease lasts.</summary>
    public Life? Life => _life is { IsHeld: true } life ? life : null;

    /// <summary>Runs when others told of due work, and after each new identity.</summary>
    public Action Told { get; set; } = () => { };

    /// <summary>The backend of the dedicated connection, for tests that cut it.</summary>
    public int? Backend { get; private set; }

    public Task JoinAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            using var flow = ExecutionContext.SuppressFlow();
            _living = Task.Run(() => LiveAsync(_leaving.Token), CancellationToken.None);
        }

        return _joined.Task.WaitAsync(cancellation);
    }

    /// <summary>Dead nodes' work becomes ready again, with a new fence; true when there was some.</summary>
    public async Task<bool> RecoverDeadAsync(CancellationToken cancellation)
    {
        if (database.Engine == Engine.Sqlite || Life is not { } life)
        {
            return false;
        }

        // A lock that we can take is one that its process no longer holds. It is ours for the transaction only.
        var sql = $"""
            select id from work_nodes
            where id <> @Me and (beat_at < {database.Dialect.NowMs} - @Deadline or pg_try_advisory_xact_lock(id))
            """;
        var given = new { Me = life.Id, Deadline = (long)options.HeartbeatDeadline.TotalMilliseconds };
        if ((await database.ReadAsync(s => s.QueryAsync<long>(sql, given, cancellation), cancellation)).Count == 0)
        {
            return false;
        }

        var recovered = await database.WriteAsync(async tx =>
        {
            var work = 0;
            foreach (var dead in await tx.QueryAsync<long>($"{sql} order by id{tx.Dialect.ForUpdateSkipLocked}", given, cancellation))
            {
                var count = await WorkStore.RecoverAsync(tx, dead, time.GetUtcNow(), cancellation);
                logger.LogWarning("Work: node {Node} is dead; {Count} processes of its go to the living", dead, count);
                work += count;
            }

            return work;
        }, cancellation);
        return recovered > 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _living;
        _leaving.Dispose();
    }

    private async Task LiveAsync(CancellationToken leaving)
    {
        while (!leaving.IsCancellationRequested)
        {
            try
            {
                await (database.Engine == Engine.Sqlite ? LiveOnSqliteAsync(leaving) : LiveOnPostgresAsync(leaving));
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Work: this node lost its connection; it stops working until it is back");
            }
            finally
            {
                _life?.End();
                _life = null;
                Backend = null;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LiveOnSqliteAsync(CancellationToken leaving)
    {
        var id = chance.Number();
        await database.WriteAsync(async tx =>
        {
            foreach (var dead in await tx.QueryAsync<long>("select distinct owner from work where owner is not null", null, leaving))
            {
                await WorkStore.RecoverAsync(tx, dead, time.GetUtcNow(), leaving);
            }

            return await tx.ExecuteAsync("update work_lane_slots set work = null, owner = null where work is not null", null, leaving);
        }, leaving);
        Begin(new Life(id, long.MaxValue));
        await Task.Delay(Timeout.InfiniteTimeSpan, leaving);
    }

    private async Task LiveOnPostgresAsync(CancellationToken leaving)
    {
        var id = chance.Number();
        await using var connection = await database.OpenDedicatedAsync(leaving);
        connection.Notification += (_, _) => Told();
        if (!(bool)(await ScalarAsync(connection, "select pg_try_advisory_lock($1)", leaving, id))!)
        {
            throw new InvalidOperationException("The number of this node is taken.");
        }

        await ScalarAsync(connection, $"listen \"{Signals.Channel(database.Address)}\"", leaving);
        var sent = Stopwatch.GetTimestamp();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");
        await ScalarAsync(connection,
            $"insert into work_nodes(id, name, started_at, beat_at) values ($1, $2, $3, {database.Dialect.NowMs})",
            leaving, id, name, time.GetUtcNow().ToUnixTimeMilliseconds());
        Backend = connection.ProcessID;
        var life = new Life(id, LeaseEnd(sent));
        Begin(life);
        try
        {
            while (true)
            {
                await ListenAsync(connection, options.HeartbeatEvery, leaving);
                sent = Stopwatch.GetTimestamp();
                if (await ScalarAsync(connection, $"update work_nodes set beat_at = {database.Dialect.NowMs} where id = $1 returning id", leaving, id) is null)
                {
                    logger.LogWarning("Work: the others took this node for dead; it comes back under another identity");
                    return;
                }

                life.Extend(LeaseEnd(sent));
            }
        }
        finally
        {
            life.End();
            if (leaving.IsCancellationRequested && connection.State == ConnectionState.Open)
            {
                // What is still held is recovered by the others: an act that is open outside must not look as if it had been given back.
                await ScalarAsync(connection, "delete from work_nodes where id = $1 and not exists (select 1 from work where owner = $1)", CancellationToken.None, id);
            }
        }
    }

    private long LeaseEnd(long sent) => sent + (long)(options.HeartbeatDeadline.TotalSeconds * Stopwatch.Frequency);

    private void Begin(Life life)
    {
        _life = life;
        _joined.TrySetResult();
        Told();
    }

    private static async Task ListenAsync(NpgsqlConnection connection, TimeSpan time, CancellationToken leaving)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until);
            if (left <= TimeSpan.Zero || !await connection.WaitAsync(left, leaving))
            {
                return;
            }
        }
    }

    private async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
#pragma warning disable CA2100 // The text holds no input; the channel is made of checked characters.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Math.Max(1, (int)options.HeartbeatDeadline.TotalSeconds) };
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        return await command.ExecuteScalarAsync(cancellation);
    }
}
