using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Net.Http.Headers;

namespace Keygate.Api;

/// <summary>
/// The entity tags of single resources: made of what the answer holds, so that they change with it and with nothing else. Who asks again with the tag
/// gets 304 and no body while all is as it was.
/// </summary>
internal static class EntityTags
{
    private const int Bytes = 15;

    /// <summary>True where an endpoint answers with one resource: its path ends in the resource's number or code.</summary>
    public static bool IsSingle(Endpoint? endpoint) => endpoint is RouteEndpoint route && IsSingle(route.RoutePattern);

    /// <summary>The same for a pattern.</summary>
    public static bool IsSingle(RoutePattern pattern) => pattern.PathSegments is [.., var last] && last.Parts is [RoutePatternParameterPart];

    /// <summary>The answer, or that nothing has changed.</summary>
    public static Microsoft.AspNetCore.Http.IResult Answer(HttpContext http, object value)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Json.Options);
        var tag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, Bytes))}\"");
        http.Response.Headers.ETag = tag.ToString();
        http.Response.Headers.CacheControl = "private, no-cache";
        return http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(body, "application/json; charset=utf-8");
    }
}
