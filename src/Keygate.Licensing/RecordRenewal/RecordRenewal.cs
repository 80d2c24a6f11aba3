using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A renewal that a person obtained at the issuer.</summary>
public sealed record RecordRenewalRequest
{
    /// <summary>The renewed file.</summary>
    public required UploadFile File { get; init; }

    /// <summary>First day without a valid license now; null for what the file tells.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>First day on which the next renewed file may be asked for; null for what the file tells.</summary>
    public DateOnly? UpdateDate { get; init; }
}

/// <summary>
/// Record renewal: a person renewed the key where there is no connection, or where it failed, and has the new file. The file takes the place of the old one by
/// the same way as any other renewal.
/// </summary>
public sealed class RecordRenewal
{
    private readonly LicenseStore _store;
    private readonly RenewalSteps _steps;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal RecordRenewal(LicenseStore store, RenewalSteps steps, WorkQueue queue, Audit audit) => (_store, _steps, _queue, _audit) = (store, steps, queue, audit);

    /// <summary>Writes it down and begins to install it. Refused where the file is another key's, or moves the end of the license nowhere.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, RecordRenewalRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        if (LicenseMoves.Refusal(id, license.StateAt(_steps.Licenses.Time.GetUtcNow()), LicenseOperation.Renew) is { } refusal)
        {
            return refusal;
        }

        var faults = new List<Error>();
        var files = UploadReading.Read([request.File], faults);
        if (Error.Of(faults) is { } unreadable)
        {
            return unreadable;
        }

        var file = files[0];
        var end = request.ExpirationDate ?? file.ExpirationDate;
        if (files.Count != 1 || LicenseStore.StemOf(file.KeyNumber) != LicenseStore.StemOf(license.KeyNumber!))
        {
            return LicensingErrors.UploadUnfit.Because($"'{file.Name}' is the file of {file.KeyNumber}; the key of license {id} is {license.KeyNumber}.").At("file");
        }

        if (end is null || end <= license.ExpirationDate)
        {
            return LicensingErrors.UploadUnfit
                .Because(end is null ? $"'{file.Name}' does not tell until when it is valid." : $"Until {end:yyyy-MM-dd} is no longer than until {license.ExpirationDate:yyyy-MM-dd}.")
                .Mend("Give the expirationDate of the renewed key.").At("expirationDate");
        }

        await _store.AddFileAsync(tx, id, file.KeyNumber, file.Extension, file.Content, cancellation);
        license = await _steps.RenewedAsync(
            tx, license, new RenewedKey(file.KeyNumber, end, request.UpdateDate ?? file.UpdateDate), $"Renewed by hand, file of {file.Content.Length} bytes,", actor, cancellation);
        await _steps.Renewals.FetchedAsync(tx, id, cancellation);
        await _audit.AddAsync(tx, actor, "license.renewal-recorded", id.Subject, file.KeyNumber, cancellation);
        await RenewalProcess.PlaceAsync(_queue, tx, license, cancellation);
        return new LicenseAccepted(id, LicenseOperation.Renew);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/record-renewal",
        (LicenseId id, RecordRenewalRequest request, HttpContext http, WriteDoor door, RecordRenewal handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("RecordRenewal").WithTags("Licenses").WithSummary("Record a renewal that was obtained by hand, with the renewed file.");
}
