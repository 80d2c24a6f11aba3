using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Reads orders for doors and for the rooms above.</summary>
public sealed class OrderReader
{
    private readonly OrderStore _orders;
    private readonly CustomerStore _customers;
    private readonly LicenseReader _licenses;
    private readonly WorkQueue _work;

    internal OrderReader(OrderStore orders, CustomerStore customers, LicenseReader licenses, WorkQueue work) =>
        (_orders, _customers, _licenses, _work) = (orders, customers, licenses, work);

    /// <summary>One order, whole.</summary>
    public async Task<Result<OrderView>> ShowAsync(Session session, OrderId id, CancellationToken cancellation)
    {
        if (await _orders.WholeAsync(session, id, cancellation) is not { Order: var order, Items: var items } whole)
        {
            return OrdersErrors.NotFound.Because($"There is no order {id}.");
        }

        var callbacks = whole.Callbacks.ToLookup(c => c.ItemId);
        var subjects = items.Where(i => i.WorkId is not null).SelectMany(i => i.LicenseId is { } license ? new[] { license.Subject, i.Id.Subject } : [i.Id.Subject]).ToList();
        var (customer, licenses) = (_customers.Ask(session, order.CustomerId, cancellation), _licenses.AskOfSubscription(session, order.SubscriptionId.Value, cancellation));
        var open = (await _work.ViewAsync(session, subjects, cancellation)).Where(v => v.IsOpen).ToList();
        return new OrderView
        {
            Id = order.Id, Type = order.Type, State = order.State.ToString(), StateName = order.State.Name(), CustomerId = order.CustomerId, PlanId = order.PlanId,
            PlanPeriodId = order.PlanPeriodId, SubscriptionId = order.SubscriptionId, Currency = order.Currency, Total = order.Total, Paid = order.Paid,
            CreatedAt = order.CreatedAt, ChangedAt = order.ChangedAt, CompletedAt = order.CompletedAt, Version = order.Version,
            Customer = (await customer.FindAsync())?.Name,
            Plan = whole.Plan,
            Subscription = whole.Subscription,
            Comment = order.Comment.Length == 0 ? null : order.Comment,
            Possible = [.. OrderMoves.For(order.State).Select(OrderMoves.Word)],
            Items = [.. items.Select(i => View(i, open, callbacks[i.Id]))],
            Details = [.. whole.Details.Select(DetailView.Of)],
            Payments = [.. whole.Payments.Select(p => new PaymentView(p.Id, p.Amount, p.Currency, p.Reference, p.Note, p.Actor, p.ReceivedAt))],
            Log = [.. whole.Log.Select(l => new LogView(l.At, l.FromState, l.ToState, OrderStates.Names[l.ToState], l.Operation, l.Why, l.Actor))],
            Licenses = Licenses(await licenses.AllAsync(), items),
        };
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/orders/{id}",
        (OrderId id, HttpContext http, Database database, OrderReader reader) =>
            database.ReadAsync(s => reader.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
        .WithName("ShowOrder").WithTags("Orders").WithSummary("One order, whole: items, lines, payments, log, licenses.");

    // A subscription's licenses include those of later orders, and add-on rows that hang on ours.
    internal async Task<IReadOnlyList<LicenseRow>> LicensesAsync(Session session, Order order, IReadOnlyList<Item> items, CancellationToken cancellation) =>
        Licenses(await _licenses.AskOfSubscription(session, order.SubscriptionId.Value, cancellation).AllAsync(), items);

    /// <summary>A license of the order that has a key which is not terminated: such an order is not cancelled. Null where there is none.</summary>
    internal async Task<LicenseRow?> KeyedAsync(Session session, Order order, IReadOnlyList<Item> items, CancellationToken cancellation) =>
        (await LicensesAsync(session, order, items, cancellation))
            .FirstOrDefault(l => l.KeyNumber is not null && l.Status is not LicenseState.Terminated && l.SubscriptionId == order.SubscriptionId.Value);

    private static IReadOnlyList<LicenseRow> Licenses(List<LicenseRow> all, IReadOnlyList<Item> items)
    {
        var ours = items.Select(i => i.LicenseId).OfType<LicenseId>().ToHashSet();
        return [.. all
            .Where(l => ours.Contains(l.Id) || (l.ParentId is { } parent && ours.Contains(parent))).OrderBy(l => l.Id.Value)];
    }

    private static ItemView View(Item item, IReadOnlyList<WorkView> open, IEnumerable<CallbackRow> callbacks)
    {
        // The license's own process says more than the item's, which merely waits for it.
        var going = item.Status == ItemStatus.Completed ? null
            : open.FirstOrDefault(v => v.Subject == item.LicenseId?.Subject) ?? open.FirstOrDefault(v => v.Subject == item.Id.Subject);
        return new ItemView
        {
            Id = item.Id, Type = ItemTypes.Of(item.Kind).Name, TypeCode = ItemTypes.Of(item.Kind).Code, Kind = item.Kind, Status = item.Status, KeyType = item.KeyType,
            Features = item.FeatureList, AddOns = item.AddOnList, LicenseId = item.LicenseId, SubmittedAt = item.SubmittedAt, CompletedAt = item.CompletedAt,
            // An item under way says what its last try met, though nothing has failed for good.
            Comment = item.Status is ItemStatus.InProgress or ItemStatus.Awaiting && going?.LastFailure is { } last ? ItemComment.OfTry(last, item)
                : item.Comment.Length == 0 ? null : item.Comment,
            Remedy = item.Remedy ?? going?.LastError?.Remedy,
            Step = going is null ? null : $"{going.Kind}: {going.Step}",
            WaitsFor = going?.Why,
            Cause = going?.LastError?.Detail,
            Attempt = going?.Attempt,
            NextAttemptAt = going?.NextAttemptAt,
            Callbacks = [.. callbacks.Select(c => new CallbackView(c.At, c.Actor, c.IssuedSuccessfully, c.Message, c.IgnoredBecause))],
        };
    }
}
