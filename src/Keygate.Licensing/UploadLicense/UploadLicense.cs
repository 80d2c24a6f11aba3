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
    /// <see cref="UploadLicenseRequest.Replace"/>. Refused for an issuer with a connection, which issues by itself.
    /// </summary>
    public async Task<Result<LicenseUploaded>> HandleAsync(Tx tx, LicenseId id, UploadLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is not { } found)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = await _store.LockAsync(tx, found.Leader, cancellation);
        if (license.WithdrawnAt is not null)
        {
            return LicensingErrors.Withdrawn.Because($"The request of license {license.Id} was withdrawn at {license.WithdrawnAt:u}.");
        }

        if (license.UploadedAt is null && await _plugins.FindAsync(tx, license.IssuerId, cancellation) is { ByHand: false } online)
        {
            return LicensingErrors.UploadNotHere.Because($"License {license.Id} is issued by '{online.Name}', which has a connection.");
        }

        var faults = new List<Error>();
        var files = UploadReading.Read(request.Files, faults);
        var pairs = await PairAsync(tx, await WantedAsync(tx, license, cancellation), files, request.Keys, faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        string[] numbers = [.. pairs.Select(p => p.Key.KeyNumber)];
        if (license.UploadedAt is not null && await IsSameAsync(tx, pairs, cancellation))
        {
            return new LicenseUploaded(license.Id, numbers, false);
        }

        if (LicenseMoves.Refusal(license.Id, license.StateAt(_steps.Time.GetUtcNow()), LicenseOperation.Upload) is { } refusal)
        {
            return refusal;
        }

        if (license.UploadedAt is not null && !request.Replace)
        {
            return LicensingErrors.UploadDiffers.Because($"License {license.Id} has an uploaded key, {license.KeyNumber}, and other contents were sent.");
        }

        await WriteAsync(tx, license, pairs, actor, cancellation);
        await _provisioning.WakeAsync(tx, license.Id, cancellation);
        return new LicenseUploaded(license.Id, numbers, true);
    }

    /// <summary>Makes a license of keys and files that nobody requested here. Refused with all faults of the request, then with all of the files.</summary>
    public async Task<Result<LicenseUploaded>> HandleAsync(Tx tx, UploadNewLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        if (!(await _request.HandleAsync(tx, request.License, actor, cancellation)).TryGet(out var id, out var error))
        {
            return error;
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        var faults = new List<Error>();
        var files = UploadReading.Read(request.Files, faults);
        var pairs = await PairAsync(tx, await WantedAsync(tx, license, cancellation), files, request.Keys, faults, cancellation);
        if (Error.Of(faults) is { } fault)
        {
            return fault;
        }

        await WriteAsync(tx, license, pairs, actor, cancellation);
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
            "/licenses/upload",
            (UploadNewLicenseRequest request, HttpContext http, WriteDoor door, UploadLicense handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("UploadNewLicense").WithTags("Licenses").WithSummary("New License: upload keys and files obtained elsewhere, without a request before.");
    }

    private async Task<List<License>> WantedAsync(Tx tx, License license, CancellationToken cancellation) =>
        [license, .. (await _store.AddOnsAsync(tx, license.Id, cancellation)).Where(a => a is { Ordered: true, TerminatedAt: null })];

    /// <summary>Finds for each license of the request its file, base first.</summary>
    private async Task<List<Pair>> PairAsync(
        Tx tx, List<License> wanted, IReadOnlyList<UploadedFile> files, IReadOnlyList<UploadKey> keys, List<Error> faults, CancellationToken cancellation)
    {
        var pairs = new List<Pair>();
        foreach (var key in keys.Where(k => files.All(f => f.KeyNumber != k.KeyNumber)))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"There is no file for the key {key.KeyNumber}.").At("keys"));
        }

        foreach (var twice in keys.GroupBy(k => k.KeyNumber).Where(g => g.Count() > 1))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"The key {twice.Key} is named {twice.Count()} times.").At("keys"));
        }

        foreach (var file in files)
        {
            var key = keys.FirstOrDefault(k => k.KeyNumber == file.KeyNumber) ?? new UploadKey { KeyNumber = file.KeyNumber };
            if (key.KeyType is not null && file.KeyType is not null && key.KeyType != file.KeyType)
            {
                faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' is of key type {file.KeyType}, not {key.KeyType}.").At("keys"));
            }

            // A single file for a single license leaves no doubt.
            var type = file.KeyType ?? key.KeyType ?? (wanted.Count == 1 && files.Count == 1 ? wanted[0].KeyType : null);
            var license = wanted.Find(w => w.KeyType == type && pairs.All(p => p.License.Id != w.Id));
            if (license is null)
            {
                faults.Add(LicensingErrors.UploadUnfit.Because(type is null
                    ? $"'{file.Name}' does not tell its key type, and several licenses were ordered."
                    : $"'{file.Name}' is of key type {type}; no file of it is wanted, or one more than were ordered.")
                    .Mend("Say under 'keys' which key type each key number has; the license shows what was ordered.").At("files"));
                continue;
            }

            if (await _store.HasKeyAsync(tx, file.KeyNumber, license.Id, cancellation))
            {
                faults.Add(LicensingErrors.UploadUnfit.Because($"The key {file.KeyNumber} belongs to another license here.").At("files"));
            }

            pairs.Add(new Pair(license, file, key));
        }

        foreach (var missing in wanted.Where(w => faults.Count == 0 && pairs.All(p => p.License.Id != w.Id)))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"There is no file for {missing.ClassName} ({missing.KeyType}).").At("files"));
        }

        return [.. wanted.SelectMany(w => pairs.Where(p => p.License.Id == w.Id))];
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

    private async Task WriteAsync(Tx tx, License leader, List<Pair> pairs, Actor actor, CancellationToken cancellation)
    {
        var at = _steps.Time.GetUtcNow();
        foreach (var (license, file, key) in pairs)
        {
            await _store.AddFileAsync(tx, license.Id, file.KeyNumber, file.Extension, file.Content, cancellation);
            var moved = await _store.MoveAsync(
                tx, license,
                license with
                {
                    KeyNumber = file.KeyNumber, IssuedAt = license.IssuedAt ?? at, ActivationCode = key.ActivationCode, ExpirationDate = key.ExpirationDate ?? file.ExpirationDate,
                    UpdateDate = key.UpdateDate ?? file.UpdateDate, SusDate = key.SusDate ?? file.SusDate, UploadedAt = at,
                },
                LicenseOperation.Upload, MoveOutcome.Done, actor,
                $"Key {file.KeyNumber} uploaded with its file, {file.Content.Length} bytes{(license.KeyNumber is { } before ? $", in the place of {before}" : "")}", cancellation);
            await _steps.TellAsync(tx, moved, "license.uploaded", cancellation);
        }

        await _audit.AddAsync(tx, actor, "license.uploaded", leader.Id.Subject, string.Join(", ", pairs.Select(p => p.File.KeyNumber)), cancellation);
    }

    private sealed record Pair(License License, UploadedFile File, UploadKey Key)
    {
        // What is not told again stays as it was.
        public bool Differs => (Key.ExpirationDate ?? File.ExpirationDate ?? License.ExpirationDate) != License.ExpirationDate
            || (Key.UpdateDate ?? File.UpdateDate ?? License.UpdateDate) != License.UpdateDate
            || (Key.SusDate ?? File.SusDate ?? License.SusDate) != License.SusDate
            || (Key.ActivationCode ?? License.ActivationCode) != License.ActivationCode;
    }
}
