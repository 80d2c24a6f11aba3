using Keygate.Catalog;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>License Manager &gt; License Classes, with the Features, Groups, Add-ons and Upgrades of each.</summary>
internal static class LicenseClassesScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/license-classes", (HttpContext http, Database database, CatalogReader catalog) =>
            database.ReadAsync(async s => Screens.Show<LicenseClassesPage>(http, ("Model", await catalog.GetAsync(s, http.RequestAborted))), http.RequestAborted));
        admin.MapGet("/license-classes/{keyType}", (string keyType, HttpContext http, Database database, CatalogReader catalog) =>
            database.ReadAsync(async s =>
            {
                var view = await catalog.GetAsync(s, http.RequestAborted);
                return view.Class(keyType) is { } found
                    ? Screens.Show<LicenseClassPage>(http, ("Model", view), ("Class", found))
                    : Screens.Fault(http, PanelErrors.PageUnknown.Because($"There is no license class {keyType}."));
            }, http.RequestAborted));
    }
}
