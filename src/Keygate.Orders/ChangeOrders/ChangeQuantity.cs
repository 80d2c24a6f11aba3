using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>How much a subscription is to hold of a resource that no license is needed for.</summary>
public sealed record ChangeQuantityRequest
{
    /// <summary>The resource's command, as it stands in the plan.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Units after the change; 0 for none.</summary>
    public int Quantity { get; init; }

    /// <summary>The token of the preview that is to be executed; without one it is only previewed.</summary>
    public string? Token { get; init; }
}

/// <summary>What a change of a quantity will do. Executed is this, or nothing.</summary>
/// <param name="Token">Says what was previewed.</param>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Resource">The resource's command.</param>
/// <param name="From">Units now.</param>
/// <param name="To">Units after.</param>
/// <param name="Currency">Currency of the amounts.</param>
/// <param name="Now">What is owed for the rest of the paid period, in minor units; below nought where something is given back.</param>
/// <param name="Difference">What each further period costs more, or less where it is below zero.</param>
/// <param name="Lines">The lines of the order.</param>
/// <param name="Reversible">True: it can be changed back.</param>
public sealed record QuantityPreview(
    string Token, SubscriptionId SubscriptionId, string Resource, int From, int To, string Currency, long Now, long Difference, IReadOnlyList<DetailView> Lines, bool Reversible);

/// <summary>
/// Changes how much a subscription holds of a resource that no license is needed for, by a change order: charged or given back for the rest of the paid period. What belongs to a
/// license changes with the license.
/// </summary>
public sealed class ChangeQuantity
{
    private readonly SubscriptionStore _subscriptions;
    private readonly PlanStore _plans;
    private readonly InvoiceStore _invoices;
    private readonly ChangeOrders _changes;
    private readonly OrderFlow _flow;
    private readonly OrderReader _reader;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal ChangeQuantity(SubscriptionStore subscriptions, PlanStore plans, InvoiceStore invoices, ChangeOrders changes, OrderFlow flow, OrderReader reader, Audit audit, TimeProvider time) =>
        (_subscriptions, _plans, _invoices, _changes, _flow, _reader, _audit, _time) = (subscriptions, plans, invoices, changes, flow, reader, audit, time);

    /// <summary>What it would do and cost; refused where the plan does not allow it, without good standing, and while an order is open.</summary>
    public async Task<Result<QuantityPreview>> PreviewAsync(Session session, SubscriptionId id, ChangeQuantityRequest request, CancellationToken cancellation) =>
        (await FindAsync(session, await _subscriptions.FindAsync(session, id, cancellation), id, request, cancellation)).Map(f => f.Preview);

    /// <summary>Places the change order for what was previewed; refused where it would be something else now.</summary>
    public async Task<Result<OrderView>> HandleAsync(Tx tx, SubscriptionId id, ChangeQuantityRequest request, Actor actor, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(request.Token))
        {
            return OrdersErrors.ChangeTokenMissing.At("token");
        }

        var subscription = await _subscriptions.LockAsync(tx, id, cancellation);
        if (!(await FindAsync(tx, subscription, id, request, cancellation)).TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        var (preview, change, details) = found;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(preview.Token), Encoding.UTF8.GetBytes(request.Token.Trim())))
        {
            return OrdersErrors.ChangeStale.Because($"The token is not that of this change as it would be now: from {preview.From} to {preview.To} units for {Currency.Shown(preview.Now, preview.Currency)}.").At("token");
        }

        var order = await _changes.PlaceAsync(tx, subscription!, preview.Currency, details, change, FormattableString.Invariant($"{preview.Resource}: {preview.From} to {preview.To} units."), actor, cancellation);
        await _audit.AddAsync(tx, actor, "subscription.change", id.Subject, order.Comment, cancellation);
        return (await _flow.OpenAsync(tx, order, "Opened with its placement.", actor, check: false, cancellation)).TryGet(out _, out var late)
            ? await _reader.ShowAsync(tx, order.Id, cancellation)
            : late;
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/subscriptions/{id}/quantity/preview",
            (SubscriptionId id, ChangeQuantityRequest request, HttpContext http, Database database, ChangeQuantity handler) =>
                database.ReadAsync(s => handler.PreviewAsync(s, id, request, http.RequestAborted), http.RequestAborted))
            .WithName("PreviewQuantity").WithTags("Subscriptions").WithSummary("What another quantity of a resource would cost for the rest of the period and for each further one, with the token to execute it.");
        routes.MapPost(
            "/subscriptions/{id}/quantity",
            (SubscriptionId id, ChangeQuantityRequest request, HttpContext http, WriteDoor door, ChangeQuantity handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("ChangeQuantity").WithTags("Subscriptions").WithSummary("Place the change order for another quantity of a resource, by the token of its preview.");
    }

    private async Task<Result<(QuantityPreview Preview, ItemChange Change, IReadOnlyList<DetailRow> Details)>> FindAsync(
        Session session, Subscription? subscription, SubscriptionId id, ChangeQuantityRequest request, CancellationToken cancellation)
    {
        if (subscription is null)
        {
            return OrdersErrors.SubscriptionNotFound.Because($"There is no subscription {id}.");
        }

        if (await _changes.RefusalAsync(session, subscription, cancellation) is { } busy)
        {
            return busy;
        }

        var plan = (await _plans.FindAsync(session, subscription.PlanId, cancellation))!;
        if (plan.Rates.FirstOrDefault(r => r.Command == request.Resource) is not { } rate)
        {
            return OrdersErrors.ResourceNotInPlan.Because($"Plan {plan.Id} ({plan.Name}) has no rate for {request.Resource}.").At("resource");
        }

        if (rate.Kind != ResourceKind.Other)
        {
            return OrdersErrors.QuantityUnfit.Because($"{rate.Command} belongs to a license.").Mend("Change the license: 'keygate license preview-change'.").At("resource");
        }

        var held = (await _subscriptions.ResourcesAsync(session, id, cancellation)).FirstOrDefault(r => r.ResourceId == rate.ResourceId)?.Quantity ?? 0;
        if (request.Quantity == held || !rate.Allows(request.Quantity) || request.Quantity is < 0 or > PlaceOrderRules.QuantityMax)
        {
            return OrdersErrors.QuantityUnfit
                .Because($"{request.Quantity} units of {rate.Command}: {held} are held, {rate.MinUnits} to {(rate.MaxUnits == Rate.Unlimited ? PlaceOrderRules.QuantityMax : rate.MaxUnits)} are possible.").At("quantity");
        }

        var rest = Proration.Rest(plan.Periods.First(p => p.Id == subscription.PlanPeriodId), subscription.StartDate, subscription.ExpirationDate, DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime));
        var (before, after) = (rate.Charged(held), rate.Charged(request.Quantity));
        var details = SubscriptionChangeRules.Details([(rate, before, after)], rest, subscription.ExpirationDate, await _invoices.CreditableAsync(session, id, cancellation));
        var preview = new QuantityPreview(
            "", id, rate.Command, held, request.Quantity, plan.Currency, details.Sum(d => d.Amount), (after - before) * rate.RecurringFee, [.. details.Select(DetailView.Of)], Reversible: true);
        return (preview with { Token = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(preview)))) },
            new ItemChange(null, CanChange: false, rate.Id, held, request.Quantity), details);
    }
}
