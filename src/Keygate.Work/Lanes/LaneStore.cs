using Keygate.Storage;

namespace Keygate.Work;

internal static class LaneStore
{
    /// <summary>Makes a lane that isn't there yet, with its places; a lane that is keeps what it has, and gets the places it lacks.</summary>
    public static async Task MakeAsync(Tx tx, string lane, int concurrency, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            "insert into work_lanes(lane, concurrency, paused) values (@lane, @concurrency, @No) on conflict (lane) do nothing",
            new { lane, concurrency, No = false }, cancellation);
        for (var slot = 1; slot <= concurrency; slot++)
        {
            await tx.ExecuteAsync(
                "insert into work_lane_slots(lane, slot, is_open) values (@lane, @slot, @Yes) on conflict (lane, slot) do nothing",
                new { lane, slot, Yes = true }, cancellation);
        }
    }

    /// <summary>A place is open unless the lane is paused or has been made narrower: one flag, so that taking a place asks one table.</summary>
    public static Task OpenSlotsAsync(Tx tx, string lane, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update work_lane_slots set is_open = (select not l.paused and work_lane_slots.slot <= l.concurrency from work_lanes l where l.lane = @lane)
            where lane = @lane
            """, new { lane }, cancellation);

    /// <summary>Takes a place, which is the answer; none where none is free or the lane is paused.</summary>
    public static Question<int> TakeSlot(Tx tx, string lane, long work, long? owner, CancellationToken cancellation) => tx.Ask<int>(
        $"""
        update work_lane_slots set work = @work, owner = @owner
        where lane = @lane and slot = (
          select slot from work_lane_slots where lane = @lane and is_open and work is null order by slot limit 1{tx.Dialect.ForUpdateSkipLocked})
        returning slot
        """, new { lane, work, owner }, cancellation);

    public static Task FreeSlotAsync(Tx tx, string lane, long work, CancellationToken cancellation) =>
        tx.LaterAsync("update work_lane_slots set work = null, owner = null where lane = @lane and work = @work", new { lane, work }, cancellation);

    /// <summary>Counts keys against one bound by a conditional update; false, with nothing counted, when it would be passed.</summary>
    public static async Task<bool> SpendKeysAsync(Tx tx, string lane, string period, int keys, int bound, CancellationToken cancellation) =>
        keys <= bound && await tx.ExecuteAsync(
            """
            insert into work_lane_spend(lane, period, keys) values (@lane, @period, @keys)
            on conflict (lane, period) do update set keys = work_lane_spend.keys + excluded.keys where work_lane_spend.keys <= @left
            """, new { lane, period, keys, left = bound - keys }, cancellation) == 1;

    /// <summary>The same for money.</summary>
    public static async Task<bool> SpendMoneyAsync(Tx tx, string lane, string period, Cost cost, long bound, CancellationToken cancellation) =>
        cost.Amount <= bound && await tx.ExecuteAsync(
            """
            insert into work_lane_money(lane, period, currency, amount) values (@lane, @period, @Currency, @Amount)
            on conflict (lane, period, currency) do update set amount = work_lane_money.amount + excluded.amount where work_lane_money.amount <= @left
            """, new { lane, period, cost.Currency, cost.Amount, left = bound - cost.Amount }, cancellation) == 1;

    public static Task GiveBackKeysAsync(Tx tx, string lane, string period, int keys, CancellationToken cancellation) =>
        tx.LaterAsync("update work_lane_spend set keys = keys - @keys where lane = @lane and period = @period", new { lane, period, keys }, cancellation);

    public static Task GiveBackMoneyAsync(Tx tx, string lane, string period, long amount, string currency, CancellationToken cancellation) =>
        tx.LaterAsync(
            "update work_lane_money set amount = amount - @amount where lane = @lane and period = @period and currency = @currency",
            new { lane, period, amount, currency }, cancellation);

    public static async Task<int> KeysAsync(Session session, string lane, string period, CancellationToken cancellation) =>
        await session.FindAsync<int?>("select keys from work_lane_spend where lane = @lane and period = @period", new { lane, period }, cancellation) ?? 0;

    public static async Task<long> MoneyAsync(Session session, string lane, string period, string currency, CancellationToken cancellation) =>
        await session.FindAsync<long?>(
            "select amount from work_lane_money where lane = @lane and period = @period and currency = @currency", new { lane, period, currency }, cancellation) ?? 0;

    /// <summary>Lets what waits for the lane try again. Rows that somebody else holds just now are passed over, so that two who do this don't block each other.</summary>
    public static Task WakeHeldAsync(Tx tx, string lane, DateTimeOffset now, CancellationToken cancellation) =>
        tx.LaterAsync(
            $"""
            update work set due_at = @now where id in (
              select id from work where lane = @lane and state = 'waiting' and due_at > @now order by id{tx.Dialect.ForUpdateSkipLocked})
            """, new { lane, now }, cancellation);

    public static Task<List<LaneRow>> AllAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<LaneRow>("select lane, concurrency, paused, why, keys_per_hour, keys_per_day, money_per_hour, money_per_day from work_lanes", null, cancellation);

    public static Task<LaneRow?> FindAsync(Session session, string lane, CancellationToken cancellation) =>
        session.FindAsync<LaneRow>("select lane, concurrency, paused, why, keys_per_hour, keys_per_day, money_per_hour, money_per_day from work_lanes where lane = @lane", new { lane }, cancellation);

    internal class LaneRow
    {
        public string Lane { get; init; } = "";
        public int Concurrency { get; init; }
        public bool Paused { get; init; }
        public string? Why { get; init; }
        public int? KeysPerHour { get; init; }
        public int? KeysPerDay { get; init; }
        public long? MoneyPerHour { get; init; }
        public long? MoneyPerDay { get; init; }

        public bool IsGuarded => KeysPerHour is not null || KeysPerDay is not null || MoneyPerHour is not null || MoneyPerDay is not null;
    }

    internal sealed class ViewRow : LaneRow
    {
        public int UnderWay { get; init; }
        public int Held { get; init; }
    }
}
