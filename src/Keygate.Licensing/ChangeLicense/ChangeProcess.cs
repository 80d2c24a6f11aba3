using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Changes a license: reads its key, changes it act by act at the issuer, each announced before and looked into where its answer is lost, then fetches the file and
/// puts it in the place of the old one. Or, where the issuer cannot: requests, issues and installs another license, and terminates this one after.
/// </summary>
internal sealed class ChangeProcess(
    BeginChangeStep begin, ReadToChangeStep read, ChangeKeyStep act, SettleChangeStep settle, FetchRenewedStep fetch, PlaceRenewedStep place, ReplaceStep replace, RetireStep retire) : Process
{
    public const string KindName = "licensing.change";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [begin, read, act, settle, fetch, place, replace, retire];

    /// <summary>Starts it; the number of its work. What it is stands in its row; the file is fetched and placed as after a renewal.</summary>
    public static async Task<long> StartAsync(WorkQueue queue, Tx tx, LicenseChange change, DateTimeOffset? due, CancellationToken cancellation)
    {
        var before = await queue.ViewAsync(tx, [change.License.Subject], cancellation);
        return await queue.StartAsync(
            tx, new StartWork(KindName, change.License.Subject, Json.Write(new RenewalPayload(change.License, null, ByHand: true))) { Due = due }.After(before), cancellation);
    }
}
