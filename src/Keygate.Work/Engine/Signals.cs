using Keygate.Storage;

namespace Keygate.Work;

/// <summary>
/// How commits tell the engine: of this process directly, of others by NOTIFY. A notification is a hint, sent after the commit and
/// coalesced, only for work that others may take: inside the commit it would cost a good part of the throughput.
/// </summary>
internal sealed class Signals
{
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(10);
    private int _pending;

    /// <summary>The node of this process while it can take more work; null otherwise. Set by the engine that runs here.</summary>
    public Func<Life?> Keeper { get; set; } = () => null;

    /// <summary>Hands a process to the engine of this process, whose lease was committed just now.</summary>
    public Action<WorkRow, Life> Begin { get; set; } = (_, _) => { };

    /// <summary>Tells the engine of this process to look for due work.</summary>
    public Action Wake { get; set; } = () => { };

    /// <summary>Work became due that nobody holds.</summary>
    public void Ready(Database database)
    {
        Wake();
        if (database.Engine != Engine.PostgreSql || Keeper() is not null || Interlocked.Exchange(ref _pending, 1) == 1)
        {
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => NotifyAsync(database));
        }
    }

    /// <summary>The channel carries the schema, so that two installations on one server do not wake each other.</summary>
    public static string Channel(DatabaseAddress address)
    {
        var name = "work_" + address.Schema;
        return name.Length <= 63 ? name : name[..63];
    }

    private async Task NotifyAsync(Database database)
    {
        try
        {
            await Task.Delay(Together);
            Volatile.Write(ref _pending, 0);
            await database.ReadAsync(s => s.QueryAsync<string>("select pg_notify(@channel, '')::text", new { channel = Channel(database.Address) }, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e) when (database.Dialect.IsUnreachable(e) || e is ObjectDisposedException)
        {
            // A hint only: the others look by themselves a moment later.
            Volatile.Write(ref _pending, 0);
        }
    }
}
