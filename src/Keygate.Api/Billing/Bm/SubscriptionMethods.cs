using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing.Bm;

/// <summary>Subscriptions and what they hold (reference 5.10).</summary>
internal sealed class SubscriptionMethods(ListSubscriptions list, ShowSubscription show, ShowPlan showPlan, CancelSubscription cancel) : IBillingMethods
{
    private const string Fields = "SubscriptionID, Name, AccountID, PlanID, PlanName, Status, ServStatus";

    private const string Codes =
        "Status: 10 Ordered, 15 Trial, 30 Active, 40 Graced, 50 Expired, 60 Terminated, 70 Canceled, 80 Suspended. ServStatus: 10 Not Provisioned, 20 Provisioning, 30 Stopped, 40 Starting, 50 Running, 60 Stopping, "
        + "70 Removing, 80 Changing Plan, 90 Removed.";

    private static readonly BillingParameter Id = BillingParameter.Int("SubscriptionID", "the subscription");

    public IEnumerable<BillingMethod> All =>
    [
        new(Bm.Server, "PlaceSubscriptionCancellationOrder_API", "Ends a subscription for good, by a cancellation order.",
            [Id, BillingParameter.Int("Type", "what becomes of the rest of the paid period: 10 refund, 20 credit, 30 nothing"), BillingParameter.Int("ReasonID", "a code of the caller's; it stands in the log"), BillingParameter.Text("Description", "why")],
            "ItemResult: the text `Cancellation Order has been placed`, OrderID", CancelAsync)
        {
            Changes = true,
            Notes = "The licenses are terminated, purchased ones go to stock. What is given back of the rest of the period stands in the order, and gets its credit notes when the order is complete; a refund is paid out by hand.",
        },
        new(Bm.Server, "SubscriptionDetailsGet_API", "Shows a subscription.", [Id], $"ItemResult: {Fields}", (call, end) => ShowAsync(call, (s, plan) => Row(s, plan), end)) { Notes = Codes },
        new(Bm.Server, "SubscriptionDetailsGetEx_API", "Shows a subscription with its dates.", [Id],
            $"ItemResult: {Fields}, StartDate, ExpirationDate, LastBillDate, NextBillDate, BillingPeriodType, BillingPeriod", (call, end) => ShowAsync(call, WithDates, end)),
        new(Bm.Server, "GetCustomerSubscriptionList_API", "Lists the subscriptions of a customer.", [BillingParameter.Int("AccountID", "the account"), BillingParameter.SortNo],
            "ListResult: SubscriptionID, Name, PlanID, PlanName, PlanPeriodID, Period, PeriodType, StartDate, ExpirationDate, Status, ServStatus, ContainerName", ListAsync),
        new(Bm.Server, "SubscriptionResourcesListGet_API", "Lists what a subscription holds.", [Id, BillingParameter.SortNo],
            "ListResult: ResourceID, RateID, name, Included, Additional, Used, Ordered, Unit, Min, Max, Measurable, gate, command, category, setup fee, recurring fee; of the originals' 24 columns the first eleven and what else is known here",
            ResourcesAsync),
        new(Bm.Server, "GetServStatusHist", "Lists the history of a subscription's statuses.", [Id, BillingParameter.SortNo], "ListResult: Date, Status, ServStatus, Comment, Login", HistoryAsync),
    ];

    private async Task<Result<BillingAnswer>> ShowAsync(BillingCall call, Func<SubscriptionView, PlanView, XmlRpcArray> row, CancellationToken cancellation) =>
        (await WithPlanAsync(call, cancellation)).Map(found => new BillingAnswer(row(found.Subscription, found.Plan)));

