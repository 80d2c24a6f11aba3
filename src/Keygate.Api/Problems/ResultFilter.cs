using Keygate.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Keygate.Api;

/// <summary>Turns what an endpoint returns, a <see cref="Result{T}"/>, into JSON or a problem. Other answers pass through.</summary>
internal sealed class ResultFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!Reads(http) && http.Request.Headers.ContainsKey(HeaderNames.IfMatch))
        {
            // A condition that is not kept must not be passed over.
            await Problems.WriteAsync(http, ApiErrors.ConditionUnknown);
            return Results.Empty;
        }

        var answer = await next(context);
        if (answer is not Kernel.IResult result)
        {
            return answer;
        }

        if (result.Error is { } error)
        {
            await Problems.WriteAsync(context.HttpContext, error);
            return Results.Empty;
        }

        return result.Value switch
        {
            null or Done => Results.NoContent(),
            { } value when Reads(http) && EntityTags.IsSingle(http.GetEndpoint()) => EntityTags.Answer(http, value),
            { } value => Results.Json(value, Json.Options),
        };
    }

    private static bool Reads(HttpContext http) => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
}
