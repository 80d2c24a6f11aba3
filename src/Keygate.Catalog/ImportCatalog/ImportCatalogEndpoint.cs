using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class ImportCatalogEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var import = async Task<Result<CatalogDiff>> (bool? preview, ImportCatalog handler, Database database, WriteDoor door, HttpContext http) =>
        {
            if (await BoundedBody.ReadAsync(http.Request, CatalogFile.BytesMax, http.RequestAborted) is not { } file)
            {
                return CatalogErrors.FileTooLarge;
            }

            var request = new ImportCatalogRequest(file);
            return preview ?? false
                ? await database.ReadAsync(s => handler.PreviewAsync(s, request, http.RequestAborted), http.RequestAborted)
                : await door.WriteAsync(http, new Sent(Convert.ToHexString(SHA256.HashData(file))), (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted));
        };
        routes.MapPut("/catalog", import).Accepts<object>("application/json").WithName("ImportCatalog")
            .WithSummary("Makes the catalog what a catalog file says, all or nothing; with preview=true only tells what would change");
        // For clients that cannot send PUT; the document shows one way only.
        routes.MapPost("/catalog", import).WithName("ImportCatalogByPost").ExcludeFromDescription();
    }

    /// <summary>What tells a repeat from another import under the same idempotency key.</summary>
    private sealed record Sent(string Sha256);
}
