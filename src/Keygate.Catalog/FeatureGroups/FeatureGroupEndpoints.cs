using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class FeatureGroupEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/feature-groups", (AddFeatureGroupRequest request, AddFeatureGroup add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddFeatureGroup").WithSummary("Adds a feature group");

        routes.MapGet("/feature-groups", (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Page(view.Contents.Groups, new CatalogListQuery(limit, cursor, archived), g => FeatureGroupView.Of(view, g));
                }, cancellation))
            .WithName("ListFeatureGroups").WithSummary("Lists the feature groups by code");

        routes.MapGet("/feature-groups/{id}", (string id, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var view = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Found(view.Group(id), CatalogKind.FeatureGroup, id).Map(g => FeatureGroupView.Of(view, g));
                }, cancellation))
            .WithName("ShowFeatureGroup").WithSummary("Shows a feature group with its features");

        ArchiveEntryEndpoints.Map(routes, "/feature-groups/{id}", CatalogKind.FeatureGroup);
    }
}
