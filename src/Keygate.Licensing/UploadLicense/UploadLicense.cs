using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>
/// Upload: keys and files that were obtained elsewhere, for a request to an issuer without a connection, or for a license that nobody requested.
/// Checked whole before anything is written; an order that waits goes on in the same commit.
/// </summary>
public sealed class UploadLicense
{
    private readonly LicenseStore _store;
    private readonly LicenseSteps _steps;
    private readonly LicenseProvisioning _provisioning;
    private readonly RequestLicense _request;
    private readonly PluginReader _plugins;
    private readonly Audit _audit;

    internal UploadLicense(LicenseStore store, LicenseSteps steps, LicenseProvisioning provisioning, RequestLicense request, PluginReader plugins, Audit audit) =>
        (_store, _steps, _provisioning, _request, _plugins, _audit) = (store, steps, provisioning, request, plugins, audit);

    /// <summary>
    /// Uploads for a license request. The same contents again change nothing; other contents for an Uploaded license need
    /// <see cref="UploadLicenseRequest.Replace"/>. Refused for an issuer with a connection, which issues by itself; but for an additional license whose
    /// key it has left out.
    /// </summary>
    public async Task<Result<LicenseUploaded>> HandleAsync(Tx tx, LicenseId id, UploadLicenseRequest request, Actor actor, CancellationToken cancellation) =>
        (await UploadAsync(tx, [id], request, actor, cancellation)).Map(all => all[0]);

    /// <summary>
    /// The same for several license requests at once. All or none: whatever is wrong with one of them, nothing is written.
    /// </summary>
    public async Task<Result<LicensesUploaded>> HandleAsync(Tx tx, UploadForRequestsRequest request, Actor actor, CancellationToken cancellation)
    {
        var ids = request.Licenses.Distinct().ToList();
        return ids.Count is 0 or > UploadReading.FilesMax
            ? LicensingErrors.UploadUnfit.Because($"{ids.Count} licenses are named; 1 to {UploadReading.FilesMax} can be.").At("licenses")
            : (await UploadAsync(tx, ids, request, actor, cancellation)).Map(all => new LicensesUploaded(all));
    }

