using Dapper;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>How many orders there are, for a first look.</summary>
/// <param name="ByState">The orders that are not at their end, by state; states that none is in are left out.</param>
/// <param name="ByDay">The orders of the last days by the day (UTC) on which they were placed, oldest first; days without one are there with 0.</param>
public sealed record OrderCounts(IReadOnlyList<OrderStateCount> ByState, IReadOnlyList<OrderDayCount> ByDay);

/// <summary>Orders in a state.</summary>
/// <param name="State">The state's code.</param>
/// <param name="StateName">The state's name.</param>
/// <param name="Count">How many.</param>
public sealed record OrderStateCount(string State, string StateName, int Count);

/// <summary>Orders of a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Placed">How many were placed.</param>
/// <param name="Completed">How many of them are completed.</param>
public sealed record OrderDayCount(DateOnly Day, int Placed, int Completed);

/// <summary>Counts the orders.</summary>
public sealed class CountOrders
{
    private const int Days = 14;

    private readonly TimeProvider _time;

    internal CountOrders(TimeProvider time) => _time = time;

    /// <summary>The counts.</summary>
    public async Task<Result<OrderCounts>> HandleAsync(Session session, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        var first = today.AddDays(1 - Days);
        var states = await session.QueryAsync<StateRow>(
            "select state, count(*) as count from orders where state not in ('CP', 'CL', 'FR') group by state order by state", null, cancellation);

        // A range of the index for each day: what a day is, is decided here and not by two databases.
        var parameters = new DynamicParameters();
        var days = Enumerable.Range(0, Days + 1).Select(first.AddDays).ToList();
        for (var i = 0; i <= Days; i++)
        {
            parameters.Add($"d{i}", new DateTimeOffset(days[i].ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        }

        var byDay = await session.QueryAsync<DayRow>(
            string.Join("\nunion all\n", Enumerable.Range(0, Days).Select(i => FormattableString.Invariant(
                $"select {i} as day, count(*) as placed, sum(case when state = 'CP' then 1 else 0 end) as completed from orders where created_at >= @d{i} and created_at < @d{i + 1}"))),
            parameters, cancellation);
        return new OrderCounts(
            [.. states.Select(r => new OrderStateCount(r.State, OrderStates.Names[r.State], (int)r.Count))],
            [.. byDay.OrderBy(r => r.Day).Select(r => new OrderDayCount(days[r.Day], (int)r.Placed, (int)(r.Completed ?? 0)))]);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/orders/counts",
        (HttpContext http, Database database, CountOrders handler) => database.ReadAsync(s => handler.HandleAsync(s, http.RequestAborted), http.RequestAborted))
        .WithName("CountOrders").WithTags("Orders").WithSummary("How many orders are under way by state, and how many were placed by day.");

    private sealed class StateRow
    {
        public string State { get; init; } = "";
        public long Count { get; init; }
    }

    private sealed class DayRow
    {
        public int Day { get; init; }
        public long Placed { get; init; }
        public long? Completed { get; init; }
    }
}
