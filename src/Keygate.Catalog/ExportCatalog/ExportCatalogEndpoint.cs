using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class ExportCatalogEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/catalog", async (ExportCatalog export, Database database, CancellationToken cancellation) =>
                TypedResults.Bytes(await database.ReadAsync(s => export.HandleAsync(s, cancellation), cancellation), "application/json; charset=utf-8"))
            .Produces(StatusCodes.Status200OK, contentType: "application/json")
            .WithName("ExportCatalog").WithSummary("The whole catalog as a catalog file");
}
