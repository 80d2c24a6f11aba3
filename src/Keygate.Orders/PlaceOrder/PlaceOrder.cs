using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A sales order for a new subscription.</summary>
public sealed record PlaceOrderRequest
{
    /// <summary>Who orders.</summary>
    public AccountId CustomerId { get; init; }

    /// <summary>The plan.</summary>
    public PlanId PlanId { get; init; }

    /// <summary>One of the plan's periods; null for its first.</summary>
    public PlanPeriodId? PlanPeriodId { get; init; }

    /// <summary>What is ordered; what the plan puts into each order need not be named.</summary>
    public IReadOnlyList<ResourceInput> Resources { get; init; } = [];

    /// <summary>The subscription's name; empty for one made of the plan's name and the subscription's number.</summary>
    public string SubscriptionName { get; init; } = "";

    /// <summary>Where licenses are installed, in the words of the plan's installer; empty for its default for the subscription.</summary>
    public string Target { get; init; } = "";

    /// <summary>Addresses of the server that the licenses are for.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>What licenses are activated for, where it is known already.</summary>
    public ActivationInput? Activation { get; init; }

    /// <summary>A note.</summary>
    public string Comment { get; init; } = "";

    /// <summary>False to leave the order New, until somebody opens it.</summary>
    public bool Open { get; init; } = true;

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => PlaceOrderRules.Shape(this);
}

/// <summary>
/// Places an order: writes subscription, order, lines and provisioning items, and opens it. An order that costs nothing goes straight on. All
/// faults are told at once, and then nothing is written.
/// </summary>
public sealed class PlaceOrder
{
    private readonly OrderStore _orders;
    private readonly SubscriptionStore _subscriptions;
    private readonly PlanStore _plans;
    private readonly CustomerStore _customers;
    private readonly CatalogReader _catalog;
    private readonly OfferReader _offers;
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;

    internal PlaceOrder(
        OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, CustomerStore customers, CatalogReader catalog, OfferReader offers, OrderFlow flow,
        OrderReader reader, Audit audit) =>
        (_orders, _subscriptions, _plans, _customers, _catalog, _offers, _flow, _reader, _audit) = (orders, subscriptions, plans, customers, catalog, offers, flow, reader, audit);

    /// <summary>Checks all at once, writes, opens.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, PlaceOrderRequest request, Actor actor, CancellationToken cancellation)
    {
        var faults = new List<Error>(request.Faults());
        if (await _customers.FindAsync(tx, request.CustomerId, cancellation) is null)
        {
            faults.Add(OrdersErrors.CustomerUnknown.Because($"There is no customer {request.CustomerId}.").At("customerId"));
        }

        var plan = await _plans.FindAsync(tx, request.PlanId, cancellation);
        if (plan is null)
        {
            faults.Add(OrdersErrors.PlanUnknown.Because($"There is no plan {request.PlanId}.").At("planId"));
            return Error.Of(faults)!;
        }

        if (!plan.Published)
        {
            faults.Add(OrdersErrors.PlanNotPublished.Because($"Plan {plan.Id} ({plan.Name}) is not published.").At("planId"));
        }

        var period = PlaceOrderRules.Period(request.PlanPeriodId, plan, faults);
        var contents = PlaceOrderRules.Contents(request.Resources, plan, await _catalog.GetAsync(tx, cancellation), faults);
        await CheckOfferedAsync(tx, plan, contents, faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        var placed = await WriteAsync(tx, request, plan, period!, contents, actor, cancellation);
        await _audit.AddAsync(tx, actor, "order.placed", $"order/{placed}", null, cancellation);
        if (request.Open)
        {
            await _flow.OpenAsync(tx, (await _orders.FindAsync(tx, placed, cancellation))!, "Opened with its placement.", actor, check: false, cancellation);
        }

        return await _reader.ShowAsync(tx, placed, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/orders",
        (PlaceOrderRequest request, HttpContext http, WriteDoor door, PlaceOrder handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
        .RequireIdempotencyKey()
        .WithName("PlaceOrder").WithTags("Orders").WithSummary("Place an order. Idempotency-Key is required.");

    // The plan passed when it was published; what the issuer has withdrawn since would fail after the payment.
    private async Task CheckOfferedAsync(Tx tx, Plan plan, OrderContents contents, List<Error> faults, CancellationToken cancellation)
    {
        if (plan.IssuerId is { } issuer && contents.KeyType is { } keyType)
        {
            faults.AddRange((await _offers.AskWithdrawn(tx, issuer, [keyType, .. contents.Features, .. contents.AddOns], cancellation).AllAsync())
                .Select(code => OrdersErrors.NotOffered.Because($"The issuer no longer offers {code} to the account that the plan {plan.Name} sells from.").At("resources")));
        }
    }

    private async Task<OrderId> WriteAsync(
        Tx tx, PlaceOrderRequest request, Plan plan, PlanPeriod period, OrderContents contents, Actor actor, CancellationToken cancellation)
    {
        var subscription = await _subscriptions.AddAsync(tx, new Subscription
        {
            CustomerId = request.CustomerId,
            PlanId = plan.Id,
            PlanPeriodId = period.Id,
            Name = request.SubscriptionName.Trim(),
            Status = SubscriptionStatus.Ordered,
            ServStatus = ServiceStatus.NotProvisioned,
            Target = request.Target.Trim(),
            IpAddresses = Json.Write(request.IpAddresses),
            HardwareId = request.Activation?.HardwareId,
            Instance = request.Activation?.Instance,
        }, contents.Lines, "Ordered.", actor, cancellation);
        if (string.IsNullOrWhiteSpace(request.SubscriptionName))
        {
            await _subscriptions.RenameAsync(tx, subscription, $"{plan.Name} {subscription}", cancellation);
        }

        var details = PlaceOrderRules.Details(plan, period, contents);
        var order = await _orders.AddAsync(tx, new Order
        {
            State = OrderState.NW,
            CustomerId = request.CustomerId,
            PlanId = plan.Id,
            PlanPeriodId = period.Id,
            SubscriptionId = subscription,
            Currency = plan.Currency,
            Total = details.Sum(d => d.Amount),
            ApprovalNeeded = plan.ApprovalNeeded,
            Comment = request.Comment.Trim(),
        }, "Placed.", actor, cancellation);
        await _orders.AddDetailsAsync(tx, order, details, cancellation);
        await _orders.AddItemAsync(tx, new Item { OrderId = order, SubscriptionId = subscription, Kind = ItemKind.Hosting }, cancellation);
        for (var i = 0; i < contents.Licenses; i++)
        {
            await _orders.AddItemAsync(tx, new Item
            {
                OrderId = order, SubscriptionId = subscription, Kind = ItemKind.License, KeyType = contents.KeyType,
                Features = Json.Write(contents.Features), AddOns = Json.Write(contents.AddOns),
            }, cancellation);
        }

        return order;
    }
}
