using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A person says that a key is terminated at its issuer, where Keygate could not do it. There is no way back.</summary>
public sealed class RecordTerminated
{
    private readonly TerminationSteps _steps;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal RecordTerminated(TerminationSteps steps, WorkQueue queue, Audit audit, TimeProvider time) => (_steps, _queue, _audit, _time) = (steps, queue, audit, time);

    /// <summary>Writes it down for this key alone; a termination that stopped for it goes on. Refused where the state does not allow it, and while one is under way.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (await _steps.Store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var stopped = await LicenseWork.OpenAsync(_queue, tx, TerminationProcess.KindName, id, cancellation);
        if (stopped is { State: "ready" or "running" })
        {
            return LicensingErrors.UnderWay.Because($"License {id} is just being terminated: step {stopped.Step}, attempt {stopped.Attempt}.");
        }

        var license = await _steps.Store.LockAsync(tx, id, cancellation);
        if (LicenseMoves.Refusal(id, license.StateAt(_time.GetUtcNow()), LicenseOperation.Terminate) is { } refusal)
        {
            return refusal;
        }

        if (license.BillType == Catalog.BillType.Purchase)
        {
            return LicensingErrors.PurchaseKept.Because($"License {id} is a Purchase: no issuer ends its key {license.KeyNumber}.").Mend("Terminate the license here: it goes to stock.");
        }

        await _steps.EndedAsync(tx, license, $"Recorded as terminated at the issuer by {actor.Name}, not verified: key {license.KeyNumber}", actor, cancellation);
        await _audit.AddAsync(tx, actor, "license.terminated-by-hand", id.Subject, license.KeyNumber, cancellation);
        if (stopped is { IsStopped: true })
        {
            await _queue.ResubmitAsync(tx, stopped.Id, cancellation);
        }

        return new LicenseAccepted(id, LicenseOperation.Terminate);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/record-terminated",
        (LicenseId id, HttpContext http, WriteDoor door, RecordTerminated handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RecordTerminated").WithTags("Licenses").WithSummary("Record by a person's word that the key is terminated at the issuer. There is no way back.");
}
