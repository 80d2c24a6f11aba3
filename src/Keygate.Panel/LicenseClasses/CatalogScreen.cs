using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Changes of the catalog: Add New License Class, Add New Feature, archive and put back, and a whole file with a look at what it would change.</summary>
internal static class CatalogScreen
{
    private const long FileBytesMax = 4 << 20;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/license-classes", (IFormCollection form, HttpContext http, AddLicenseClass handler) =>
        {
            var request = new AddLicenseClassRequest
            {
                KeyType = Typed(form, "keyType"), Name = Typed(form, "name"), Product = Typed(form, "product"), Version = Typed(form, "version"), Description = Typed(form, "description"),
                BillType = Enum.TryParse<BillType>(form["billType"], out var bill) ? bill : null, IsAdditional = form.ContainsKey("isAdditional"),
                RenewedAutomatically = form.ContainsKey("renewedAutomatically"), ApsLicenseType = Typed(form, "apsLicenseType") is { Length: > 0 } aps ? aps : null,
                Activation = Enum.TryParse<Activation>(form["activation"], out var activation) ? activation : default,
            };
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
                added => (Url(added.KeyType), Frame.Of(http).Words["said.class-added"]), () => LicenseClassesScreen.ListAsync(http, form));
        }).DisableAntiforgery();

        admin.MapPost("/license-classes/{keyType}/features", (string keyType, IFormCollection form, HttpContext http, AddFeature handler) =>
        {
            _ = int.TryParse(form["sort"], System.Globalization.CultureInfo.InvariantCulture, out var sort);
            var request = new AddFeatureRequest { Id = Typed(form, "featureId"), Name = Typed(form, "name"), Group = Typed(form, "group") is { Length: > 0 } group ? group : null, Sort = sort, Classes = [keyType] };
            return Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
                _ => (Url(keyType), Frame.Of(http).Words["said.feature-added"]), () => LicenseClassesScreen.ShowAsync(http, keyType, form));
        }).DisableAntiforgery();

        admin.MapPost("/license-classes/{keyType}/archive", (string keyType, HttpContext http) => ArchiveAsync(http, keyType, true));
        admin.MapPost("/license-classes/{keyType}/put-back", (string keyType, HttpContext http) => ArchiveAsync(http, keyType, false));

        admin.MapPost("/catalog/preview", PreviewAsync).DisableAntiforgery();
        admin.MapPost("/catalog/import", ([FromForm] string? content, HttpContext http, ImportCatalog handler) =>
        {
            var bytes = new byte[(content ?? "").Length];
            return Convert.TryFromBase64String(content ?? "", bytes, out var length)
                ? Screens.ActAsync(
                    http, (tx, actor) => handler.HandleAsync(tx, new ImportCatalogRequest(bytes.AsMemory(0, length)), actor, http.RequestAborted),
                    diff => ("/admin/license-classes", Frame.Of(http).Words.Of("said.catalog-imported", diff.Changes.Count)), () => LicenseClassesScreen.ListAsync(http, null))
                : Task.FromResult(Screens.Fault(http, KernelErrors.RequestInvalid.Because("The catalog file did not come back as it was shown.")));
        }).DisableAntiforgery();
    }

    private static async Task<IResult> PreviewAsync(IFormFile? file, HttpContext http, Database database, ImportCatalog handler)
    {
        if (file is not { Length: > 0 and <= FileBytesMax })
        {
            return await Screens.RefuseAsync(
                http, KernelErrors.RequestInvalid.Because($"Choose a catalog file of 1 to {FileBytesMax} bytes.").At("file"), () => LicenseClassesScreen.ListAsync(http, null));
        }

        var content = (await Uploads.ReadAsync(file, FileBytesMax, "file", http.RequestAborted)).Value;
        var preview = await database.ReadAsync(s => handler.PreviewAsync(s, new ImportCatalogRequest(content), http.RequestAborted), http.RequestAborted);
        return preview.TryGet(out var diff, out var error)
            ? Screens.Show<CatalogPreviewPage>(http, ("Model", diff), ("FileName", file.FileName), ("Content", Convert.ToBase64String(content)))
            : await Screens.RefuseAsync(http, error, () => LicenseClassesScreen.ListAsync(http, null));
    }

    private static Task<IResult> ArchiveAsync(HttpContext http, string keyType, bool archived) => Screens.ActAsync(
        http, (tx, actor) => Screens.Get<ArchiveEntry>(http).HandleAsync(tx, new ArchiveEntryRequest(CatalogKind.LicenseClass, keyType, archived), actor, http.RequestAborted),
        _ => (Url(keyType), Frame.Of(http).Words[archived ? "said.archived" : "said.put-back"]), () => LicenseClassesScreen.ShowAsync(http, keyType, null));

    private static string Typed(IFormCollection form, string field) => form[field].ToString().Trim();

    private static string Url(string keyType) => $"/admin/license-classes/{Uri.EscapeDataString(keyType)}";
}
