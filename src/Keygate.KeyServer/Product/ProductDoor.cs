using System.Text.Json;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Keygate.KeyServer;

/// <summary>The door of products, <c>/product/v1</c>: JSON in and out, the update ticket instead of a login. A refusal is a JSON object with code and remedy.</summary>
internal static class ProductDoor
{
    private const long BodyMax = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/product/v1/refresh", async (HttpContext http, RefreshLicenseHandler handler) =>
    {
        Result<SignedLicenseView> answer;
        try
        {
            // A length that is told is refused before the limit is set: the server then takes the rest and throws it away, so that the client reads why.
            if (http.Request.ContentLength > BodyMax)
            {
                throw new BadHttpRequestException("Too large.", StatusCodes.Status413PayloadTooLarge);
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = BodyMax;
            }

            var request = await JsonSerializer.DeserializeAsync<RefreshLicenseRequest>(http.Request.Body, Json.Options, http.RequestAborted);
            answer = request is null ? KeyServerErrors.ProductRequestInvalid : await handler.HandleAsync(request, http.RequestAborted);
        }
        catch (JsonException)
        {
            answer = KeyServerErrors.ProductRequestInvalid.Because("The request is no JSON of the form that is expected.");
        }
        catch (BadHttpRequestException)
        {
            answer = KeyServerErrors.ProductRequestInvalid.Because("The request is too large.");
        }
        catch (Exception e) when (StorageFaults.Of(e) is not null)
        {
            answer = KeyServerErrors.Unavailable;
        }

        http.Response.Headers.CacheControl = "no-store";
        return answer.TryGet(out var license, out var refusal)
            ? Results.Json(license, Json.Options)
            : Refused(refusal);
    });

    /// <summary>A refusal as JSON, with its status.</summary>
    public static Microsoft.AspNetCore.Http.IResult Refused(Error refusal) =>
        Results.Json(new { refusal.Code, refusal.Title, refusal.Detail, refusal.Remedy, refusal.Field }, Json.Options, statusCode: StatusOf(refusal.Kind));

    private static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 400,
        ErrorKind.Unauthenticated => 401,
        ErrorKind.Forbidden => 403,
        ErrorKind.NotFound => 404,
        ErrorKind.Conflict => 409,
        ErrorKind.Limit => 429,
        _ => 503,
    };
}
