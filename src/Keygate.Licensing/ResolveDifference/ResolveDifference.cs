using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>What is to be done about a difference.</summary>
public sealed record ResolveDifferenceRequest
{
    /// <summary>What differs.</summary>
    public SyncField Field { get; init; }

    /// <summary>The additional key that is meant, where several differ; null for the only one.</summary>
    public string? Key { get; init; }

    /// <summary>What to do.</summary>
    public SyncCure Cure { get; init; }

    /// <summary>Why; needed to ignore.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Cures a difference between a license and its key at the issuer: takes the issuer's, restores ours there, or leaves it with a reason. What a person sees is what is done: the
/// difference must still be the one that was last seen.
/// </summary>
public sealed class ResolveDifference
{
    private readonly LicenseStore _licenses;
    private readonly SyncComparing _comparing;
    private readonly SyncLicense _sync;
    private readonly RenewalSteps _renewals;
    private readonly RecordTerminated _terminated;
    private readonly WorkQueue _queue;
    private readonly PluginHost _plugins;
    private readonly Database _database;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal ResolveDifference(
        LicenseStore licenses, SyncComparing comparing, SyncLicense sync, RenewalSteps renewals, RecordTerminated terminated, WorkQueue queue, PluginHost plugins, Database database,
        Audit audit, TimeProvider time) =>
        (_licenses, _comparing, _sync, _renewals, _terminated, _queue, _plugins, _database, _audit, _time) =
        (licenses, comparing, sync, renewals, terminated, queue, plugins, database, audit, time);

    /// <summary>Takes the issuer's, or ignores. In this order: the license exists, it has such a difference, the cure fits it, a reason is there where one is needed.</summary>
    public async Task<Result<LicenseSync>> HandleAsync(Tx tx, LicenseId id, ResolveDifferenceRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await FindAsync(tx, id, request, cancellation)).TryGet(out var found, out var error))
        {
            return error;
        }

        var license = await _licenses.LockAsync(tx, id, cancellation);
        var reason = request.Reason?.Trim() ?? "";
        if (request.Cure == SyncCure.Ignore && reason.Length is 0 or > TerminateLicenseRequest.ReasonMax)
        {
            return LicensingErrors.ReasonMissing.At("reason");
        }

        var done = request.Cure == SyncCure.Ignore ? await DecideAsync(tx, license, found.Difference, request.Cure, reason, actor, cancellation)
            : await TakeAsync(tx, license, found, reason, actor, cancellation);
        if (done is not null)
        {
            return done;
        }

