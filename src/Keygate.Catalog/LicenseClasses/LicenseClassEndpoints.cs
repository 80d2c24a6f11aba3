using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class LicenseClassEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/license-classes", (AddLicenseClassRequest request, AddLicenseClass add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddLicenseClass").WithSummary("Adds a license class");

        routes.MapGet("/license-classes", (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Page(view.Contents.Classes, new CatalogListQuery(limit, cursor, archived), c => LicenseClassView.Of(view, c));
                }, cancellation))
            .WithName("ListLicenseClasses").WithSummary("Lists the license classes by key type");

        routes.MapGet("/license-classes/{keyType}", (string keyType, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Found(view.Class(keyType), CatalogKind.LicenseClass, keyType).Map(c => LicenseClassView.Of(view, c));
                }, cancellation))
            .WithName("ShowLicenseClass").WithSummary("Shows a license class with its features and add-ons");

        ArchiveEntryEndpoints.Map(routes, "/license-classes/{keyType}", CatalogKind.LicenseClass);

        routes.MapPut("/license-classes/{keyType}/features/{feature}", (string keyType, string feature, AddClassFeature add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, null, (tx, actor) => add.HandleAsync(tx, new AddClassFeatureRequest(keyType, feature), actor, http.RequestAborted)))
            .WithName("AddClassFeature").WithSummary("Says that a feature belongs to a license class; may be repeated");

        ArchiveEntryEndpoints.Map(routes, "/license-classes/{keyType}/features/{feature}", CatalogKind.ClassFeature);
    }
}
