using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Waits for the upload where the issuer has no connection, and passes at once where it has one. An uploaded license has key and file: nothing is
/// left to ask its issuer for.
/// </summary>
internal sealed class AwaitUploadStep(LicenseSteps steps, PluginReader plugins) : LocalStep
{
    public override string Name => "await-upload";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        // Locked, so that an upload cannot come between this look and the sleep.
        var license = await steps.LockAsync(tx, work, cancellation);
        if (license.UploadedAt is not null)
        {
            await steps.GoesOnAsync(tx, license.Id, cancellation);
            return Move.To(BeginInstallStep.StepName);
        }

        return license.IssuedAt is null && await plugins.FindAsync(tx, license.IssuerId, cancellation) is { ByHand: true } issuer
            ? await steps.WaitAsync(
                tx, license.Id, $"License {license.Id} waits for an upload: '{issuer.Name}' has no connection. Pass its request on and upload the keys and files that come back.", cancellation)
            : Move.Next;
    }
}
