using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Additional keys end before their base. One that the issuer keeps does not hold the base up: both have a result of their own.</summary>
internal sealed class AwaitAddOnsStep(TerminationSteps steps) : LocalStep
{
    public override string Name => "await-add-ons";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var addOns = (await steps.Store.AddOnsAsync(tx, TerminationSteps.Payload(work).License, cancellation)).Where(TerminationSteps.IsToEnd).ToList();
        if (addOns.Count == 0)
        {
            return Move.Next;
        }

        var failed = await steps.Terminations.FindAsync(tx, [.. addOns.Select(a => a.Id)], cancellation);
        var views = await steps.Queue.ViewAsync(tx, [.. addOns.Select(a => a.Id.Subject)], cancellation);
        var open = addOns.Find(a => failed.GetValueOrDefault(a.Id)?.Error is null && views.Any(v => v.Kind == TerminationProcess.KindName && v.Subject == a.Id.Subject && v is { IsOpen: true, IsStopped: false }));
        return open is null ? Move.Next : Move.Wait($"Additional keys end first: {open.KeyNumber} is being terminated.");
    }
}

/// <summary>An issuer without a connection is asked by a person.</summary>
internal sealed class EndByHandStep(TerminationSteps steps, Plugins.PluginReader plugins) : LocalStep
{
    public override string Name => "by-hand";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        return TerminationSteps.IsToEnd(license) && await plugins.FindAsync(tx, license.IssuerId, cancellation) is { ByHand: true } issuer
            ? Move.Stop(ByHand(license, $"Issuer '{issuer.Name}' has no connection"))
            : Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.FailedAsync(tx, work, failure, cancellation);

    /// <summary>That a person must have the key ended.</summary>
    public static Error ByHand(License license, string why) => LicensingErrors.TerminateByHand
        .Because($"{why}: key {license.KeyNumber} of license {license.Id} must be ended there.")
        .Mend($"Have it terminated at the issuer, then say so: 'keygate license record-terminated {license.Id}'.");
}

/// <summary>The removal of the copies is a process of its own; a person may give it up.</summary>
internal sealed class AwaitRemovalStep(TerminationSteps steps) : LocalStep
{
    public override string Name => "await-removal";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        // The copies are asked for first: the removal whose end wakes this one still counts as open in its own commit.
        var payload = TerminationSteps.Payload(work);
        var installed = !payload.Cascade && (await steps.Store.LockWithAddOnsAsync(tx, payload.License, cancellation)).Exists(m => m.InstalledAt is not null);
        return installed && await LicenseWork.OpenAsync(steps.Queue, tx, RemovalProcess.KindName, payload.License, cancellation) is { } open
            ? Move.Wait($"The installed copy is not removed yet: {open.LastError?.Detail ?? open.Why ?? "it is under way"}.")
            : Move.Next;
    }
}
