using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What a hold is started with.</summary>
/// <param name="License">The base license.</param>
/// <param name="Why">Why, for the history.</param>
/// <param name="Held">True to stop the license, false to let it go on.</param>
internal sealed record HoldPayload(LicenseId License, string Why, bool Held);

/// <summary>
/// Stops a license for the time that its subscription is suspended, and lets it go on after: key at the issuer first, then the installed copy. What an issuer
/// or installer cannot do is noted and passed over. One that was begun the other way round ends without further effect.
/// </summary>
internal sealed class HoldProcess(BeginHoldStep begin, HoldKeyStep key, HoldCopyStep copy, ReleaseCopyStep release) : Process
{
    public const string KindName = "licensing.hold";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [begin, key, copy, release];

    /// <summary>Starts it; what is under way the other way round is ended first.</summary>
    public static async Task StartAsync(WorkQueue queue, Tx tx, HoldPayload payload, CancellationToken cancellation)
    {
        var before = await queue.ViewAsync(tx, [payload.License.Subject], cancellation);
        await queue.StartAsync(tx, new StartWork(KindName, payload.License.Subject, Json.Write(payload)).After(before), cancellation);
    }
}

/// <summary>What the steps of a hold share.</summary>
internal sealed class HoldSteps(LicenseSteps steps, RenewalStore renewals)
{
    public LicenseStore Store => steps.Store;

    public LicenseSteps Licenses => steps;

    public static HoldPayload Payload(WorkItem work) => work.Read<HoldPayload>();

    /// <summary>False where the license is meanwhile to be the other way round.</summary>
    public async Task<bool> StandsAsync(Session session, HoldPayload payload, CancellationToken cancellation) =>
        (await renewals.StandingAsync(session, payload.License, cancellation) is { Held: true }) == payload.Held;

    /// <summary>What to write when one of them stops.</summary>
    public async Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        var license = await Store.LockAsync(tx, Payload(work).License, cancellation);
        await Store.NoteAsync(tx, license, Actor.Keygate, $"{(Payload(work).Held ? "Not stopped" : "Not let go on")}: {failure.Error.Detail}", cancellation);
        await steps.TellAsync(tx, license, "license.hold-stopped", cancellation);
    }
}
