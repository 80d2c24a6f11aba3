using System.Globalization;
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

    /// <summary>Takes a place; false when none is free or the lane is paused.</summary>
    public static async Task<bool> TakeSlotAsync(Tx tx, string lane, long work, long? owner, CancellationToken cancellation) =>
        await tx.ExecuteAsync(
            $"""
            update work_lane_slots set work = @work, owner = @owner
            where lane = @lane and slot = (
              select slot from work_lane_slots where lane = @lane and is_open and work is null order by slot limit 1{tx.Dialect.ForUpdateSkipLocked})
            """, new { lane, work, owner }, cancellation) == 1;

    public static Task FreeSlotAsync(Tx tx, string lane, long work, CancellationToken cancellation) =>
        tx.LaterAsync("update work_lane_slots set work = null, owner = null where lane = @lane and work = @work", new { lane, work }, cancellation);

    /// <summary>Counts keys against one bound by a conditional update; false, with nothing counted, when it would be passed.</summary>
    public static async Task<bool> SpendAsync(Tx tx, string lane, string period, int keys, int bound, CancellationToken cancellation) =>
        keys <= bound && await tx.ExecuteAsync(
            """
            insert into work_lane_spend(lane, period, keys) values (@lane, @period, @keys)
            on conflict (lane, period) do update set keys = work_lane_spend.keys + excluded.keys where work_lane_spend.keys + excluded.keys <= @bound
            """, new { lane, period, keys, bound }, cancellation) == 1;

    /// <summary>Takes back what an act counted that was refused.</summary>
    public static Task RefundAsync(Tx tx, string lane, DateTimeOffset chargedAt, int keys, CancellationToken cancellation) =>
        tx.LaterAsync(
            "update work_lane_spend set keys = keys - @keys where lane = @lane and period in (@hour, @day)",
            new { lane, keys, hour = Hour(chargedAt), day = Day(chargedAt) }, cancellation);

    public static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static Task<List<LaneRow>> AllAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<LaneRow>("select lane, concurrency, paused, why, keys_per_hour, keys_per_day from work_lanes", null, cancellation);

    public static Task<LaneRow?> FindAsync(Session session, string lane, CancellationToken cancellation) =>
        session.FindAsync<LaneRow>("select lane, concurrency, paused, why, keys_per_hour, keys_per_day from work_lanes where lane = @lane", new { lane }, cancellation);

    internal class LaneRow
    {
        public string Lane { get; init; } = "";
        public int Concurrency { get; init; }
        public bool Paused { get; init; }
        public string? Why { get; init; }
        public int? KeysPerHour { get; init; }
        public int? KeysPerDay { get; init; }
    }

    internal sealed class ViewRow : LaneRow
    {
        public int UnderWay { get; init; }
        public int Held { get; init; }
        public int KeysThisHour { get; init; }
        public int KeysToday { get; init; }
    }
}