    private async Task<Result<BillingAnswer>> ListAsync(BillingCall call, CancellationToken cancellation)
    {
        var account = AccountId.Of(call.Int("AccountID"));
        if (!(await Wire.AllAsync(page => list.HandleAsync(call.Session, account, false, page, cancellation))).TryGet(out var subscriptions, out var refusal))
        {
            return refusal;
        }

        var rows = new List<XmlRpcArray>();
        foreach (var s in subscriptions)
        {
            if (!(await showPlan.HandleAsync(call.Session, s.PlanId, cancellation)).TryGet(out var plan, out refusal))
            {
                return refusal;
            }

            var period = plan.Periods.First(p => p.Id == s.PlanPeriodId);
            rows.Add(XmlRpcArray.Create(
                s.Id.Value, s.Name, s.PlanId.Value, plan.Name, s.PlanPeriodId.Value, period.Period, period.PeriodTypeCode, Wire.Day(s.StartDate), Wire.Day(s.ExpirationDate), s.StatusCode, s.ServStatusCode,
                plan.HostingGate == HostingGate.Dummy ? "DUMMYGATE" : "PEMGATE"));
        }

        return BillingAnswer.List(rows, call.Int("SortNo"));
    }

    private async Task<Result<BillingAnswer>> ResourcesAsync(BillingCall call, CancellationToken cancellation) => (await WithPlanAsync(call, cancellation)).Map(found => BillingAnswer.List(
        found.Subscription.Resources.Select(r =>
        {
            var included = r.IncludedUnits < 0 ? r.Quantity : Math.Min(r.IncludedUnits, r.Quantity);
            var rate = found.Plan.Rates.FirstOrDefault(x => x.Id == r.RateId);
            return XmlRpcArray.Create(
                r.ResourceId.Value, r.RateId.Value, r.Name, included, r.Quantity - included, r.Quantity, r.Quantity, "", r.MinUnits, r.MaxUnits, 0, r.Gate, r.Command, r.Category,
                Wire.Money(rate?.SetupFee ?? 0, found.Plan.Currency), Wire.Money(rate?.RecurringFee ?? 0, found.Plan.Currency));
        }), call.Int("SortNo")));

    private async Task<Result<BillingAnswer>> HistoryAsync(BillingCall call, CancellationToken cancellation) => (await WithPlanAsync(call, cancellation)).Map(found => BillingAnswer.List(
        found.Subscription.History.Select(h => XmlRpcArray.Create(Wire.Time(h.At), (int)h.Status, (int)h.ServStatus, h.Why, h.Actor)), call.Int("SortNo")));

    private async Task<Result<(SubscriptionView Subscription, PlanView Plan)>> WithPlanAsync(BillingCall call, CancellationToken cancellation) =>
        (await show.HandleAsync(call.Session, SubscriptionId.Of(call.Int("SubscriptionID")), cancellation)).TryGet(out var s, out var refusal)
        && (await showPlan.HandleAsync(call.Session, s.PlanId, cancellation)).TryGet(out var plan, out refusal)
            ? (s, plan)
            : refusal;

    private static XmlRpcArray Row(SubscriptionRow s, PlanView plan) => XmlRpcArray.Create(s.Id.Value, s.Name, s.CustomerId.Value, s.PlanId.Value, plan.Name, s.StatusCode, s.ServStatusCode);

    private async Task<Result<BillingAnswer>> CancelAsync(BillingCall call, CancellationToken cancellation)
    {
        CancellationCredit? credit = call.Int("Type") switch { 10 => CancellationCredit.Refund, 20 => CancellationCredit.Credit, 30 => CancellationCredit.None, _ => null };
        if (credit is not { } known)
        {
            return OrdersErrors.CancellationInvalid.Because($"Type {call.Int("Type")} is none of 10, 20, 30.");
        }

        var request = new CancelSubscriptionRequest { Reason = $"{call.Text("Description").Trim()} (reason {call.Int("ReasonID")})", Credit = known };
        return (await cancel.HandleAsync(call.Tx, SubscriptionId.Of(call.Int("SubscriptionID")), request, call.Actor, cancellation))
            .Map(s => BillingAnswer.Item("Cancellation Order has been placed", s.Orders.MaxBy(o => o.Id.Value)!.Id.Value));
    }

    private static XmlRpcArray WithDates(SubscriptionView s, PlanView plan)
    {
        var row = Row(s, plan);
        var period = plan.Periods.First(p => p.Id == s.PlanPeriodId);
        foreach (var value in new XmlRpcValue[] { Wire.Day(s.StartDate), Wire.Day(s.ExpirationDate), Wire.Day(s.StartDate), Wire.Day(s.ExpirationDate), period.PeriodTypeCode, period.Period })
        {
            row.Add(value);
        }

        return row;
    }
}
