using Keygate.Accounts;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Ends what else is going on about the license, once it is known what became of it: a key of which nobody knows whether it was made, or renewed, is waited
/// for. Then it starts the additional keys and the removal of the copies. A request without a key is withdrawn.
/// </summary>
internal sealed class BeginTerminationStep(TerminationSteps steps, ChangeStore changes) : LocalStep
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    // What looks for keys that were made late for a license, and ends them, must outlive it.
    private static readonly string[] Ended = [ProvisionLicense.KindName, RenewalProcess.KindName, HandOver.KindName, AwaitAddOnKey.KindName, RemovalProcess.KindName, HoldProcess.KindName, ChangeProcess.KindName];

    public override string Name => "begin";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var payload = TerminationSteps.Payload(work);
        if (await EndOthersAsync(tx, payload, cancellation) is { } open)
        {
            return Move.Sleep(steps.Licenses.Time.GetUtcNow() + LookAgainAfter, open);
        }

        var all = await steps.Store.LockWithAddOnsAsync(tx, payload.License, cancellation);
        foreach (var member in all.Where(m => m is { KeyNumber: null, WithdrawnAt: null, TerminatedAt: null }))
        {
            await steps.Store.NoteAsync(tx, member, Actor.Keygate, $"Withdrawn: {payload.Why}", "withdrawn_at = @now", new { }, cancellation);
        }

        if (all[0].KeyNumber is null)
        {
            await steps.TellGoneAsync(tx, all[0], $"The request of license {all[0].Id} was withdrawn: {payload.Why}", cancellation);
            return Move.Finish;
        }

        foreach (var addOn in all.Skip(1).Where(TerminationSteps.IsToEnd))
        {
            await TerminationProcess.AskAsync(steps.Terminations, steps.Queue, tx, new TerminationPayload(addOn.Id, payload.Why, Cascade: true), work.Id, cancellation);
        }

        if (!payload.Cascade && all.Exists(m => m.InstalledAt is not null))
        {
            await RemovalProcess.StartAsync(steps.Queue, tx, payload.License, payload.Why, work.Id, cancellation);
        }

        return Move.Next;
    }

    // Another process about the license is called off; what cannot be called off now is told, so that it is looked at again.
    private async Task<string?> EndOthersAsync(Tx tx, TerminationPayload payload, CancellationToken cancellation)
    {
        var all = await steps.Store.WithAddOnsAsync(tx, payload.License, cancellation);

        // A change that has put another license in this one's place is what ends this one.
        var replaced = (await changes.FindAsync(tx, payload.License, cancellation))?.ReplacementId is not null;
        foreach (var view in (await steps.Queue.ViewAsync(tx, [.. all.Select(m => m.Id.Subject)], cancellation)).Where(v => v.IsOpen && Ended.Contains(v.Kind) && !(replaced && v.Kind == ChangeProcess.KindName)))
        {
            if (view.State == "ready" && view.Kind == ProvisionLicense.KindName)
            {
                return $"It waits for '{view.Step}' of {view.Subject}, which is under way.";
            }

            if (!(await steps.Queue.CancelAsync(tx, view.Id, $"The license is terminated: {payload.Why}", cancellation)).TryGet(out _, out var refusal))
            {
                return $"It waits for '{view.Step}' of {view.Subject}: {refusal.Detail}";
            }
        }

        return null;
    }
}
