using Keygate.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class ArchiveEntryEndpoints
{
    /// <summary>Maps both acts below the path of an entry; the values in the path, joined by a slash, are the entry's code.</summary>
    public static void Map(IEndpointRouteBuilder routes, string path, CatalogKind kind)
    {
        Map(routes, path, kind, "archive", archived: true);
        Map(routes, path, kind, "put-back", archived: false);
    }

    private static void Map(IEndpointRouteBuilder routes, string path, CatalogKind kind, string verb, bool archived)
    {
        var names = Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse(path).Parameters.Select(p => p.Name).ToArray();
        routes.MapPost($"{path}/{verb}", (ArchiveEntry archive, WriteDoor door, HttpContext http) =>
            {
                var request = new ArchiveEntryRequest(kind, string.Join('/', names.Select(n => (string?)http.Request.RouteValues[n])), archived);
                return door.WriteAsync(http, null, (tx, actor) => archive.HandleAsync(tx, request, actor, http.RequestAborted));
            })
            .WithName($"{(archived ? "Archive" : "PutBack")}{kind}")
            .WithSummary(archived ? $"Takes a {CatalogShape.Word(kind)} out of use" : $"Puts an archived {CatalogShape.Word(kind)} back");
    }
}
