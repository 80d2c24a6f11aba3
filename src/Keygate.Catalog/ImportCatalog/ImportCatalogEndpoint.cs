using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Catalog;

internal static class ImportCatalogEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/catalog", async (bool? preview, ImportCatalog import, Database database, WriteDoor door, HttpContext http) =>
            {
                if (await FileAsync(http.Request, http.RequestAborted) is not { } file)
                {
                    return CatalogErrors.FileTooLarge;
                }

                var request = new ImportCatalogRequest(file);
                return preview ?? false
                    ? await database.ReadAsync(s => import.PreviewAsync(s, request, http.RequestAborted), http.RequestAborted)
                    : await door.WriteAsync(http, new Sent(Convert.ToHexString(SHA256.HashData(file))), (tx, actor) => import.HandleAsync(tx, request, actor, http.RequestAborted));
            })
            .Accepts<object>("application/json").WithName("ImportCatalog")
            .WithSummary("Makes the catalog what a catalog file says, all or nothing; with preview=true only tells what would change");
    }

    // Read by hand: the file is parsed with its lines, and a client's Content-Type does not matter.
    private static async Task<byte[]?> FileAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var file = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (file.Length + read > CatalogFile.BytesMax)
            {
                return null;
            }

            file.Write(buffer, 0, read);
        }

        return file.ToArray();
    }

    /// <summary>What tells a repeat from another import under the same idempotency key.</summary>
    private sealed record Sent(string Sha256);
}
