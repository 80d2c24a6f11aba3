using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What the processes about one license have in common: there is one of a kind at a time, and one that stopped is taken up again.</summary>
internal static class LicenseWork
{
    /// <summary>Starts a process of a kind, or takes up again the one that stopped; false while one is under way.</summary>
    public static async Task<bool> StartAsync(WorkQueue queue, Tx tx, string kind, LicenseId license, string payload, long? parent, CancellationToken cancellation)
    {
        var all = (await queue.ViewAsync(tx, [license.Subject], cancellation)).Where(v => v.Kind == kind).ToList();
        switch (all.Find(v => v.IsOpen))
        {
            case null:
                await queue.StartAsync(tx, new StartWork(kind, license.Subject, payload) { Parent = parent }.After(all), cancellation);
                return true;

            case { IsStopped: true } stopped:
                return (await queue.ResubmitAsync(tx, stopped.Id, cancellation)).IsDone;

            default:
                return false;
        }
    }

    /// <summary>The open process of a kind about a license; null where there is none.</summary>
    public static async Task<WorkView?> OpenAsync(WorkQueue queue, Session session, string kind, LicenseId license, CancellationToken cancellation) =>
        (await queue.ViewAsync(session, [license.Subject], cancellation)).FirstOrDefault(v => v.Kind == kind && v.IsOpen);
}
