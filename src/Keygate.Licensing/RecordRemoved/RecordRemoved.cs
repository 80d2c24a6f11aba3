using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A person says that the installed copy is gone. There is no way back.</summary>
public sealed class RecordRemoved
{
    private readonly LicenseSteps _steps;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal RecordRemoved(LicenseSteps steps, WorkQueue queue, Audit audit) => (_steps, _queue, _audit) = (steps, queue, audit);

    /// <summary>Writes it down, for the additional licenses as well; what stopped for it goes on. Refused where nothing is installed.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (await _steps.Store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var stopped = await LicenseWork.OpenAsync(_queue, tx, RemovalProcess.KindName, id, cancellation);
        if (stopped is { IsStopped: false })
        {
            return LicensingErrors.UnderWay.Because($"A removal of license {id} is under way.");
        }

        var installed = (await _steps.Store.LockWithAddOnsAsync(tx, id, cancellation)).Where(m => m.InstalledAt is not null).ToList();
        if (installed.Count == 0)
        {
            return LicensingErrors.NothingInstalled.Because($"Nothing of license {id} is installed.");
        }

        foreach (var member in installed)
        {
            await RemoveStep.RemovedAsync(_steps, tx, member, actor, $"Recorded as removed by {actor.Name}, not verified: {string.Join(", ", Json.Read<string[]>(member.InstalledPlaces!))}", cancellation);
        }

        await _audit.AddAsync(tx, actor, "license.removed-by-hand", id.Subject, "", cancellation);
        if (stopped is not null)
        {
            await _queue.ResubmitAsync(tx, stopped.Id, cancellation);
        }

        return new LicenseAccepted(id, LicenseOperation.Remove);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/record-removed",
        (LicenseId id, HttpContext http, WriteDoor door, RecordRemoved handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RecordRemoved").WithTags("Licenses").WithSummary("Record by a person's word that the installed copy is gone. There is no way back.");
}
