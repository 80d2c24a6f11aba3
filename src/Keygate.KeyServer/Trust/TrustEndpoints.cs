using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Keygate.KeyServer;

/// <summary>What products fetch without a login: the trust bundle, the root, the status lists. Everything but the PEM forms is signed by the root.</summary>
internal static class TrustEndpoints
{
    /// <summary>How long caches may keep an answer: shorter than anybody should wait for a revocation, longer than a crowd asks at once.</summary>
    private const int CacheSeconds = 300;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/.well-known/keygate");
        group.MapGet("/trust.json", (HttpContext http, TrustDocuments documents) => AnswerAsync(http, "application/json", () => documents.BundleAsync(http.RequestAborted)));
        group.MapGet("/status/{shard:int}", (int shard, HttpContext http, TrustDocuments documents) =>
            AnswerAsync(http, "application/jwt", () => documents.StatusAsync(shard, http.RequestAborted)));
        group.MapGet("/trust.pem", (HttpContext http, SigningRing ring) =>
            AnswerAsync(http, "application/x-pem-file", async () => new TrustDocument((await ring.TrustAsync(http.RequestAborted)).ToPem(), 0)));
        group.MapGet("/roots.json", (HttpContext http, TrustDocuments documents) => AnswerAsync(http, "application/json", () => documents.RootsAsync(http.RequestAborted)));
        group.MapGet("/root.pem", (HttpContext http, SigningRing ring) => AnswerAsync(http, "application/x-pem-file", async () =>
            new TrustDocument(Verification.TrustBundle.Of([(await ring.RootAsync(http.RequestAborted)).Certificate]).ToPem(), 0)));
    }

    private static async Task<Microsoft.AspNetCore.Http.IResult> AnswerAsync(HttpContext http, string contentType, Func<Task<Result<TrustDocument>>> make)
    {
        Result<TrustDocument> made;
        try
        {
            made = await make();
        }
        catch (Exception e) when (StorageFaults.Of(e) is not null)
        {
            made = KeyServerErrors.Unavailable;
        }
        catch (SignerException e)
        {
            made = KeyServerErrors.SignerUnavailable.Because(e.Message);
        }

        if (!made.TryGet(out var document, out var refusal))
        {
            // The details of a fault are for the operator alone.
            return refusal.Kind == ErrorKind.NotFound ? Results.Text(refusal.Detail + "\n", statusCode: 404) : Results.Text(refusal.Title + "\n", statusCode: 503);
        }

        http.Response.Headers.CacheControl = $"public, max-age={CacheSeconds}";
        return document.Number == 0
            ? Results.Text(document.Content, contentType)
            : Results.Bytes(System.Text.Encoding.UTF8.GetBytes(document.Content), contentType, entityTag: new EntityTagHeaderValue($"\"{document.Number}\""));
    }
}
