using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>What stands around an order: its plan without periods and rates, its subscription, and its customer where there still is one.</summary>
internal sealed record OrderAbout(Plan Plan, Subscription Subscription, Customer? Customer);

/// <summary>
/// Takes an order from one state to the next: opening, the decision what it needs, the start of its items, its end. All in the caller's
/// transaction, with the order locked.
/// </summary>
internal sealed class OrderFlow(
    OrderStore orders, SubscriptionStore subscriptions, PlanStore plans, CustomerStore customers, CatalogReader catalog, RequestLicense requests,
    LicenseAssignment assignment, OrderSettling settling, Renewals renewals, Cancellations cancellations, ChangeOrders changes, WorkQueue work, TimeProvider time)
{
    /// <summary>The order, locked; a refusal where there is none.</summary>
    public async Task<Result<Order>> LockAsync(Tx tx, OrderId id, CancellationToken cancellation) =>
        await orders.LockAsync(tx, id, cancellation) is { } order ? order : OrdersErrors.NotFound.Because($"There is no order {id}.");

    /// <summary>Moves the order if the table allows it.</summary>
    public async Task<Result<Order>> MoveAsync(Tx tx, Order order, OrderOperation operation, OrderOutcome outcome, string why, Actor actor, CancellationToken cancellation) =>
        OrderMoves.Next(order.Id, order.State, operation, outcome).TryGet(out var to, out var refusal)
            ? await orders.MoveAsync(tx, order, to, OrderMoves.Word(operation), why, actor, cancellation)
            : refusal;

    /// <summary>
    /// Opens a new or held order and lets it go on. One that was not placed just now is checked again: what no longer fits puts it on hold, with
    /// the reason in the log.
    /// </summary>
    public async Task<Result<Order>> OpenAsync(Tx tx, Order order, string why, Actor actor, bool check, CancellationToken cancellation)
    {
        var fault = check ? await RecheckAsync(tx, order, cancellation) : null;
        if (fault is not null)
        {
            return await MoveAsync(tx, order, OrderOperation.Open, OrderOutcome.Failed, $"{fault.Detail} {fault.Remedy}", actor, cancellation);
        }

        if (!(await MoveAsync(tx, order, OrderOperation.Open, OrderOutcome.Done, why, actor, cancellation)).TryGet(out var open, out var refusal))
        {
            return refusal;
        }

        var (outcome, because) = open switch
        {
            { Owed: > 0 } => (OrderOutcome.PaymentNeeded, $"{Currency.Shown(open.Owed, open.Currency)} are owed."),
            { ApprovalNeeded: true } => (OrderOutcome.ApprovalNeeded, "The plan wants a person's approval."),
            _ => (OrderOutcome.Done, "Nothing is owed."),
        };
        var submitted = await MoveAsync(tx, open, OrderOperation.Submit, outcome, because, Actor.Keygate, cancellation);
        return submitted.IsDone && submitted.Value.State == OrderState.PD ? await ProvisionAsync(tx, submitted.Value, cancellation) : submitted;
    }

    /// <summary>
    /// Starts the items of an order for which nothing is owed any more. The license requests are written here, so that no paid order is without
    /// them; a request that the catalog no longer allows fails its item, and the payment stands. Returns the order as it was when its items were started.
    /// </summary>
    public async Task<Result<Order>> ProvisionAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        // The subscription may have ended, or been renewed by another order, since it was placed: then nothing is taken for it.
        if (!order.IsSale && await FaultAsync(tx, order, cancellation) is { } late)
        {
            return late;
        }

        if (!(await MoveAsync(tx, order, OrderOperation.Provision, OrderOutcome.UnderWay, "The items are started.", Actor.Keygate, cancellation)).TryGet(out var begun, out var refusal))
        {
            return refusal;
        }

        if (order.IsRenewal)
        {
            return await RenewAsync(tx, begun, cancellation);
        }

        if (order.IsChange)
        {
            return await changes.BeginAsync(tx, begun, (await orders.ItemsAsync(tx, order.Id, cancellation)).Single(), cancellation)
                ? await MoveAsync(tx, begun, OrderOperation.Settle, OrderOutcome.Done, "What the subscription holds is changed.", Actor.Keygate, cancellation)
                : begun;
        }

        if (order.IsCancellation)
        {
            await cancellations.BeginAsync(tx, begun, (await orders.ItemsAsync(tx, order.Id, cancellation)).Single(), cancellation);
            return begun;
        }

        await subscriptions.MoveAsync(
            tx, order.SubscriptionId, order.CustomerId, SubscriptionStatus.Ordered, ServiceStatus.Provisioning, null, $"Order {order.Id} is being provisioned.", Actor.Keygate, cancellation);
        await StartAllAsync(tx, order, await orders.ItemsAsync(tx, order.Id, cancellation), cancellation);
        return begun;
    }

    /// <summary>What the items of an order are submitted with.</summary>
    public async Task<OrderAbout> AboutAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        var (plan, subscription, customer) = (
            plans.Ask(tx, order.PlanId, cancellation), subscriptions.Ask(tx, order.SubscriptionId, cancellation), customers.Ask(tx, order.CustomerId, cancellation));
        return new OrderAbout(await plan.GetAsync(), await subscription.GetAsync(), await customer.FindAsync());
    }

    /// <summary>Marks an item as begun, and writes its license request where it has none. False when that was refused: then the item has failed.</summary>
    public async Task<bool> SubmitAsync(Tx tx, Order order, OrderAbout about, Item item, CancellationToken cancellation)
    {
        LicenseId? license = item.LicenseId;
        if (item.Kind == ItemKind.License && license is null)
        {
            if (!(await RequestAsync(tx, order, about, item, cancellation)).TryGet(out var requested, out var error))
            {
                var all = string.Join(" ", new[] { error }.Concat(error.Others).Select(e => e.Detail.TrimEnd('.') + "."));
                await orders.SetItemAsync(tx, item.Id, ItemStatus.Failed, ItemComment.OfRefusal(all, item.Id, time.GetUtcNow()), OrdersErrors.RequestRefused.Remedy, cancellation);
                return false;
            }

            license = requested;
        }

        await orders.SubmitItemAsync(tx, item.Id, license, cancellation);
        return true;
    }

    /// <summary>Starts the process of an item that was submitted.</summary>
    public async Task StartAsync(Tx tx, Plan plan, Item item, CancellationToken cancellation)
    {
        var (kind, payload) = item.Kind == ItemKind.Hosting
            ? (HostSubscription.KindName, Json.Write(new HostPayload(item.OrderId, item.Id, plan.HostingGate)))
            : (ProvideLicense.KindName, Json.Write(new LicensePayload(item.OrderId, item.Id, plan.InstallerId is null ? Until.Retrieved : Until.Installed)));
        var started = await work.StartAsync(tx, new StartWork(kind, item.Id.Subject, payload) { UniqueKey = item.Id.Subject }, cancellation);
        await orders.SetWorkAsync(tx, item.Id, started, cancellation);
    }

    /// <summary>Ends an order that will not be fulfilled, with its items and its subscription.</summary>
    public async Task<Order> EndAsync(Tx tx, Order order, OrderOperation operation, OrderState to, string why, Actor actor, CancellationToken cancellation)
    {
        var hosted = false;
        foreach (var item in await orders.ItemsAsync(tx, order.Id, cancellation))
        {
            hosted |= item is { Kind: ItemKind.Hosting, Status: ItemStatus.Completed };
            if (item.Status != ItemStatus.Completed)
            {
                await orders.SetItemAsync(tx, item.Id, ItemStatus.Cancelled, item.Comment, null, cancellation);
            }
        }

        // What is given up later leaves the subscription as it is.
        if (order.IsSale)
        {
            await subscriptions.MoveAsync(
                tx, order.SubscriptionId, order.CustomerId, SubscriptionStatus.Canceled, hosted ? ServiceStatus.Stopped : ServiceStatus.NotProvisioned, null,
                $"Order {order.Id} is {to.Name()}: {why}", actor, cancellation);
        }

        return await orders.MoveAsync(tx, order, to, OrderMoves.Word(operation), why, actor, cancellation);
    }

    /// <summary>Cancels an order for a subscription that is there, on which nothing is paid; refused where it is a sale, or one on which something is.</summary>
    public async Task<Result<Order>> GiveUpAsync(Tx tx, OrderId id, string why, Actor actor, CancellationToken cancellation)
    {
        if (!(await LockAsync(tx, id, cancellation)).TryGet(out var order, out var missing))
        {
            return missing;
        }

        return order.IsSale || !order.IsUnpaid ? OrdersErrors.SubscriptionBusy.Because($"Subscription {order.SubscriptionId} has the open order {id}.")
            : OrderMoves.Next(id, order.State, OrderOperation.Cancel, OrderOutcome.Done).TryGet(out var to, out var refusal) ? await EndAsync(tx, order, OrderOperation.Cancel, to, why, actor, cancellation)
            : refusal;
    }

    // The period is there at once; a license is provided only where one was lost.
    private async Task<Result<Order>> RenewAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        foreach (var item in await orders.ItemsAsync(tx, order.Id, cancellation))
        {
            await orders.SubmitItemAsync(tx, item.Id, null, cancellation);
            await orders.SetItemAsync(tx, item.Id, ItemStatus.Completed, "", null, cancellation);
        }

        await renewals.ExtendAsync(tx, order, cancellation);
        var lost = await renewals.LostAsync(tx, order.SubscriptionId, cancellation);
        if (lost.Count == 0)
        {
            return await MoveAsync(tx, order, OrderOperation.Settle, OrderOutcome.Done, "The subscription is renewed.", Actor.Keygate, cancellation);
        }

        foreach (var make in lost)
        {
            await orders.AddItemAsync(tx, new Item
            {
                OrderId = order.Id, SubscriptionId = order.SubscriptionId, Kind = ItemKind.License, KeyType = make.KeyType, Features = Json.Write(make.Features), AddOns = Json.Write(make.AddOns),
            }, cancellation);
        }

        await StartAllAsync(tx, order, [.. (await orders.ItemsAsync(tx, order.Id, cancellation)).Where(i => i.Kind == ItemKind.License)], cancellation);
        return order;
    }

    private async Task StartAllAsync(Tx tx, Order order, List<Item> items, CancellationToken cancellation)
    {
        var about = await AboutAsync(tx, order, cancellation);

        // All are marked before the first is started: one that ends at once draws the sum of all.
        var ready = new List<Item>();
        foreach (var item in items)
        {
            if (await SubmitAsync(tx, order, about, item, cancellation))
            {
                ready.Add(item);
            }
        }

        foreach (var item in ready)
        {
            await StartAsync(tx, about.Plan, item, cancellation);
        }

        // What was started has drawn the sum itself; an item that was refused has not.
        if (ready.Count < items.Count)
        {
            await settling.SettleAsync(tx, order.Id, "", cancellation);
        }
    }

    private Task<Error?> FaultAsync(Tx tx, Order order, CancellationToken cancellation) =>
        order.IsRenewal ? renewals.FaultAsync(tx, order, cancellation) : order.IsChange ? changes.FaultAsync(tx, order, cancellation) : cancellations.FaultAsync(tx, order, cancellation);

    private async Task<Error?> RecheckAsync(Tx tx, Order order, CancellationToken cancellation)
    {
        if (!order.IsSale)
        {
            return await FaultAsync(tx, order, cancellation);
        }

        var faults = new List<Error>();
        var plan = (await plans.FindHeadAsync(tx, order.PlanId, cancellation))!;
        if (!plan.Published)
        {
            faults.Add(OrdersErrors.PlanNotPublished.Because($"Plan {plan.Id} ({plan.Name}) is no longer published."));
        }

        if (await customers.FindAsync(tx, order.CustomerId, cancellation) is null)
        {
            faults.Add(OrdersErrors.CustomerUnknown.Because($"There is no customer {order.CustomerId} any more."));
        }

        var view = await catalog.GetAsync(tx, cancellation);
        foreach (var item in (await orders.ItemsAsync(tx, order.Id, cancellation)).Where(i => i.Kind == ItemKind.License))
        {
            faults.AddRange(CatalogRules.Check(view, item.KeyType!, item.FeatureList, item.AddOnList));
        }

        return Error.Of(faults);
    }

    private async Task<Result<LicenseId>> RequestAsync(Tx tx, Order order, OrderAbout about, Item item, CancellationToken cancellation)
    {
        var (plan, subscription, customer) = about;
        var requested = await requests.HandleAsync(tx, new RequestLicenseRequest
        {
            KeyType = item.KeyType!,
            Features = item.FeatureList,
            AddOns = item.AddOnList,
            Issuer = plan.IssuerId!.Value,
            Installer = plan.InstallerId,
            Target = subscription.Target,
            CustomerId = order.CustomerId.Value,
            CustomerName = customer?.Name,
            SubscriptionId = subscription.Id.Value,
            SubscriptionName = subscription.Name,
            Activation = subscription.HardwareId is null && subscription.Instance is null ? null : new ActivationInput(subscription.HardwareId, subscription.Instance),
            IpAddresses = subscription.Addresses,
        }, Actor.Keygate, cancellation);
        if (requested.TryGet(out var license, out _) && plan.HostingGate == HostingGate.DedicatedServer && subscription.Server is null)
        {
            await assignment.AwaitServerAsync(tx, license, Actor.Keygate, cancellation);
        }

        return requested;
    }
}
