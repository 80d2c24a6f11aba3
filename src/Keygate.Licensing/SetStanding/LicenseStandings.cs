using Keygate.Accounts;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>
/// Whether the licenses of a subscription are in good standing, as Orders tells it: only then are they renewed by themselves. What is paid runs to its date
/// either way.
/// </summary>
public sealed class LicenseStandings
{
    private readonly LicenseStore _store;
    private readonly TimeProvider _time;

    internal LicenseStandings(LicenseStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <summary>Not in good standing from here on; <paramref name="why"/> is one sentence. May be repeated: the newest reason stands.</summary>
    public async Task LoseAsync(Tx tx, int subscription, string why, Actor actor, CancellationToken cancellation)
    {
        foreach (var license in await _store.LockOfSubscriptionAsync(tx, subscription, cancellation))
        {
            await tx.ExecuteAsync(
                """
                insert into license_standings(license_id, since, why) values (@Id, @now, @why)
                on conflict (license_id) do update set why = excluded.why
                """, new { license.Id, now = _time.GetUtcNow(), why }, cancellation);
            await NoteAsync(tx, license, $"Not in good standing: {why}", actor, cancellation);
        }
    }

    /// <summary>In good standing again: what fell due meanwhile is renewed within the hour. May be repeated.</summary>
    public async Task RegainAsync(Tx tx, int subscription, string why, Actor actor, CancellationToken cancellation)
    {
        foreach (var license in await _store.LockOfSubscriptionAsync(tx, subscription, cancellation))
        {
            if (await tx.ExecuteAsync("delete from license_standings where license_id = @Id", new { license.Id }, cancellation) > 0)
            {
                await NoteAsync(tx, license, $"In good standing again: {why}", actor, cancellation);
            }
        }
    }

    private Task NoteAsync(Tx tx, License license, string what, Actor actor, CancellationToken cancellation)
    {
        var state = license.StateAt(_time.GetUtcNow());
        return _store.HistoryAsync(tx, license.Id, actor, state, state, what, cancellation);
    }
}
