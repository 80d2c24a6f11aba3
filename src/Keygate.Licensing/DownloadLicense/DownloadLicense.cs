using System.IO.Compression;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A license file as it leaves for the operator's computer.</summary>
/// <param name="FileName">Key number and extension.</param>
/// <param name="Content">The bytes as the issuer sent them.</param>
public sealed record LicenseDownload(string FileName, byte[] Content);

/// <summary>Download to Desktop: the stored file; changes nothing.</summary>
public sealed class DownloadLicense
{
    private readonly LicenseStore _store;

    internal DownloadLicense(LicenseStore store) => _store = store;

    /// <summary>The newest file of a license.</summary>
    public async Task<Result<LicenseDownload>> HandleAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(session, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        return await _store.FileAsync(session, id, cancellation) is { } file
            ? new LicenseDownload(FileName(file), file.Content)
            : LicensingErrors.FileMissing.Because($"License {id} has no file yet.");
    }

    /// <summary>The newest files of a license and of its ordered additional licenses in a ZIP, each named by its key number. Those without a file are left out.</summary>
    public async Task<Result<LicenseDownload>> ZipAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(session, id, cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        using var bytes = new MemoryStream();
        string? name = null;
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var member in (await _store.AddOnsAsync(session, id, cancellation)).Where(a => a.Ordered).Prepend(license))
            {
                if (await _store.FileAsync(session, member.Id, cancellation) is { } file)
                {
                    name ??= $"{file.KeyNumber}.zip";
                    var entry = zip.CreateEntry(FileName(file));
                    entry.LastWriteTime = file.RetrievedAt;
                    using var into = entry.Open();
                    into.Write(file.Content);
                }
            }
        }

        return name is null ? LicensingErrors.FileMissing.Because($"License {id} has no file yet.") : new LicenseDownload(name, bytes.ToArray());
    }

    internal static string FileName(LicenseFileRow file) => $"{file.KeyNumber}.{file.Extension}";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        MapFile(routes);
        routes.MapGet(
            "/licenses/{id}/files",
            async (LicenseId id, HttpContext http, Database database, DownloadLicense handler) =>
            {
                var file = await database.ReadAsync(s => handler.ZipAsync(s, id, http.RequestAborted), http.RequestAborted);
                return file.TryGet(out var found, out _) ? (object)Results.File(found.Content, "application/zip", found.FileName) : file;
            })
            .WithName("DownloadLicenseFiles").WithTags("Licenses").WithSummary("The files of a license and its additional licenses in a ZIP, named by key number.")
            .Produces(StatusCodes.Status200OK, contentType: "application/zip");
    }

    private static void MapFile(IEndpointRouteBuilder routes) => routes.MapGet(
        "/licenses/{id}/file",
        async (LicenseId id, HttpContext http, Database database, DownloadLicense handler) =>
        {
            var file = await database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted);
            return file.TryGet(out var found, out _) ? (object)Results.File(found.Content, "application/octet-stream", found.FileName) : file;
        })
        .WithName("DownloadLicense").WithTags("Licenses").WithSummary("The license file itself.")
        .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
}
