using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A paid order that is not complete and has not moved for a while.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">Its state's code.</param>
/// <param name="StateName">Its state's name.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="Since">When it last moved.</param>
/// <param name="AgeMinutes">How long ago that is.</param>
/// <param name="NextStep">What it waits for or what comes next, in one sentence.</param>
public sealed record StalledOrder(OrderId Id, string State, string StateName, AccountId CustomerId, DateTimeOffset Since, long AgeMinutes, string NextStep);

/// <summary>The paid orders that do not come to an end, oldest first: none of them is forgotten.</summary>
public sealed class ListStalled
{
    private const int MinutesDefault = 15, MinutesMax = 525_600;

    private readonly OrderStore _orders;
    private readonly OrderReader _reader;
    private readonly TimeProvider _time;

    internal ListStalled(OrderStore orders, OrderReader reader, TimeProvider time) => (_orders, _reader, _time) = (orders, reader, time);

    /// <summary>One page of those that have not moved for so many minutes.</summary>
    public async Task<Result<Page<StalledOrder>>> HandleAsync(Session session, int minutes, PageRequest page, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var until = now - TimeSpan.FromMinutes(Math.Clamp(minutes, 0, MinutesMax));
        var orders = await page.OldestFirstAsync(
            $"stalled {minutes}", (after, rows) => _orders.StalledAsync(session, until, after, rows, cancellation), o => o.Id.Value, o => o);
        if (!orders.TryGet(out var found, out var error))
        {
            return error;
        }

        var stalled = new List<StalledOrder>();
        foreach (var order in found.Items)
        {
            if ((await _reader.ShowAsync(session, order.Id, cancellation)).TryGet(out var shown, out _))
            {
                stalled.Add(new StalledOrder(
                    order.Id, order.State.ToString(), order.State.Name(), order.CustomerId, order.ChangedAt, (long)(now - order.ChangedAt).TotalMinutes, NextStep(shown)));
            }
        }

        return new Page<StalledOrder>(stalled, found.Next);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/orders/stalled",
        (int? minutes, int? limit, string? cursor, HttpContext http, Database database, ListStalled handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, minutes ?? MinutesDefault, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithName("ListStalledOrders").WithTags("Orders").WithSummary("Paid orders that do not come to an end, with age and next step, oldest first.");

    private static string NextStep(OrderView order) => order.Items.FirstOrDefault(i => i.Status != ItemStatus.Completed) switch
    {
        null => "All items are completed; resubmit the order to close it.",
        { Status: ItemStatus.Failed } failed => $"{failed.Comment} {failed.Remedy}",
        { Cause: { } cause } tried => string.Create(CultureInfo.InvariantCulture, $"{tried.Step}, attempt {tried.Attempt}: {cause} It is tried again {Next(tried)}."),
        { WaitsFor: { } waits } => waits,
        { Step: { } step } under => string.Create(CultureInfo.InvariantCulture, $"{step} is under way, attempt {under.Attempt}."),
        _ => "Nothing of it is under way; resubmit the order.",
    };

    private static string Next(ItemView item) => item.NextAttemptAt is { } at ? string.Create(CultureInfo.InvariantCulture, $"at {at:u}") : "by itself";
}
