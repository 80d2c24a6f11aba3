using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;

namespace Keygate.Orders;

/// <summary>The plan that a period belongs to.</summary>
public sealed class ShowPlanPeriod
{
    private readonly PlanStore _plans;

    internal ShowPlanPeriod(PlanStore plans) => _plans = plans;

    /// <summary>The whole plan; refused where there is no such period.</summary>
    public async Task<Result<PlanView>> HandleAsync(Session session, PlanPeriodId id, CancellationToken cancellation) =>
        await _plans.FindPeriodAsync(session, id, cancellation) is { } period
            ? PlanView.Of((await _plans.FindAsync(session, period.PlanId, cancellation))!)
            : OrdersErrors.PeriodNotFound.Because($"There is no plan period {id}.");
}
