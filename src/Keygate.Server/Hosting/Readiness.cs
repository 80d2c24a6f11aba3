using Keygate.Storage;

namespace Keygate.Server;

/// <summary>One thing that must hold before the process is ready.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Ok">Whether it holds.</param>
/// <param name="Detail">What is wrong; null where it holds.</param>
internal sealed record Check(string Name, bool Ok, string? Detail);

/// <summary>Answers whether the process may be sent requests: started and migrated, databases reachable, work running.</summary>
internal sealed class Readiness(IReadOnlyList<(string Name, Database Database)> databases)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Set by the host when everything that a start does is done; cleared when it stops.</summary>
    public bool Started { get; set; }

    /// <summary>Set by the host: whether this process's work is running; null where it has none.</summary>
    public Func<bool>? WorkRuns { get; set; }

    public async Task<IReadOnlyList<Check>> ChecksAsync(CancellationToken cancellation)
    {
        var checks = new List<Check> { new("started", Started, Started ? null : "The process is starting or stopping.") };
        foreach (var (name, database) in databases)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            try
            {
                await database.ReadAsync(s => s.GetAsync<long>("select count(*) from master_key_check", null, patience.Token), patience.Token);
                checks.Add(new(name, true, null));
            }
            catch (Exception e) when (e is System.Data.Common.DbException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                checks.Add(new(name, false, (StorageFaults.Of(e) ?? StorageErrors.Unreachable).Detail));
            }
        }

        if (WorkRuns is { } runs)
        {
            var running = runs();
            checks.Add(new("work", running, running ? null : "No work is done by this process now."));
        }

        return checks;
    }
}
