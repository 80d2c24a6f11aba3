using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Ends what was begun before, the other way round or the same; what is just under way is waited for.</summary>
internal sealed class BeginHoldStep(HoldSteps steps, WorkQueue queue) : LocalStep
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    public override string Name => "begin";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = HoldSteps.Payload(work);
        foreach (var earlier in (await queue.ViewAsync(tx, [payload.License.Subject], cancellation)).Where(v => v.Kind == HoldProcess.KindName && v.IsOpen && v.Id < work.Id))
        {
            if (!(await queue.CancelAsync(tx, earlier.Id, payload.Why, cancellation)).TryGet(out _, out var refusal))
            {
                return Move.Sleep(steps.Licenses.Time.GetUtcNow() + LookAgainAfter, $"It waits for '{earlier.Step}' of {earlier.Subject}: {refusal.Detail}");
            }
        }

        return Move.Next;
    }
}
