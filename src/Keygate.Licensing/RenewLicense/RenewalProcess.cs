using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What a renewal is started with.</summary>
/// <param name="License">The license; an additional one is renewed by itself.</param>
/// <param name="Expiration">The end that is to be moved: where it has moved already, nothing is asked for again.</param>
/// <param name="ByHand">True where a person asked for it: it does not wait for the update date, and a failure needs attention at once.</param>
internal sealed record RenewalPayload(LicenseId License, DateOnly? Expiration, bool ByHand);

/// <summary>
/// Renews a license: reads its key, renews it at the issuer, fetches the new file and puts it in the place of the old one. The license stays what it
/// is meanwhile: a renewal un-installs nothing.
/// </summary>
internal sealed class RenewalProcess(
    BeginRenewalStep begin, ReadKeyStep read, RenewStep renew, FetchRenewedStep fetch, PlaceRenewedStep place, JudgeStep judge) : Process
{
    public const string KindName = "licensing.renew";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [begin, read, renew, fetch, place, judge];

    /// <summary>Goes on with a license that was renewed by hand: what stopped takes the new dates up, and where nothing did, the file is put in place.</summary>
    public static Task<bool> PlaceAsync(WorkQueue queue, Tx tx, License license, CancellationToken cancellation) =>
        StartAsync(queue, tx, license, new RenewalPayload(license.Id, DateOnly.MinValue, ByHand: true), cancellation);

    /// <summary>Starts the renewal of a license, or takes up again the one that stopped; false while one is under way.</summary>
    public static Task<bool> StartAsync(WorkQueue queue, Tx tx, License license, bool byHand, CancellationToken cancellation) =>
        StartAsync(queue, tx, license, new RenewalPayload(license.Id, license.ExpirationDate, byHand), cancellation);

    private static Task<bool> StartAsync(WorkQueue queue, Tx tx, License license, RenewalPayload payload, CancellationToken cancellation) =>
        LicenseWork.StartAsync(queue, tx, KindName, license.Id, Json.Write(payload), null, cancellation);
}
