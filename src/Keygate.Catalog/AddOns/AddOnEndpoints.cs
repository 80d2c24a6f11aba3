using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class AddOnEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/add-ons", (AddAddOnRequest request, AddAddOn add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddAddOn").WithSummary("Says that an additional license class goes with a main one");

        routes.MapGet("/add-ons", (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s => CatalogLists.Page((await reader.GetAsync(s, cancellation)).Contents.AddOns,
                    new CatalogListQuery(limit, cursor, archived), AddOnView.Of), cancellation))
            .WithName("ListAddOns").WithSummary("Lists which additional license class goes with which main one");

        routes.MapGet("/add-ons/{parent}/{addOn}", (string parent, string addOn, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s => CatalogLists.Found(
                        (await reader.GetAsync(s, cancellation)).Contents.AddOns.FirstOrDefault(a => a.Parent == parent && a.KeyType == addOn),
                        CatalogKind.AddOn, $"{parent}/{addOn}").Map(AddOnView.Of), cancellation))
            .WithName("ShowAddOn").WithSummary("Shows an add-on relation");

        ArchiveEntryEndpoints.Map(routes, "/add-ons/{parent}/{addOn}", CatalogKind.AddOn);
    }
}
