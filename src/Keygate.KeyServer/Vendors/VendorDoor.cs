using System.Diagnostics;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>How the Partner APIs write: what a vendor has to do first is waited for after the commit, for some time. Where no vendor is asked it costs nothing.</summary>
internal sealed class VendorDoor(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, VendorActs acts, VendorStore store, KeyStore keys, IOptions<KeyServerOptions> options)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes, waits for the vendors, and reads the answer anew where they were asked.</summary>
    /// <param name="act">What is written.</param>
    /// <param name="reread">Reads the answer after the vendors'.</param>
    /// <param name="cancellation">Ends all of it.</param>
    /// <param name="writing">Ends the transaction, where that has less time.</param>
    public async Task<Result<T>> WriteAsync<T>(
        Func<Tx, Task<Result<T>>> act, Func<Session, Task<Result<T>>> reread, CancellationToken cancellation, CancellationToken writing = default)
    {
        IReadOnlyList<VendorActId> begun = [];
        var written = await database.WriteAsync(async tx =>
        {
            var result = await act(tx);
            begun = acts.BegunIn(tx);
            return result;
        }, writing.CanBeCanceled ? writing : cancellation);
        return !written.IsDone || begun.Count == 0 ? written
            : await EndAsync(begun, cancellation) is { } failed ? failed
            : await database.ReadAsync(reread, cancellation);
    }

    /// <summary>The same for an answer that shows one key, which is read anew.</summary>
    public async Task<Result<T>> WriteAsync<T>(
        Func<Tx, Task<Result<T>>> act, Func<T, KeyRow> keyOf, Func<T, KeyRow, T> with, CancellationToken cancellation, CancellationToken writing = default)
    {
        T written = default!;
        return await WriteAsync<T>(
            async tx =>
            {
                var result = await act(tx);
                written = result.IsDone ? result.Value : written;
                return result;
            },
            async s => with(written, (await keys.FindAsync(s, KeyName.Of(keyOf(written).Id), cancellation))!), cancellation, writing);
    }

    // Who answers may be another process, so the database is asked.
    private async Task<Error?> EndAsync(IReadOnlyList<VendorActId> begun, CancellationToken cancellation)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(LookEvery, cancellation))
        {
            var open = 0;
            foreach (var id in begun)
            {
                var act = (await database.ReadAsync(s => store.FindActAsync(s, id, cancellation), cancellation))!;
                if (act.State == VendorActState.Refused)
                {
                    return KeyServerErrors.VendorFailed.Because(act.Detail);
                }

                open += act.State == VendorActState.Open ? 1 : 0;
            }

            if (open == 0)
            {
                return null;
            }

            if (clock.Elapsed >= options.Value.VendorWait)
            {
                return KeyServerErrors.VendorUnanswered;
            }
        }
    }
}
