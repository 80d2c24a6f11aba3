using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A moment in the life of an order or one of its licenses.</summary>
/// <param name="At">When.</param>
/// <param name="Subject">Whose: <c>order/3</c> or <c>license/17</c>.</param>
/// <param name="From">The state before; null for the first.</param>
/// <param name="State">The state after: an order's code, a license's state.</param>
/// <param name="What">What happened, in words.</param>
/// <param name="Actor">Who.</param>
public sealed record Moment(DateTimeOffset At, string Subject, string? From, string State, string What, string Actor);

/// <summary>The states of an order and its licenses as they happened, oldest first.</summary>
public sealed class ShowTimeline
{
    private readonly OrderStore _orders;
    private readonly OrderReader _reader;
    private readonly LicenseReader _licenses;

    internal ShowTimeline(OrderStore orders, OrderReader reader, LicenseReader licenses) => (_orders, _reader, _licenses) = (orders, reader, licenses);

    /// <summary>The moments; refused where there is no such order.</summary>
    public async Task<Result<Page<Moment>>> HandleAsync(Session session, OrderId id, CancellationToken cancellation)
    {
        if (await _orders.FindAsync(session, id, cancellation) is not { } order)
        {
            return OrdersErrors.NotFound.Because($"There is no order {id}.");
        }

        var log = (await _orders.LogAsync(session, id, cancellation)).Select(l =>
            (Moment: new Moment(l.At, $"order/{id}", l.FromState, l.ToState, $"{OrderStates.Names[l.ToState]}: {l.Why}", l.Actor), Rank: Rank(l.ToState)));
        var licenses = await _reader.LicensesAsync(session, order, await _orders.ItemsAsync(session, id, cancellation), cancellation);
        var history = licenses.Count == 0 ? [] : await _licenses.HistoryAsync(session, [.. licenses.Select(l => l.Id)], cancellation);
        var events = history.Select(h => (Moment: new Moment(h.At, h.LicenseId.Subject, h.From?.ToString(), h.To.ToString(), h.What, h.Actor), Rank: 1));
        return new Page<Moment>([.. log.Concat(events).OrderBy(m => m.Moment.At).ThenBy(m => m.Rank).Select(m => m.Moment)], null);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/orders/{id}/timeline",
        (OrderId id, HttpContext http, Database database, ShowTimeline handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted))
        .WithName("ShowTimeline").WithTags("Orders").WithSummary("The states of an order and its licenses as they happened.");

    // Within one millisecond: what starts licenses comes before them, what follows from them after.
    private static int Rank(string state) => state is nameof(OrderState.CP) or nameof(OrderState.PF) or nameof(OrderState.LO) or nameof(OrderState.CL) ? 2 : 0;
}
