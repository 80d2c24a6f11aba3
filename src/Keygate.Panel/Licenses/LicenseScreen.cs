using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>A license with its history.</summary>
/// <param name="License">The license, whole.</param>
/// <param name="History">Its moves, oldest first.</param>
/// <param name="Change">Its last change; null where there was none.</param>
/// <param name="Sync">How it stands to its key at the issuer.</param>
/// <param name="Comparable">True where its issuer can be asked for the key.</param>
public sealed record LicenseModel(LicenseDetails License, IReadOnlyList<LicenseEvent> History, LicenseChangeState? Change, LicenseSync Sync, bool Comparable);

/// <summary>License details. A button stands where the transition table allows its act, and the act asks the table again.</summary>
internal static class LicenseScreen
{
    private const long UploadBytesMax = 8 << 20;

    public static void Map(IEndpointRouteBuilder admin)
    {
        var license = admin.MapGroup("/licenses/{id}");
        license.MapGet("", (LicenseId id, HttpContext http) => ShowAsync(http, id));
        license.MapGet("/live", (LicenseId id, HttpContext http) => ShowAsync<LicenseLive>(http, id));
        license.MapGet("/file", (LicenseId id, HttpContext http, Database database, DownloadLicense handler) =>
            FileAsync(http, database.ReadAsync(s => handler.HandleAsync(s, id, http.RequestAborted), http.RequestAborted), "application/octet-stream"));
        license.MapGet("/files", (LicenseId id, HttpContext http, Database database, DownloadLicense handler) =>
            FileAsync(http, database.ReadAsync(s => handler.ZipAsync(s, id, http.RequestAborted), http.RequestAborted), "application/zip"));

        license.MapPost("/issue", (LicenseId id, HttpContext http, IssueLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.issue"));
        license.MapPost("/retrieve", (LicenseId id, HttpContext http, RetrieveLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.retrieve"));
        license.MapPost("/install", (LicenseId id, HttpContext http, InstallLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.install"));
        license.MapPost("/renew", (LicenseId id, HttpContext http, RenewLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.renew"));
        license.MapPost("/terminate", (LicenseId id, [FromForm] string? reason, HttpContext http, TerminateLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new TerminateLicenseRequest { Reason = reason }, actor, http.RequestAborted), "said.terminate"))
            .DisableAntiforgery();
        license.MapPost("/remove", (LicenseId id, HttpContext http, RemoveLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.remove"));
        license.MapPost("/record-terminated", (LicenseId id, HttpContext http, RecordTerminated handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.recorded-terminated"));
        license.MapPost("/record-removed", (LicenseId id, HttpContext http, RecordRemoved handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.recorded-removed"));
        license.MapPost("/activate", (LicenseId id, [FromForm] string? hardwareId, [FromForm] string? instance, HttpContext http, ActivateLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new ActivationInput(Blank(hardwareId), Blank(instance)), actor, http.RequestAborted), "said.activate"))
            .DisableAntiforgery();
        license.MapPost("/record-installed", (LicenseId id, [FromForm] string? where, HttpContext http, RecordInstalled handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new RecordInstalledRequest { Where = where ?? "" }, actor, http.RequestAborted), "said.recorded"))
            .DisableAntiforgery();
        license.MapPost("/confirm-no-key", (LicenseId id, HttpContext http, ConfirmNoKey handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted), "said.confirmed"));
        license.MapPost("/adopt-key", async (LicenseId id, [FromForm] string? keyNumber, HttpContext http, AdoptKey handler) =>
            (await handler.FindAsync(id, keyNumber ?? "", http.RequestAborted)).TryGet(out var key, out var error)
                ? await OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, key, actor, http.RequestAborted), "said.adopted")
                : await RefusedAsync(http, id, error)).DisableAntiforgery();
        // No transaction: it calls the other side.
        license.MapPost("/sync", async (LicenseId id, HttpContext http, SyncLicense handler) => await Screens.GoOnAsync(
            http, await handler.HandleAsync(id, http.RequestAborted),
            seen => ($"/admin/licenses/{id}", Frame.Of(http).Words[seen.Status == SyncStatus.InSync ? "said.in-sync" : "said.not-in-sync"]), () => ShowAsync(http, id)));
        license.MapPost("/sync/resolve", ResolveAsync).DisableAntiforgery();
        license.MapPost("/upload", UploadAsync).DisableAntiforgery();
        license.MapPost("/assign", (LicenseId id, [FromForm] int? subscriptionId, HttpContext http, AssignLicense handler) =>
            OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new AssignLicenseRequest { SubscriptionId = SubscriptionId.Of(subscriptionId ?? 0) }, actor, http.RequestAborted), "said.assigned"))
            .DisableAntiforgery();
    }

    private static async Task<IResult> ResolveAsync(
        LicenseId id, [FromForm] SyncField field, [FromForm] string? key, [FromForm] SyncCure cure, [FromForm] string? reason, HttpContext http, ResolveDifference handler)
    {
        var request = new ResolveDifferenceRequest { Field = field, Key = Blank(key), Cure = cure, Reason = Blank(reason) };

        // Restoring calls the other side.
        return cure == SyncCure.Restore
            ? await Screens.GoOnAsync(
                http, await handler.RestoreAsync(id, request, http.Actor(), http.RequestAborted), _ => ($"/admin/licenses/{id}", Frame.Of(http).Words["said.cured"]), () => ShowAsync(http, id))
            : await OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted), "said.cured");
    }

    private static async Task<IResult> UploadAsync(LicenseId id, IFormFileCollection files, [FromForm] string? expirationDate, HttpContext http, UploadLicense handler)
    {
        DateOnly? end = DateOnly.TryParseExact(expirationDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
        if (Blank(expirationDate) is { } typed && end is null)
        {
            return await RefusedAsync(http, id, KernelErrors.RequestInvalid.Because($"{typed} is no date.").At("expirationDate"));
        }

        var read = new List<UploadFile>();
        foreach (var file in files)
        {
            if (!(await Uploads.ReadAsync(file, UploadBytesMax, "files", http.RequestAborted)).TryGet(out var content, out var refusal))
            {
                return await RefusedAsync(http, id, refusal);
            }

            read.Add(new UploadFile { Name = Path.GetFileName(file.FileName), Content = content });
        }

        return await OnAsync(http, id, (tx, actor) => handler.HandleAsync(tx, id, new UploadLicenseRequest { Files = read, ExpirationDate = end }, actor, http.RequestAborted), "said.uploaded");
    }

    private static async Task<IResult> FileAsync(HttpContext http, Task<Result<LicenseDownload>> file, string type) =>
        (await file).TryGet(out var found, out var error) ? Results.File(found.Content, type, found.FileName) : Screens.Fault(http, error);

    /// <summary>Does an act on a license and shows it.</summary>
    public static Task<IResult> OnAsync<T>(HttpContext http, LicenseId id, Func<Tx, Actor, Task<Result<T>>> act, string said) =>
        Screens.ActAsync(http, act, _ => ($"/admin/licenses/{id}", Frame.Of(http).Words[said]), () => ShowAsync(http, id));

    private static Task<IResult> RefusedAsync(HttpContext http, LicenseId id, Error error) =>
        Screens.RefuseAsync(http, error, () => ShowAsync(http, id));

    private static Task<IResult> ShowAsync(HttpContext http, LicenseId id) => ShowAsync<LicensePage>(http, id);

    private static Task<IResult> ShowAsync<TPage>(HttpContext http, LicenseId id)
        where TPage : Page
    {
        var (database, reader) = (Screens.Get<Database>(http), Screens.Get<LicenseReader>(http));
        return database.ReadAsync(
            async s =>
            {
                var cancellation = http.RequestAborted;
                if (!(await reader.ShowAsync(s, id, cancellation)).TryGet(out var license, out var error))
                {
                    return Screens.Fault(http, error);
                }

                var issuer = await Screens.Get<PluginReader>(http).ShowAsync(s, license.License.Issuer, cancellation);
                return Screens.Show<TPage>(http, ("Model", new LicenseModel(
                    license, await reader.HistoryAsync(s, [id], cancellation), (await Screens.Get<ChangeLicense>(http).ShowAsync(s, id, cancellation)).TryGet(out var change, out _) ? change : null,
                    (await Screens.Get<SyncLicense>(http).ShowAsync(s, id, cancellation)).Value, license.KeyNumber is not null && issuer is { ByHand: false })));
            }, http.RequestAborted);
    }

    private static string? Blank(string? typed) => string.IsNullOrWhiteSpace(typed) ? null : typed.Trim();
}
