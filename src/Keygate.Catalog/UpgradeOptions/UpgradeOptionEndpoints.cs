using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class UpgradeOptionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/upgrade-options", (AddUpgradeOptionRequest request, AddUpgradeOption add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddUpgradeOption").WithSummary("Adds an upgrade option");

        routes.MapGet("/upgrade-options", (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s => CatalogLists.Page((await reader.GetAsync(s, cancellation)).Contents.UpgradeOptions,
                    new CatalogListQuery(limit, cursor, archived), UpgradeOptionView.Of), cancellation))
            .WithName("ListUpgradeOptions").WithSummary("Lists what may be turned into what");

        routes.MapGet("/upgrade-options/{from}/{to}", (string from, string to, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s => CatalogLists.Found(
                        (await reader.GetAsync(s, cancellation)).Contents.UpgradeOptions.FirstOrDefault(o => o.From == from && o.To == to),
                        CatalogKind.UpgradeOption, $"{from}/{to}").Map(UpgradeOptionView.Of), cancellation))
            .WithName("ShowUpgradeOption").WithSummary("Shows an upgrade option");

        ArchiveEntryEndpoints.Map(routes, "/upgrade-options/{from}/{to}", CatalogKind.UpgradeOption);
    }
}
