using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Asks whether there is anything to renew, and for a person where the issuer has no connection.</summary>
internal sealed class BeginRenewalStep(RenewalSteps steps, WorkQueue queue) : LocalStep
{
    public const string StepName = "begin";

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var payload = RenewalSteps.Payload(work);
        if (license is not { TerminatedAt: null, KeyNumber: not null, BillType: Catalog.BillType.Lease }
            || await LicenseWork.OpenAsync(queue, tx, TerminationProcess.KindName, license.Id, cancellation) is not null)
        {
            return Move.Finish;
        }

        if (license.ExpirationDate > payload.Expiration)
        {
            return Move.To(FetchRenewedStep.StepName);
        }

        if (!payload.ByHand && (!RenewalStore.IsDue(license, steps.Today) || await steps.Renewals.StandingAsync(tx, license.Id, cancellation) is not null))
        {
            return Move.Finish;
        }

        return await steps.Plugins.FindAsync(tx, license.IssuerId, cancellation) is { ByHand: true } issuer
            ? Move.Stop(LicensingErrors.RenewByHand
                .Because($"License {license.Id} runs until {license.ExpirationDate:yyyy-MM-dd}, and its issuer '{issuer.Name}' has no connection: have {license.KeyNumber} renewed there.")
                .Mend($"Say here what came of it: 'keygate license record-renewal {license.Id} --key NUMBER --expires DATE --file FILE'."))
            : Move.Next;
    }
}
