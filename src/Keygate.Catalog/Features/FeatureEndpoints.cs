using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class FeatureEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/features", (AddFeatureRequest request, AddFeature add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddFeature").WithSummary("Adds a feature");

        routes.MapGet("/features", (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Page(view.Contents.Features, new CatalogListQuery(limit, cursor, archived), f => FeatureView.Of(view, f));
                }, cancellation))
            .WithName("ListFeatures").WithSummary("Lists the features by code");

        routes.MapGet("/features/{id}", (string id, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Found(view.Feature(id), CatalogKind.Feature, id).Map(f => FeatureView.Of(view, f));
                }, cancellation))
            .WithName("ShowFeature").WithSummary("Shows a feature with the classes it belongs to");

        ArchiveEntryEndpoints.Map(routes, "/features/{id}", CatalogKind.Feature);
    }
}
