using Keygate.Kernel;
using Keygate.Orders;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing.Bm;

/// <summary>What can be ordered, and for how much (reference 5.8).</summary>
internal sealed class PlanMethods(ListPlans list, ShowPlan show, ShowPlanPeriod showPeriod) : IBillingMethods
{
    private const string PlanFields =
        "PlanID, Name, ShortDescription, LongDescription, VendorAccountID, STType (gate), IsPublished, GroupID, RecurringType (20), BillingPeriodType (2 month), BillingPeriod, IsParentReq, ShowPriority, "
        + "Default_PlanPeriodID, IsOTFI";

    private const string PeriodFields =
        "PlanPeriodID, Period, PeriodType (0 hour, 1 day, 2 month, 3 year), Trial, SetupFee, SubscriptionFee, RenewalFee, TransferFee, NonRefundableAmount, RefundPeriod, Enabled, FeeText, SortNumber, IsOTFI, "
        + "DepositFee, DepositDescr";

    private const string RateFields =
        "ResourceRateID, name, description, included (-1 all), upper (-1 no bound), lower, unit, setup, recurring, measurable, ResourceID, overuse fee, charge per unit, charge for upgrade, show zero price, "
        + "show in store, show in CP, gate, command, category, additive, ResourceCategoryID, SortOrder, tiered; the order of columns 12 to 21 is ours";

    private static readonly BillingParameter PlanId = BillingParameter.Int("PlanID", "the plan");

    public IEnumerable<BillingMethod> All =>
    [
        new(Bm.Server, "PlanListAvailableGet_API", "Lists the plans that can be ordered.",
            [
                BillingParameter.Vendor, BillingParameter.Text("gate", "the service gate: PEMGATE, DUMMYGATE, or empty for any", 40), BillingParameter.Int("CategoryID", "-1: there are no plan categories here"),
                BillingParameter.SortNo,
            ],
            $"ListResult: {PlanFields}", AvailableAsync),
        new(Bm.Server, "PlanDetailsGet_API", "Shows a plan.", [PlanId], $"ItemResult: {PlanFields}", ShowAsync) { Aliases = ["PlanListGet_API"] },
        new(Bm.Server, "PlanPeriodListGet_API", "Lists the periods of a plan.", [PlanId, BillingParameter.SortNo], $"ListResult: {PeriodFields}", PeriodsAsync),
        new(Bm.Server, "PlanPeriodDetailsGet_API", "Shows a period of a plan.", [BillingParameter.Int("PlanPeriodID", "the period")], $"ItemResult: {PeriodFields}", PeriodAsync),
        new(Bm.Server, "PlanRateListFullGet_API", "Lists the resources of a plan with their prices and limits.", [PlanId, BillingParameter.SortNo], $"ListResult: {RateFields}", RatesAsync),
    ];

    private async Task<Result<BillingAnswer>> AvailableAsync(BillingCall call, CancellationToken cancellation)
    {
        if (Wire.Foreign(call) is { } foreign)
        {
            return foreign;
        }

        if (!(await Wire.AllAsync(page => list.HandleAsync(call.Session, page, cancellation))).TryGet(out var plans, out var refusal))
        {
            return refusal;
        }

        var rows = new List<XmlRpcArray>();
        foreach (var plan in plans.Where(p => p.Published && (call.Text("gate").Length == 0 || Gate(p) == call.Text("gate"))))
        {
            if (!(await show.HandleAsync(call.Session, plan.Id, cancellation)).TryGet(out var whole, out refusal))
            {
                return refusal;
            }

            rows.Add(Row(whole));
        }

        return BillingAnswer.List(rows, call.Int("SortNo"));
    }

    private async Task<Result<BillingAnswer>> ShowAsync(BillingCall call, CancellationToken cancellation) =>
        (await PlanAsync(call, cancellation)).Map(plan => new BillingAnswer(Row(plan)));

    private async Task<Result<BillingAnswer>> PeriodsAsync(BillingCall call, CancellationToken cancellation) =>
        (await PlanAsync(call, cancellation)).Map(plan => BillingAnswer.List(plan.Periods.Select((p, i) => Row(plan, p, i)), call.Int("SortNo")));

    private async Task<Result<BillingAnswer>> PeriodAsync(BillingCall call, CancellationToken cancellation)
    {
        var id = PlanPeriodId.Of(call.Int("PlanPeriodID"));
        return (await showPeriod.HandleAsync(call.Session, id, cancellation)).Map(plan =>
            plan.Periods.Select((p, i) => (Period: p, Row: Row(plan, p, i))).Where(p => p.Period.Id == id).Select(p => new BillingAnswer(p.Row)).Single());
    }

    private async Task<Result<BillingAnswer>> RatesAsync(BillingCall call, CancellationToken cancellation) => (await PlanAsync(call, cancellation)).Map(plan => BillingAnswer.List(
        plan.Rates.Select((r, i) => XmlRpcArray.Create(
            r.Id.Value, r.Name, "", r.IncludedUnits, r.MaxUnits, r.MinUnits, "", Wire.Money(r.SetupFee, plan.Currency), Wire.Money(r.RecurringFee, plan.Currency), 0, r.ResourceId.Value,
            Wire.Money(0, plan.Currency), 1, 0, 0, 1, 1, r.Gate, r.Command, r.Category, 1, 0, i + 1, 0)), call.Int("SortNo")));

    private Task<Result<PlanView>> PlanAsync(BillingCall call, CancellationToken cancellation) => show.HandleAsync(call.Session, Keygate.Orders.PlanId.Of(call.Int("PlanID")), cancellation);

    // Hosting that another system does stands behind the gate of Operations; where nothing is done, behind the one without a backend.
    private static string Gate(PlanRow plan) => plan.HostingGate == HostingGate.Dummy ? "DUMMYGATE" : "PEMGATE";

    private static XmlRpcArray Row(PlanView plan) => XmlRpcArray.Create(
        plan.Id.Value, plan.Name, plan.Description, plan.Description, Wire.Vendor, Gate(plan), Wire.Flag(plan.Published), 0, 20, 2, 1, 0, 0, plan.Periods[0].Id.Value, 0);

    private static XmlRpcArray Row(PlanView plan, PeriodView period, int index) => XmlRpcArray.Create(
        period.Id.Value, period.Period, period.PeriodTypeCode, 0, Wire.Money(period.SetupFee, plan.Currency), Wire.Money(period.SubscriptionFee, plan.Currency), Wire.Money(period.RenewalFee, plan.Currency),
        Wire.Money(0, plan.Currency), Wire.Money(0, plan.Currency), 0, 1, "", index + 1, 0, Wire.Money(0, plan.Currency), "");
}
