using Keygate.Accounts;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Whether the licenses of a subscription are in good standing, as Orders tells it: only then are they renewed and changed. What is paid runs to its date
/// either way, unless it is held: then its key is suspended at the issuer and its copy removed, until it is in good standing again.
/// </summary>
public sealed class LicenseStandings
{
    private readonly LicenseStore _store;
    private readonly WorkQueue _queue;
    private readonly TimeProvider _time;

    internal LicenseStandings(LicenseStore store, WorkQueue queue, TimeProvider time) => (_store, _queue, _time) = (store, queue, time);

    /// <summary>Not in good standing from here on; <paramref name="why"/> is one sentence. May be repeated: the newest reason stands.</summary>
    public Task LoseAsync(Tx tx, int subscription, string why, Actor actor, CancellationToken cancellation) =>
        LoseAsync(tx, subscription, hold: false, why, actor, cancellation);

    /// <summary>Not in good standing, and stopped: key and copy follow after the commit. May be repeated.</summary>
    public Task HoldAsync(Tx tx, int subscription, string why, Actor actor, CancellationToken cancellation) =>
        LoseAsync(tx, subscription, hold: true, why, actor, cancellation);

    /// <summary>In good standing again: what was held goes on, and what fell due meanwhile is renewed within the hour. May be repeated.</summary>
    public async Task RegainAsync(Tx tx, int subscription, string why, Actor actor, CancellationToken cancellation)
    {
        var held = await tx.QueryAsync<LicenseId>(
            "select s.license_id from license_standings s join licenses l on l.id = s.license_id where l.subscription_id = @subscription and l.parent_id is null and s.held order by s.license_id",
            new { subscription }, cancellation);
        foreach (var license in await _store.LockOfSubscriptionAsync(tx, subscription, cancellation))
        {
            if (await tx.ExecuteAsync("delete from license_standings where license_id = @Id", new { license.Id }, cancellation) > 0)
            {
                await _store.NoteAsync(tx, license, actor, $"In good standing again: {why}", cancellation);
            }
        }

        foreach (var id in held)
        {
            await HoldProcess.StartAsync(_queue, tx, new HoldPayload(id, why, Held: false), cancellation);
        }
    }

    private async Task LoseAsync(Tx tx, int subscription, bool hold, string why, Actor actor, CancellationToken cancellation)
    {
        var alive = (await _store.LockOfSubscriptionAsync(tx, subscription, cancellation)).Where(l => l is { TerminatedAt: null, WithdrawnAt: null }).ToList();
        foreach (var license in alive)
        {
            await tx.ExecuteAsync(
                """
                insert into license_standings(license_id, since, why, held) values (@Id, @now, @why, @hold)
                on conflict (license_id) do update set why = excluded.why, held = license_standings.held or excluded.held
                """, new { license.Id, now = _time.GetUtcNow(), why, hold }, cancellation);
            await _store.NoteAsync(tx, license, actor, $"Not in good standing: {why}", cancellation);
        }

        foreach (var license in alive.Where(l => hold && l is { ParentId: null, KeyNumber: not null }))
        {
            await HoldProcess.StartAsync(_queue, tx, new HoldPayload(license.Id, why, Held: true), cancellation);
        }
    }
}
