using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Where the issuer cannot change the key: another license is requested and brought as far as this one is, before this one ends.</summary>
internal sealed class ReplaceStep(ChangeSteps steps, RequestLicense requests, LicenseProvisioning provisioning) : LocalStep
{
    public const string StepName = "replace";

    public override string Name => StepName;

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var row = await steps.RowAsync(tx, work, cancellation);
        if (!row.What.Replaces)
        {
            return Move.Finish;
        }

        var license = await steps.Store.LockAsync(tx, ChangeSteps.Of(work), cancellation);
        var until = license.InstalledAt is not null && license.InstallerId is not null ? Until.Installed : Until.Retrieved;
        if (row.ReplacementId is not { } id)
        {
            return await BeginAsync(tx, work, license, row.What, until, cancellation);
        }

        var replacement = (await steps.Store.FindAsync(tx, id, cancellation))!;
        var state = replacement.StateAt(steps.Licenses.Time.GetUtcNow());
        return state == LicenseState.Installed || (until == Until.Retrieved && state is LicenseState.Retrieved or LicenseState.Uploaded) ? Move.Next
            : state is LicenseState.Expired or LicenseState.Terminated || replacement.WithdrawnAt is not null
                ? Move.Stop(LicensingErrors.ChangeStale.Because($"License {id}, which was to take the place of license {license.Id}, is {state}."))
            : Move.Wait($"License {id}, which takes its place, is {state}.");
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);

    private async Task<Move> BeginAsync(Tx tx, WorkItem work, License license, LicenseChange change, Until until, CancellationToken cancellation)
    {
        var request = Json.Read<RequestLicenseRequest>(license.Request) with
        {
            KeyType = change.To.KeyType, Features = change.To.Features, AddOns = change.To.AddOns, Target = license.Target, CustomerId = license.CustomerId, CustomerName = license.CustomerName,
            SubscriptionId = license.SubscriptionId, SubscriptionName = license.SubscriptionName, Installer = license.InstallerId,
            Activation = license.HardwareId is null && license.Instance is null ? null : new ActivationInput(license.HardwareId, license.Instance),
        };
        if (!(await requests.HandleAsync(tx, request, Actor.Keygate, cancellation)).TryGet(out var id, out var refusal))
        {
            return Move.Stop(refusal);
        }

        await steps.Changes.ReplacedByAsync(tx, license.Id, id, cancellation);
        await steps.Store.NoteAsync(tx, license, Actor.Keygate, $"License {id} is to take its place", cancellation);
        await provisioning.StartAsync(tx, id, until, work.Id, cancellation);
        return Move.Wait($"License {id} takes its place: it is being issued.");
    }
}

/// <summary>The new license is where the old one was: the old one ends.</summary>
internal sealed class RetireStep(ChangeSteps steps, TerminationStore terminations, WorkQueue queue) : LocalStep
{
    public override string Name => "retire";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var row = await steps.RowAsync(tx, work, cancellation);
        var license = await steps.Store.LockAsync(tx, ChangeSteps.Of(work), cancellation);
        await TerminationProcess.AskAsync(
            terminations, queue, tx, new TerminationPayload(license.Id, $"license {row.ReplacementId} took its place", Cascade: false), null, cancellation);
        await steps.TellAsync(tx, license, row.What, cancellation);
        return Move.Finish;
    }
}
