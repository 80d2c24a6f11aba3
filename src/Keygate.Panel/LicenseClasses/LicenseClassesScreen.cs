using Keygate.Catalog;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>License Manager &gt; License Classes, with the Features, Groups, Add-ons and Upgrades of each.</summary>
internal static class LicenseClassesScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/license-classes", (Delegate)((HttpContext http) => ListAsync(http, null)));
        admin.MapGet("/license-classes/{keyType}", (string keyType, HttpContext http) => ShowAsync(http, keyType, null));
    }

    /// <summary>The list; with what was typed into its form where that was refused.</summary>
    public static Task<IResult> ListAsync(HttpContext http, IFormCollection? typed) => Screens.Get<Database>(http).ReadAsync(
        async s => Screens.Show<LicenseClassesPage>(http, ("Model", await Screens.Get<CatalogReader>(http).GetAsync(s, http.RequestAborted)), ("Typed", typed)), http.RequestAborted);

    /// <summary>One class; with what was typed into its form where that was refused.</summary>
    public static Task<IResult> ShowAsync(HttpContext http, string keyType, IFormCollection? typed) => Screens.Get<Database>(http).ReadAsync(
        async s =>
        {
            var view = await Screens.Get<CatalogReader>(http).GetAsync(s, http.RequestAborted);
            return view.Class(keyType) is { } found
                ? Screens.Show<LicenseClassPage>(http, ("Model", view), ("Class", found), ("Typed", typed))
                : Screens.Fault(http, PanelErrors.PageUnknown.Because($"There is no license class {keyType}."));
        }, http.RequestAborted);
}
