using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// A license that a person installed was renewed: its new file is for a person to put in place. It stops at once and needs attention; resubmitted, it takes the
/// file as handed over and ends.
/// </summary>
internal sealed class HandOver(LicenseSteps steps) : Process
{
    public const string KindName = "licensing.hand-over";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Tell(steps)];

    public static StartWork Start(License license) =>
        new(KindName, license.Id.Subject, Json.Write(new Of(license.Id))) { UniqueKey = $"{license.Id.Subject}/hand-over/{license.KeyNumber}" };

    private sealed record Of(LicenseId License);

    private sealed class Tell(LicenseSteps steps) : LocalStep
    {
        public override string Name => "tell";

        public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
        {
            var license = await steps.Store.LockAsync(tx, work.Read<Of>().License, cancellation);
            return work.Generation > 1 || license.TerminatedAt is not null
                ? Move.Finish
                : Move.Stop(LicensingErrors.RenewedByHand
                    .Because($"License {license.Id} was renewed as {license.KeyNumber}; {license.InstalledByHand} installed the earlier file by hand.")
                    .Mend($"Save the file with 'keygate license download {license.Id}', put it in the place of the earlier one, then resubmit this: it ends."));
        }
    }
}
