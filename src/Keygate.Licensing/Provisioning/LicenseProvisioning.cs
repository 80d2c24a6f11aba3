using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Starts the work that brings a license to its key, its file and its installation, and takes it up again where it stopped.</summary>
public sealed class LicenseProvisioning(WorkQueue work, IEnumerable<ILicenseObserver> observers)
{
    /// <summary>
    /// Starts the process; takes it up again where it had stopped. Refused while it runs. One license has one such process at a time.
    /// </summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="id">The license.</param>
    /// <param name="until">How far to go.</param>
    /// <param name="parent">The process that waits for this one; null where none does.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async Task<Result<Done>> StartAsync(Tx tx, LicenseId id, Until until, long? parent, CancellationToken cancellation)
    {
        var open = (await work.ViewAsync(tx, [id.Subject], cancellation)).FirstOrDefault(v => v.Kind == ProvisionLicense.KindName && v.State is not ("done" or "cancelled"));
        switch (open)
        {
            case null:
                await work.StartAsync(
                    tx,
                    new StartWork(ProvisionLicense.KindName, id.Subject, Json.Write(new ProvisionLicensePayload(id, until))) { Parent = parent, UniqueKey = id.Subject },
                    cancellation);
                return Done.It;

            case { State: "stopped" }:
                foreach (var observer in observers)
                {
                    await observer.ResumedAsync(tx, id, cancellation);
                }

                return await work.ResubmitAsync(tx, open.Id, cancellation);

            default:
                return LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
        }
    }

    /// <summary>Tells the process that what it waits for may be there now; false when none waits.</summary>
    public Task<bool> WakeAsync(Tx tx, LicenseId id, CancellationToken cancellation) => work.WakeAsync(tx, ProvisionLicense.KindName, id.Subject, cancellation);
}
