using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>A Purchase goes to stock with what was bought with it, once no copy of it works anywhere.</summary>
internal sealed class SettleTerminationStep(TerminationSteps steps, RenewalStore renewals) : LocalStep
{
    public override string Name => "settle";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var all = await steps.Store.LockWithAddOnsAsync(tx, TerminationSteps.Payload(work).License, cancellation);
        var license = all[0];
        if (license is not { BillType: BillType.Purchase, TerminatedAt: null, ParentId: null })
        {
            return Move.Finish;
        }

        if (all.Find(m => m.InstalledAt is not null) is { } installed)
        {
            await steps.Store.NoteAsync(tx, license, Actor.Keygate, $"Not taken to stock: a copy of {installed.KeyNumber} is still installed", cancellation);
            return Move.Finish;
        }

        foreach (var member in all.Where(m => m.TerminatedAt is null))
        {
            await steps.Store.NoteAsync(
                tx, member, Actor.Keygate, license.SubscriptionId is null ? "Stock" : $"Taken from subscription {license.SubscriptionId} ({license.SubscriptionName}): stock",
                "customer_id = null, customer_name = null, subscription_id = null, subscription_name = null, target = '', not_assigned_at = null, hold_removed_at = null", new { }, cancellation);
            await steps.Terminations.ForgetAsync(tx, member.Id, cancellation);
            await renewals.ForgetStandingAsync(tx, member.Id, cancellation);
        }

        // What was suspended for a subscription is of use to the next one.
        if (all.Exists(m => m.SuspendedAt is not null))
        {
            await HoldProcess.StartAsync(steps.Queue, tx, new HoldPayload(license.Id, "it is stock", Held: false), cancellation);
        }

        await steps.Licenses.TellAsync(tx, license, "license.stocked", cancellation);
        await steps.TellGoneAsync(tx, license, $"License {license.Id} was taken to stock: key {license.KeyNumber}.", cancellation);
        return Move.Finish;
    }
}
