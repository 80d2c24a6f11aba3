using System.Data.Common;
using Keygate.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keygate.Accounts;

/// <summary>A database with an audit trail.</summary>
/// <param name="Name">What people call it: <c>provider</c> or <c>keyserver</c>.</param>
/// <param name="Database">The database.</param>
public sealed record AuditedDatabase(string Name, Database Database);

/// <summary>Links the audit trail of this process's databases, each second (real time). Every node tries; one at a time does.</summary>
internal sealed partial class AuditAppender(IEnumerable<AuditedDatabase> databases, AuditChain chain, ILogger<AuditAppender> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                foreach (var audited in databases)
                {
                    await RoundAsync(audited, stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Links all that is there.</summary>
    public async Task RoundAsync(AuditedDatabase audited, CancellationToken cancellation)
    {
        try
        {
            if (!await audited.Database.ReadAsync(s => AuditChain.IsBehindAsync(s, cancellation), cancellation))
            {
                return;
            }

            LinkRound round;
            do
            {
                round = await audited.Database.WriteAsync(tx => chain.LinkAsync(tx, cancellation), cancellation);
                if (round.Foreign.Count > 0)
                {
                    LogForeign(log, audited.Name, string.Join(", ", round.Foreign));
                }

                if (round.IsHeadDue)
                {
                    LogHead(log, $"{audited.Name}/{round.Head}");
                }
            }
            while (round.IsFull);
        }
        catch (Exception e) when (e is DbException or TimeoutException or DatabaseBusyException)
        {
            // Readiness tells of a database that is away; rows wait for their links.
            LogAway(log, audited.Name, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "AuditRowForeign",
        Message = "The audit trail of {Database} holds rows that Keygate did not write: {Rows}. See 'keygate audit verify'.")]
    private static partial void LogForeign(ILogger log, string database, string rows);

    [LoggerMessage(Level = LogLevel.Information, EventName = "AuditHead", Message = "The audit trail's end is {Head}. Kept elsewhere, it proves with 'keygate audit verify --head' that nothing before it is gone.")]
    private static partial void LogHead(ILogger log, string head);

    [LoggerMessage(Level = LogLevel.Debug, EventName = "AuditWaits", Message = "The audit trail of {Database} could not be linked and waits: {Cause}")]
    private static partial void LogAway(ILogger log, string database, string cause);
}
