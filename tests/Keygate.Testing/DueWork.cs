using Keygate.Storage;

namespace Keygate.Testing;

/// <summary>Waits for work instead of for a time: a slow machine needs longer for the same, and nothing else changes.</summary>
public static class DueWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Moves the clock, and waits until all is done that is due by then.</summary>
    public static async Task AfterAsync(this ManualTime time, Database database, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(time);
        time.Advance(by);
        using var over = new CancellationTokenSource(Patience);
        while (await AnyAsync(time, database))
        {
            await Task.Delay(20, over.Token);
        }
    }

    /// <summary>True while something runs or is due; recurring jobs are left out where told.</summary>
    public static async Task<bool> AnyAsync(this ManualTime time, Database database, bool recurring = true)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(database);
        return await database.ReadAsync(
            s => s.GetAsync<bool>(
                $"select exists (select 1 from work where (state = 'running' or due_at <= @now){(recurring ? "" : " and kind not like 'recurring/%'")})",
                new { now = time.GetUtcNow() }, CancellationToken.None),
            CancellationToken.None);
    }
}
