using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Takes the installed copy away and keeps the license: its key and file stay here.</summary>
public sealed class RemoveLicense
{
    private readonly LicenseStore _store;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal RemoveLicense(LicenseStore store, WorkQueue queue, Audit audit, TimeProvider time) => (_store, _queue, _audit, _time) = (store, queue, audit, time);

    /// <summary>Begins it; the work runs after the commit. Refused where nothing is installed, and while a removal is under way.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var all = await _store.LockWithAddOnsAsync(tx, id, cancellation);
        if (all.TrueForAll(m => m.InstalledAt is null))
        {
            return LicenseMoves.Refusal(id, all[0].StateAt(_time.GetUtcNow()), LicenseOperation.Remove) ?? LicensingErrors.NothingInstalled.Because($"Nothing of license {id} is installed.");
        }

        if (await LicenseWork.OpenAsync(_queue, tx, ProvisionLicense.KindName, all[0].Leader, cancellation) is { IsStopped: false } open)
        {
            return LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
        }

        await _audit.AddAsync(tx, actor, "license.remove", id.Subject, "", cancellation);
        return await RemovalProcess.StartAsync(_queue, tx, id, $"asked for by {actor.Name}", null, cancellation)
            ? new LicenseAccepted(id, LicenseOperation.Remove)
            : LicensingErrors.UnderWay.Because($"A removal of license {id} is under way.");
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/remove",
        (LicenseId id, HttpContext http, WriteDoor door, RemoveLicense handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RemoveLicense").WithTags("Licenses").WithSummary("Remove the installed copy; key and file stay here.");
}
