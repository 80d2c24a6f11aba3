using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// An ordered additional license whose key the issuer left out. It stops at once and needs attention; resubmitted, it ends where the key has come
/// meanwhile and stops again where it has not.
/// </summary>
internal sealed class AwaitAddOnKey(AddOnKeyStep step) : Process
{
    public const string KindName = "licensing.await-add-on-key";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [step];

    public static StartWork Start(LicenseId addOn) =>
        new(KindName, addOn.Subject, Json.Write(new AddOnKeyPayload(addOn))) { UniqueKey = $"{addOn.Subject}/add-on-key" };
}

/// <summary>What the process is started with.</summary>
internal sealed record AddOnKeyPayload(LicenseId License);

/// <summary>Looks whether the key is here.</summary>
internal sealed class AddOnKeyStep(LicenseSteps steps) : LocalStep
{
    public override string Name => "await-add-on-key";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, work.Read<AddOnKeyPayload>().License, cancellation);
        return license is { KeyNumber: null, TerminatedAt: null }
            ? Move.Stop(LicensingErrors.AddOnKeyMissing.Because($"The key of license {license.ParentId} was issued without one for the ordered {license.ClassName}, license {license.Id}."))
            : Move.Finish;
    }

    public override async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, work.Read<AddOnKeyPayload>().License, cancellation);
        await steps.Store.NoteAsync(tx, license, Actor.Keygate, failure.Error.Detail, cancellation);
        await steps.TellAsync(tx, license, "license.stopped", cancellation);
    }
}
