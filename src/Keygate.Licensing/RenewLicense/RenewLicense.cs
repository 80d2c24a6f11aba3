using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Renew License: one more period, whatever the update date. Also the way back of an expired one.</summary>
public sealed class RenewLicense
{
    private readonly LicenseStore _store;
    private readonly RenewalStore _renewals;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal RenewLicense(LicenseStore store, RenewalStore renewals, WorkQueue queue, Audit audit, TimeProvider time) =>
        (_store, _renewals, _queue, _audit, _time) = (store, renewals, queue, audit, time);

    /// <summary>Begins it; the work runs after the commit. Refused for a Purchase, without good standing, and while a renewal is under way.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        if (LicenseMoves.Refusal(id, license.StateAt(_time.GetUtcNow()), LicenseOperation.Renew) is { } refusal)
        {
            return refusal;
        }

        if (license.BillType == Catalog.BillType.Purchase)
        {
            return LicensingErrors.NotRenewable.Because($"License {id} is a Purchase: it never expires.");
        }

        if (await _renewals.StandingAsync(tx, id, cancellation) is { } standing)
        {
            return LicensingErrors.BadStanding.Because($"License {id} is not in good standing since {standing.Since:u}: {standing.Why}");
        }

        if (await LicenseWork.OpenAsync(_queue, tx, TerminationProcess.KindName, id, cancellation) is not null)
        {
            return LicensingErrors.UnderWay.Because($"License {id} is to be terminated.").Mend("Give the termination up first, where it stopped.");
        }

        await _audit.AddAsync(tx, actor, "license.renew", id.Subject, "", cancellation);
        return await RenewalProcess.StartAsync(_queue, tx, license, byHand: true, cancellation)
            ? new LicenseAccepted(id, LicenseOperation.Renew)
            : LicensingErrors.UnderWay.Because($"A renewal of license {id} is under way.");
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/renew",
        (LicenseId id, HttpContext http, WriteDoor door, RenewLicense handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RenewLicense").WithTags("Licenses").WithSummary("Renew License: one more period at the issuer, then fetch and install the new file.");
}
