using Keygate.Kernel;
using Keygate.Orders;

namespace Keygate.Api.Billing.Taskman;

/// <summary>Events that another system triggers (reference 5.11; what they do: 4.4).</summary>
internal sealed class PostEventMethod(TriggerEvent trigger) : IBillingMethods
{
    public IEnumerable<BillingMethod> All =>
    [
        new("TASKMAN", "PostEvent", "Triggers an event that another system's work ended in.",
            [
                BillingParameter.Text("type", "the event's type: Creation Completed or Server Assigned", 100), BillingParameter.Text("parameters", "Name=Value; Name=Value"),
                BillingParameter.Int("delay", "0: the event is handled at once") with { Optional = true },
            ],
            "ErrorMessage `Operation done.`, or why the event was passed over", PostAsync)
        {
            Changes = true, Notes = "`Creation Completed` takes OrderItemID, SubscrID, IssuedSuccessfully (1 or 0) and Message, `Server Assigned` takes SubscrID and Server. It may be repeated: what comes late is kept and passed over.",
        },
    ];

    private async Task<Result<BillingAnswer>> PostAsync(BillingCall call, CancellationToken cancellation) => call.Int("delay") is not (0 or BillingCall.Null)
        ? ApiErrors.BillingValueUnfit.Because($"delay is {call.Int("delay")}; events are handled at once, so it is 0.")
        : (await trigger.HandleAsync(call.Tx, new EventRequest { Type = call.Text("type"), Parameters = call.Text("parameters") }, call.Actor, cancellation)).Map(
            answer => answer.Accepted ? BillingAnswer.Done : BillingAnswer.Status($"Passed over: {answer.IgnoredBecause}"));
}
