using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What the wizard has been told so far.</summary>
public sealed record NewLicenseModel
{
    /// <summary>The catalog.</summary>
    public required CatalogView Catalog { get; init; }

    /// <summary>The issuers.</summary>
    public required IReadOnlyList<Plugin> Issuers { get; init; }

    /// <summary>The chosen issuer; null in the first step.</summary>
    public int? Issuer { get; init; }

    /// <summary>The chosen license class; null in the first step.</summary>
    public LicenseClass? Class { get; init; }

    /// <summary>How many licenses.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Features and additional classes that were chosen.</summary>
    public IReadOnlyList<string> Chosen { get; init; } = [];
}

/// <summary>New License: the class and how many, then the capacity. Requests wait for Issue License or an upload.</summary>
internal static class NewLicenseScreen
{
    private const int CountMax = 100;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/licenses/new", (int? issuer, string? keyType, int? count, HttpContext http) => ShowAsync(http, issuer, keyType, count ?? 1, []));
        admin.MapPost("/licenses/new", (IFormCollection form, HttpContext http, RequestLicense handler) => RequestAsync(form, http, handler)).DisableAntiforgery();
    }

    private static Task<IResult> RequestAsync(IFormCollection form, HttpContext http, RequestLicense handler)
    {
        var keyType = form["keyType"].ToString();
        _ = int.TryParse(form["issuer"], out var issuer);
        _ = int.TryParse(form["count"], out var count);
        var (features, addOns) = Capacity.Of(form);
        return Screens.ActAsync<Requested>(
            http,
            async (tx, actor) =>
            {
                if (count is < 1 or > CountMax)
                {
                    return KernelErrors.RequestInvalid.Because($"{form["count"]} licenses cannot be requested at once; 1 to {CountMax} can.").At("count");
                }

                var request = new RequestLicenseRequest { KeyType = keyType, Issuer = PluginId.Of(issuer), Features = features, AddOns = addOns };
                var made = new List<LicenseId>();
                for (var i = 0; i < count; i++)
                {
                    if (!(await handler.HandleAsync(tx, request, actor, http.RequestAborted)).TryGet(out var id, out var error))
                    {
                        return error;
                    }

                    made.Add(id);
                }

                return new Requested(made[0], made.Count);
            },
            done => (done.Count == 1 ? $"/admin/licenses/{done.First}" : "/admin/licenses?status=Pending", Frame.Of(http).Words.Of("said.requested", done.Count)),
            () => ShowAsync(http, issuer, keyType, count, [.. features, .. addOns]));
    }

    private static Task<IResult> ShowAsync(HttpContext http, int? issuer, string? keyType, int count, IReadOnlyList<string> chosen) => Screens.Get<Database>(http).ReadAsync(
        async s =>
        {
            var catalog = await Screens.Get<CatalogReader>(http).GetAsync(s, http.RequestAborted);
            var issuers = await PlugInsScreen.IssuersAsync(http, s);
            return Screens.Show<NewLicensePage>(http, ("Model", new NewLicenseModel
            {
                Catalog = catalog, Issuers = issuers, Issuer = issuer, Class = keyType is null || issuer is null ? null : catalog.Class(keyType), Count = count, Chosen = chosen,
            }));
        }, http.RequestAborted);

    private sealed record Requested(LicenseId First, int Count);
}