        await _audit.AddAsync(tx, actor, $"license.sync-{request.Cure.ToString().ToLowerInvariant()}", id.Subject, $"{found.Difference.Sentence} {reason}".Trim(), cancellation);
        return await AgainAsync(tx, license, found.Shown, cancellation);
    }

    /// <summary>Restores ours at the issuer: what is terminated here is terminated there too. Repeatable. Outside transactions.</summary>
    public async Task<Result<LicenseSync>> RestoreAsync(LicenseId id, ResolveDifferenceRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _database.ReadAsync(s => FindAsync(s, id, request, cancellation), cancellation)).TryGet(out _, out var error))
        {
            return error;
        }

        var license = (await _database.ReadAsync(s => _licenses.FindAsync(s, id, cancellation), cancellation))!;
        if (!(await _plugins.IssuerAsync(license.IssuerId, cancellation)).TryGet(out var issuer, out error))
        {
            return error;
        }

        var answer = await issuer.TerminateAsync(license.KeyNumber!, cancellation);
        if (answer.Outcome != Work.Outcome.Done)
        {
            return answer.Error ?? PluginsErrors.Unknown;
        }

        await _database.WriteAsync(async tx =>
        {
            await _licenses.NoteAsync(tx, license, actor, $"Key {license.KeyNumber} was still live at the issuer and is terminated there too", cancellation);
            await _audit.AddAsync(tx, actor, "license.sync-restore", id.Subject, license.KeyNumber, cancellation);
            return Done.It;
        }, cancellation);
        return await _sync.HandleAsync(id, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/sync/resolve",
        (LicenseId id, ResolveDifferenceRequest request, HttpContext http, WriteDoor door, ResolveDifference handler) => request.Cure == SyncCure.Restore
            ? handler.RestoreAsync(id, request, http.Actor(), http.RequestAborted)
            : door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("ResolveDifference").WithTags("Sync").WithSummary("Cure a difference: take the issuer's, restore ours there, or ignore it with a reason.");

    private async Task<Result<(SyncDifference Difference, ShownKey? Shown)>> FindAsync(Session session, LicenseId id, ResolveDifferenceRequest request, CancellationToken cancellation)
    {
        if (await _licenses.FindAsync(session, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var row = await _comparing.Store.FindAsync(session, id, cancellation);
        var differences = row is null ? [] : Json.Read<List<SyncDifference>>(row.Differences);
        var fitting = differences.Where(d => d.Field == request.Field && (request.Key is null || d.Theirs == request.Key || d.Ours == request.Key)).ToList();
        if (fitting.Count != 1)
        {
            return LicensingErrors.NoSuchDifference.Because(
                fitting.Count > 1 ? $"License {id} has {fitting.Count} differences of that field: name the key." : $"License {id} does not differ in {request.Field}, as it was last seen.");
        }

        return fitting[0].Cures.Contains(request.Cure)
            ? (fitting[0], row!.Shown is { } shown ? Json.Read<ShownKey>(shown) : null)
            : LicensingErrors.NoSuchDifference.Because($"{fitting[0].Sentence} It cannot be cured so.").Mend($"Possible: {string.Join(", ", fitting[0].Cures)}. {fitting[0].Remedy}");
    }

    private async Task<Error?> TakeAsync(Tx tx, License license, (SyncDifference Difference, ShownKey? Shown) found, string reason, Actor actor, CancellationToken cancellation)
    {
        var theirs = found.Shown!.Issued;
        switch (found.Difference.Field)
        {
            case SyncField.State:
                return (await _terminated.HandleAsync(tx, license.Id, actor, cancellation)).Error;

            case SyncField.Revision or SyncField.ExpirationDate or SyncField.UpdateDate:
                if (LicenseMoves.Refusal(license.Id, license.StateAt(_time.GetUtcNow()), LicenseOperation.Renew) is { } refusal)
                {
                    return refusal;
                }

                var taken = await _renewals.RenewedAsync(
                    tx, license, new RenewedKey(theirs.KeyNumber, theirs.ExpirationDate ?? license.ExpirationDate, theirs.UpdateDate ?? license.UpdateDate), "Taken over from the issuer:", actor, cancellation);
                if (taken.RetrievedAt is not null || taken.UploadedAt is not null)
                {
                    await RenewalProcess.PlaceAsync(_queue, tx, taken, cancellation);
                }

                return null;

            case SyncField.AdditionalLicense:
                var key = theirs.AdditionalKeys.First(k => k.KeyNumber == found.Difference.Theirs);
                await UnaskedKey.StoreAsync(_licenses, tx, license, key, $"Key {key.KeyNumber} was found at the issuer beside {license.KeyNumber}, without being ordered", actor, _time.GetUtcNow(), cancellation);
                return null;

            default:
                return await DecideAsync(tx, license, found.Difference, SyncCure.Take, reason, actor, cancellation);
        }
    }

    private async Task<Error?> DecideAsync(Tx tx, License license, SyncDifference difference, SyncCure decision, string reason, Actor actor, CancellationToken cancellation)
    {
        await _comparing.Store.DecideAsync(tx, license.Id, difference, decision, reason, actor.Name, cancellation);
        await _licenses.NoteAsync(tx, license, actor, decision == SyncCure.Take ? $"Taken over from the issuer: {difference.Field} {difference.Theirs}" : $"Ignored: {difference.Sentence} {reason}", cancellation);
        return null;
    }

    private async Task<Result<LicenseSync>> AgainAsync(Tx tx, License license, ShownKey? shown, CancellationToken cancellation)
    {
        if (shown is null)
        {
            var found = Json.Read<List<SyncDifference>>((await _comparing.Store.FindAsync(tx, license.Id, cancellation))!.Differences);
            var decided = SyncComparing.Decided([.. found.Select(d => d with { Ignored = null })], await _comparing.Store.DecisionsAsync(tx, [license.Id], cancellation));
            await _comparing.Store.RecordAsync(tx, license.Id, decided.All(d => d.Ignored is not null), null, decided, cancellation);
        }
        else
        {
            var rows = await _comparing.Store.NextAsync(tx, license.IssuerId, license.Id.Value - 1, [license.Id.Value], 1, cancellation);
            await _comparing.CompareAsync(tx, license.IssuerId, [.. rows.Select(row => (row, (ShownKey?)shown, (string?)null))], every: true, cancellation);
        }

        return await _sync.ShowAsync(tx, license.Id, cancellation);
    }
}
