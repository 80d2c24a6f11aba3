using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>The bounds of a lane, over all processes.</summary>
/// <param name="Lane">Its name, such as <c>plugin/3</c>.</param>
/// <param name="Concurrency">Acts that may be under way at once.</param>
/// <param name="KeysPerHour">Keys that may be spent in an hour (UTC) before work waits for approval; null for no bound.</param>
/// <param name="KeysPerDay">The same for a day (UTC).</param>
/// <param name="MoneyPerHour">Money, in minor units of the currency that the acts name, that may be spent in an hour before work waits for approval; null for no bound.</param>
/// <param name="MoneyPerDay">The same for a day.</param>
public sealed record LaneSettings(string Lane, int Concurrency, int? KeysPerHour = null, int? KeysPerDay = null, long? MoneyPerHour = null, long? MoneyPerDay = null);

/// <summary>A lane as a person sees it.</summary>
/// <param name="Lane">Its name.</param>
/// <param name="Concurrency">Acts that may be under way at once.</param>
/// <param name="UnderWay">Acts under way now.</param>
/// <param name="Held">Processes that wait for the lane: paused, full, or over a bound.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="Why">Why it is paused.</param>
/// <param name="KeysPerHour">The bound of keys for an hour.</param>
/// <param name="KeysPerDay">The bound of keys for a day.</param>
/// <param name="MoneyPerHour">The bound of money for an hour.</param>
/// <param name="MoneyPerDay">The bound of money for a day.</param>
public sealed record LaneView(
    string Lane, int Concurrency, int UnderWay, int Held, bool Paused, string? Why, int? KeysPerHour, int? KeysPerDay, long? MoneyPerHour, long? MoneyPerDay);

/// <summary>What was spent on a lane.</summary>
/// <param name="KeysThisHour">Keys in this hour (UTC).</param>
/// <param name="KeysToday">Keys today (UTC).</param>
/// <param name="MoneyThisHour">Minor units in this hour.</param>
/// <param name="MoneyToday">Minor units today.</param>
public sealed record LaneSpending(int KeysThisHour, int KeysToday, long MoneyThisHour, long MoneyToday);

/// <summary>
/// Lanes: what all processes together may ask of one side outside. A lane appears with the first act on it or with its settings. Concurrency
/// and spending guard are taken in the commit of the intent, so they hold over any number of processes.
/// </summary>
public sealed class Lanes
{
    private readonly TimeProvider _time;
    private readonly WorkOptions _options;
    private readonly Signals _signals;
    private readonly LaneGates _gates;

    internal Lanes(TimeProvider time, WorkOptions options, Signals signals, LaneGates gates) => (_time, _options, _signals, _gates) = (time, options, signals, gates);

    /// <summary>Sets the bounds; work that waited for them is tried again. They hold here with the commit, in other processes a second later.</summary>
    public async Task SetAsync(Tx tx, LaneSettings settings, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Concurrency, 1);
        await LaneStore.MakeAsync(tx, settings.Lane, settings.Concurrency, cancellation);
        await tx.ExecuteAsync(
            """
            update work_lanes set concurrency = @Concurrency, keys_per_hour = @KeysPerHour, keys_per_day = @KeysPerDay, money_per_hour = @MoneyPerHour, money_per_day = @MoneyPerDay
            where lane = @Lane
            """, settings, cancellation);
        await LaneStore.OpenSlotsAsync(tx, settings.Lane, cancellation);
        tx.AfterCommit(_gates.Forget);
        await WakeAsync(tx, settings.Lane, cancellation);
    }

    /// <summary>Pauses: no further act begins, and none is looked for; those under way end. May be repeated.</summary>
    public async Task PauseAsync(Tx tx, string lane, string why, CancellationToken cancellation)
    {
        await LaneStore.MakeAsync(tx, lane, _options.LaneConcurrency, cancellation);
        await tx.ExecuteAsync("update work_lanes set paused = @Yes, why = @why where lane = @lane", new { lane, why, Yes = true }, cancellation);
        await LaneStore.OpenSlotsAsync(tx, lane, cancellation);
        tx.AfterCommit(_gates.Forget);
    }

    /// <summary>Resumes, and wakes what waited. May be repeated.</summary>
    public async Task<Result<Done>> ResumeAsync(Tx tx, string lane, CancellationToken cancellation)
    {
        var known = await tx.ExecuteAsync("update work_lanes set paused = @No, why = null where lane = @lane", new { lane, No = false }, cancellation);
        if (known == 0)
        {
            return WorkErrors.LaneUnknown.Because($"There is no lane '{lane}'.");
        }

        await LaneStore.OpenSlotsAsync(tx, lane, cancellation);
        tx.AfterCommit(_gates.Forget);
        await WakeAsync(tx, lane, cancellation);
        return Done.It;
    }

    /// <summary>Makes what waits for a lane due at once, such as when a breaker closes.</summary>
    public async Task WakeAsync(Tx tx, string lane, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            "update work set due_at = @now where lane = @lane and due_at > @now", new { lane, now = _time.GetUtcNow() }, cancellation);
        tx.AfterCommit(() => _signals.Ready(tx.Database));
    }

    /// <summary>All lanes, by name.</summary>
    public async Task<IReadOnlyList<LaneView>> ListAsync(Session session, CancellationToken cancellation)
    {
        var rows = await session.QueryAsync<LaneStore.ViewRow>(
            """
            select l.lane, l.concurrency, l.paused, l.why, l.keys_per_hour, l.keys_per_day, l.money_per_hour, l.money_per_day,
              (select count(*) from work_lane_slots s where s.lane = l.lane and s.work is not null) as under_way,
              (select count(*) from work w where w.lane = l.lane and w.state <> 'stopped') as held
            from work_lanes l order by l.lane
            """, null, cancellation);
        return [.. rows.Select(r => new LaneView(r.Lane, r.Concurrency, r.UnderWay, r.Held, r.Paused, r.Why, r.KeysPerHour, r.KeysPerDay, r.MoneyPerHour, r.MoneyPerDay))];
    }

    /// <summary>What a lane has spent in this hour and today, counted while a bound is set; money in one currency.</summary>
    public async Task<LaneSpending> SpendingAsync(Session session, string lane, string? currency, CancellationToken cancellation)
    {
        var (hour, day) = (SpendingGuard.Hour(_time.GetUtcNow()), SpendingGuard.Day(_time.GetUtcNow()));
        return new LaneSpending(
            await LaneStore.KeysAsync(session, lane, hour, cancellation), await LaneStore.KeysAsync(session, lane, day, cancellation),
            currency is null ? 0 : await LaneStore.MoneyAsync(session, lane, hour, currency, cancellation),
            currency is null ? 0 : await LaneStore.MoneyAsync(session, lane, day, currency, cancellation));
    }
}