    /// <summary>Makes a license of keys and files that nobody requested here. Refused with all faults of the request, then with all of the files.</summary>
    public async Task<Result<LicenseUploaded>> HandleAsync(Tx tx, UploadNewLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _request.HandleAsync(tx, request.License, actor, cancellation)).TryGet(out var id, out var error))
        {
            return error;
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        var set = await SetOfAsync(tx, license, license, cancellation);
        var faults = new List<Error>();
        var pairs = await PairAsync(tx, [set], new UploadLicenseRequest { Files = request.Files, Keys = request.Keys, ExpirationDate = request.ExpirationDate }, faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        await WriteAsync(tx, id, pairs, actor, cancellation);
        return new LicenseUploaded(id, [.. pairs.Select(p => p.Key.KeyNumber)], true);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/licenses/{id}/upload",
            (LicenseId id, UploadLicenseRequest request, HttpContext http, WriteDoor door, UploadLicense handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("UploadLicense").WithTags("Licenses").WithSummary("Upload keys and files for a license request.");
        routes.MapPost(
            "/license-requests/upload",
            (UploadForRequestsRequest request, HttpContext http, WriteDoor door, UploadLicense handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("UploadForLicenseRequests").WithTags("Licenses").WithSummary("Upload keys and files for several license requests at once.");
        routes.MapPost(
            "/licenses/upload",
            (UploadNewLicenseRequest request, HttpContext http, WriteDoor door, UploadLicense handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("UploadNewLicense").WithTags("Licenses").WithSummary("New License: upload keys and files obtained elsewhere, without a request before.");
    }

    private async Task<Result<List<LicenseUploaded>>> UploadAsync(Tx tx, IReadOnlyList<LicenseId> ids, UploadLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        // Locked in one order, whatever order they were named in.
        var sets = new Dictionary<LicenseId, UploadSet>();
        foreach (var id in ids.OrderBy(i => i.Value))
        {
            if (!(await WantedAsync(tx, id, cancellation)).TryGet(out var set, out var refusal))
            {
                return refusal;
            }

            sets[id] = set;
        }

        var faults = new List<Error>();
        var pairs = await PairAsync(tx, [.. ids.Select(i => sets[i]).DistinctBy(s => s.Of.Id)], request, faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        var uploaded = new List<LicenseUploaded>();
        foreach (var id in ids)
        {
            var set = sets[id];
            var own = pairs.Where(p => set.Wanted.Exists(w => w.License.Id == p.License.Id)).ToList();
            if (!(await UploadAsync(tx, set, own, request.Replace, actor, cancellation)).TryGet(out var changed, out var refusal))
            {
                return refusal;
            }

            uploaded.Add(new LicenseUploaded(set.Of.Id, [.. own.Select(p => p.Key.KeyNumber)], changed));
        }

        return uploaded;
    }

    private async Task<Result<bool>> UploadAsync(Tx tx, UploadSet set, List<Pair> pairs, bool replace, Actor actor, CancellationToken cancellation)
    {
        var license = await _store.LockAsync(tx, set.Of.Id, cancellation);
        if (license.UploadedAt is not null && await IsSameAsync(tx, pairs, cancellation))
        {
            return false;
        }

        if (LicenseMoves.Refusal(license.Id, license.StateAt(_steps.Time.GetUtcNow()), LicenseOperation.Upload) is { } refusal)
        {
            return refusal;
        }

        if (license.UploadedAt is not null && !replace)
        {
            return LicensingErrors.UploadDiffers.Because($"License {license.Id} has an uploaded key, {license.KeyNumber}, and other contents were sent.");
        }

        await WriteAsync(tx, license.Id, pairs, actor, cancellation);
        if (license.Leader == license.Id)
        {
            await _provisioning.WakeAsync(tx, license.Id, cancellation);
        }
        else
        {
            await _provisioning.AddOnKeyCameAsync(tx, license, cancellation);
        }

        return true;
    }

    /// <summary>The licenses for which a file is wanted: a base license with its additional ones, or an additional one alone that the issuer has left out.</summary>
    private async Task<Result<UploadSet>> WantedAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is not { } found)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var leader = await _store.LockAsync(tx, found.Leader, cancellation);
        var of = found.IsLeftOutOf(leader) ? await _store.LockAsync(tx, id, cancellation) : leader;
        if (of.WithdrawnAt is not null)
        {
            return LicensingErrors.Withdrawn.Because($"The request of license {of.Id} was withdrawn at {of.WithdrawnAt:u}.");
        }

        return of.UploadedAt is null && of.Id == leader.Id && await _plugins.FindAsync(tx, leader.IssuerId, cancellation) is { ByHand: false } online
            ? LicensingErrors.UploadNotHere.Because($"License {leader.Id} is issued by '{online.Name}', which has a connection.")
            : await SetOfAsync(tx, of, leader, cancellation);
    }

    private async Task<UploadSet> SetOfAsync(Tx tx, License of, License leader, CancellationToken cancellation)
    {
        List<License> wanted = of.Id != leader.Id
            ? [of]
            : [of, .. (await _store.AddOnsAsync(tx, of.Id, cancellation)).Where(a => a is { Ordered: true, TerminatedAt: null })];
        return UploadSet.Asked(of, leader, wanted);
    }

    /// <summary>Finds for each license that is wanted its file, in the order of the licenses.</summary>
    private async Task<List<Pair>> PairAsync(Tx tx, List<UploadSet> sets, UploadLicenseRequest upload, List<Error> faults, CancellationToken cancellation)
    {
        var (keys, today) = (upload.Keys, DateOnly.FromDateTime(_steps.Time.GetUtcNow().UtcDateTime));
        var wanted = sets.SelectMany(s => s.Wanted).ToList();
        var files = UploadReading.Read(upload.Files, faults);
        foreach (var key in keys.Where(k => files.All(f => f.KeyNumber != k.KeyNumber)))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"There is no file for the key {key.KeyNumber}.").At("keys"));
        }

        foreach (var twice in keys.GroupBy(k => k.KeyNumber).Where(g => g.Count() > 1))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"The key {twice.Key} is named {twice.Count()} times.").At("keys"));
        }

        var pairs = new List<Pair>();
        foreach (var file in files)
        {
            var key = keys.FirstOrDefault(k => k.KeyNumber == file.KeyNumber) ?? new UploadKey { KeyNumber = file.KeyNumber };
            if (!UploadFitting.Choose(file, key, wanted, [.. pairs.Select(p => p.License.Id)]).TryGet(out var license, out var fault))
            {
                faults.Add(fault);
                continue;
            }

            if (await _store.HasKeyAsync(tx, file.KeyNumber, license.Id, cancellation))
            {
                faults.Add(LicensingErrors.UploadUnfit.Because($"The key {file.KeyNumber} belongs to another license here.").At("files"));
            }

            if (!UploadFitting.EndOf(license, file, key, upload.ExpirationDate, today).TryGet(out var end, out var endless))
            {
                faults.Add(endless);
            }

            pairs.Add(new Pair(license, file, key, end));
        }

        foreach (var missing in wanted.Where(w => faults.Count == 0 && pairs.All(p => p.License.Id != w.License.Id)))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because(sets.Count == 1
                ? $"There is no file for {missing.License.ClassName} ({missing.License.KeyType})."
                : $"There is no file for {missing.License.ClassName} ({missing.License.KeyType}) of license {missing.License.Id}.").At("files"));
        }

        return [.. wanted.SelectMany(w => pairs.Where(p => p.License.Id == w.License.Id))];
    }

    private async Task<bool> IsSameAsync(Tx tx, List<Pair> pairs, CancellationToken cancellation)
    {
        foreach (var pair in pairs)
        {
            var file = await _store.FileAsync(tx, pair.License.Id, cancellation);
            if (file is null || file.KeyNumber != pair.File.KeyNumber || !file.Content.AsSpan().SequenceEqual(pair.File.Content) || pair.Differs)
            {
                return false;
            }
        }

        return true;
    }

    private async Task WriteAsync(Tx tx, LicenseId of, List<Pair> pairs, Actor actor, CancellationToken cancellation)
    {
        var at = _steps.Time.GetUtcNow();
        foreach (var (license, file, key, end) in pairs)
        {
            await _store.AddFileAsync(tx, license.Id, file.KeyNumber, file.Extension, file.Content, cancellation);
            var moved = await _store.MoveAsync(
                tx, license,
                license with
                {
                    KeyNumber = file.KeyNumber, IssuedAt = license.IssuedAt ?? at, ActivationCode = key.ActivationCode, ExpirationDate = end,
                    UpdateDate = key.UpdateDate ?? file.UpdateDate, SusDate = key.SusDate ?? file.SusDate, UploadedAt = at,
                },
                LicenseOperation.Upload, MoveOutcome.Done, actor,
                $"Key {file.KeyNumber} uploaded with its file, {file.Content.Length} bytes{(license.KeyNumber is { } before ? $", in the place of {before}" : "")}", cancellation);
            await _steps.TellAsync(tx, moved, "license.uploaded", cancellation);
        }

        await _audit.AddAsync(tx, actor, "license.uploaded", of.Subject, string.Join(", ", pairs.Select(p => p.File.KeyNumber)), cancellation);
    }

    private sealed record Pair(License License, UploadedFile File, UploadKey Key, DateOnly? End)
    {
        // What is not told again stays as it was.
        public bool Differs => End != License.ExpirationDate
            || (Key.UpdateDate ?? File.UpdateDate ?? License.UpdateDate) != License.UpdateDate
            || (Key.SusDate ?? File.SusDate ?? License.SusDate) != License.SusDate
            || (Key.ActivationCode ?? License.ActivationCode) != License.ActivationCode;
    }
}
