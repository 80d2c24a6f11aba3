using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.Api;

/// <summary>Turns what an endpoint returns, a <see cref="Result{T}"/>, into JSON or a problem. Other answers pass through.</summary>
internal sealed class ResultFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
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

        return result.Value is null or Done ? Results.NoContent() : Results.Json(result.Value, Json.Options);
    }
}
