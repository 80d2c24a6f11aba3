using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Waits for the activation data that the class demands; passes at once where it demands none.</summary>
internal sealed class AwaitActivationStep(LicenseSteps steps) : LocalStep
{
    public override string Name => "await-activation";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        // A step that finds nothing to ask passes on to the next one, so how far to go is asked at the door of each stage too.
        if (LicenseSteps.Payload(work).Until < Until.Activated)
        {
            return Move.Finish;
        }

        var license = await steps.FindAsync(tx, work, cancellation);
        if (!license.NeedsActivation)
        {
            return Move.To(BeginRetrieveStep.StepName);
        }

        if (!license.HasActivationData)
        {
            return await steps.WaitAsync(tx, license.Id, $"License {license.Id} ({license.ClassName}) waits for its activation data: give its {license.Activation} with Activate.", cancellation);
        }

        await steps.GoesOnAsync(tx, license.Id, cancellation);
        return Move.Next;
    }
}

/// <summary>Activates the key at the issuer. Plug-ins promise that asking again for the same data does no harm.</summary>
internal sealed class ActivateStep(LicenseSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "activate";

    public override ActKind Act => ActKind.Repeatable;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return license.NeedsActivation
            ? new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(new Ask(license.KeyNumber!, new ActivationData(license.HardwareId, license.Instance))) }
            : null;
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        var ask = intent.Read<Ask>();
        var issuer = await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation);
        return issuer.TryGet(out var found, out var error) ? await found.ActivateAsync(ask.KeyNumber, ask.Data, cancellation) : Answer.NotDone(error);
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var key = answer.Read<ActivatedKey>();
        license = await steps.Store.MoveAsync(
            tx, license, license with { KeyNumber = key.KeyNumber, ActivatedAt = steps.Time.GetUtcNow() },
            LicenseOperation.Activate, MoveOutcome.Done, Actor.Keygate, $"Key {key.KeyNumber} activated", cancellation);
        await steps.TellAsync(tx, license, "license.activated", cancellation);
        return LicenseSteps.Payload(work).Until == Until.Activated ? Move.Finish : Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        steps.StoppedAsync(tx, work, LicenseOperation.Activate, failure, cancellation);

    private sealed record Ask(string KeyNumber, ActivationData Data);
}
