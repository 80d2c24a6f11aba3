using System.Globalization;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Storage;
using Shouldly;

namespace Keygate.Tests.Orders.Lives;

/// <summary>What must hold after every operation, read from the rows alone.</summary>
internal static class LifeChecks
{
    public static Task HoldAsync(Database database, DateTimeOffset now) => database.ReadAsync(async s =>
    {
        await OrdersAsync(s);
        await LicensesAsync(s, now);
        await IntentsAsync(s);
        return true;
    }, default);

    /// <summary>The log of each order is a chain of moves of the table, and ends where the order is.</summary>
    private static async Task OrdersAsync(Session session)
    {
        var rows = await session.QueryAsync<Row>(
            "select o.id, o.state as present, l.from_state, l.to_state, l.operation as what from orders o join order_log l on l.order_id = o.id order by o.id, l.id", null, default);
        foreach (var order in rows.GroupBy(r => r.Id))
        {
            string? state = null;
            foreach (var row in order)
            {
                row.FromState.ShouldBe(state, $"order {order.Key}: {row.What}");
                (row.What == "place" || OrderMoves.All.Any(m => m.From.ToString() == row.FromState && m.To.ToString() == row.ToState && OrderMoves.Word(m.Operation) == row.What))
                    .ShouldBeTrue($"order {order.Key}: {row.FromState} to {row.ToState} by {row.What}");
                state = row.ToState;
            }

            order.First().Present.ShouldBe(state, $"order {order.Key}");
        }
    }

    /// <summary>The history of each license is a chain of moves of the table; replayed it gives the state that the row says, but for the date that a lease ends by itself.</summary>
    private static async Task LicensesAsync(Session session, DateTimeOffset now)
    {
        var rows = await session.QueryAsync<Row>(
            "select l.id, l.status as present, h.from_state, h.to_state, h.what from licenses l left join license_history h on h.license_id = l.id order by l.id, h.id", null, default);
        foreach (var license in rows.GroupBy(r => r.Id))
        {
            string? state = null;
            foreach (var row in license)
            {
                var told = $"license {license.Key}: {row.FromState} to {row.ToState}: {row.What}";
                if (state is null)
                {
                    (row.FromState, row.ToState).ShouldBeOneOf([(null, "Pending"), (null, "Issued")], told);
                }
                else if (row.FromState is { } from && from != state)
                {
                    from.ShouldBe("Expired", told);
                }

                (row.FromState is null || row.FromState == row.ToState || LicenseMoves.All.Any(m => m.From.ToString() == row.FromState && Fits(m, row.ToState)))
                    .ShouldBeTrue(told);

                // A note beside the moves says the state of that moment.
                state = row.FromState is null && state is not null ? state : row.ToState == "Expired" && row.FromState == "Expired" ? state : row.ToState;
            }

            license.First().Present.ShouldBe(state, $"license {license.Key}");
        }

        var store = new LicenseStore(TimeProvider.System);
        foreach (var id in rows.Select(r => (int)r.Id).Distinct())
        {
            var license = (await store.FindAsync(session, LicenseId.Of(id), default))!;
            license.StateAt(now).ToString().ShouldBeOneOf([license.Status, "Expired"], $"license {id}");
        }
    }

    private static bool Fits(LicenseMove move, string? to) => move.To is { } named ? named.ToString() == to || to == "Expired" : move.From switch
    {
        LicenseState.Retrieving => to is "Issued" or "Activated" or "Expired",
        _ => to is "Retrieved" or "Uploaded" or "Expired",
    };

    /// <summary>Every act has an answer, or its process will look or try, or needs a person; and what is done was worked in.</summary>
    private static async Task IntentsAsync(Session session)
    {
        var acts = await session.QueryAsync<Act>(
            """
            select i.id, i.state, w.subject, w.state as process, w.intent = i.id as present, w.due_at is not null as due
            from work_intents i join work w on w.id = i.work order by i.id
            """, null, default);
        foreach (var act in acts)
        {
            var told = string.Create(CultureInfo.InvariantCulture, $"act {act.Id} of {act.Subject} is {act.State}, its process {act.Process}");
            switch (act.State)
            {
                case "open" or "pending" or "unknown" or "answered":
                    (act.Present == true && (act.Due || act.Process is "running" or "stopped")).ShouldBeTrue(told);
                    break;
                case "idle":
                    (act.Present != true || act.Due || act.Process is "running" or "stopped" or "waiting" or "cancelled").ShouldBeTrue(told);
                    break;
                case "refused":
                    (act.Present != true || act.Due || act.Process is "stopped" or "running" or "waiting" or "cancelled").ShouldBeTrue(told);
                    break;
                default:
                    act.State.ShouldBe("done", told);
                    (await session.GetAsync<long>("select count(*) from licenses where key_number is not null and @Subject = 'license/' || id", new { act.Subject }, default)).ShouldBe(1, told);
                    break;
            }
        }
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public string Present { get; init; } = "";
        public string? FromState { get; init; }
        public string? ToState { get; init; }
        public string? What { get; init; }
    }

    private sealed class Act
    {
        public long Id { get; init; }
        public string State { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Process { get; init; } = "";
        public bool? Present { get; init; }
        public bool Due { get; init; }
    }
}
