using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keygate.Api;

/// <summary>
/// The outer wall of our REST: whatever an endpoint throws, and whatever routing answers by itself, leaves as a problem. What happened inside
/// stays in the log, under the trace id that the answer carries.
/// </summary>
internal static class ProblemDoor
{
    public static void UseProblems(this IApplicationBuilder app, ILogger logger) => app.Use(async (http, next) =>
    {
        try
        {
            if (PlainTextConverter.Refusal(http.Request) is { } refusal)
            {
                await Problems.WriteAsync(http, refusal);
                return;
            }

            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await Problems.WriteAsync(http, Problems.Of(e, http, logger), e is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } slow ? slow.StatusCode : null);
            return;
        }

        if (http.Response is { HasStarted: false, ContentType: null, StatusCode: StatusCodes.Status400BadRequest } && RequestFaults.OfParameter(http) is { } unread)
        {
            await Problems.WriteAsync(http, unread);
            return;
        }

        if (!http.Response.HasStarted && http.Response.ContentType is null && http.Request.Path.StartsWithSegments(ApiModule.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            switch (http.Response.StatusCode)
            {
                case StatusCodes.Status404NotFound:
                    await Problems.WriteAsync(http, ApiErrors.RouteUnknown.Because($"There is nothing at {http.Request.Path}."));
                    break;
                case StatusCodes.Status405MethodNotAllowed:
                    await Problems.WriteAsync(http, ApiErrors.MethodUnknown.Because($"{http.Request.Path} does not know {http.Request.Method}."), StatusCodes.Status405MethodNotAllowed);
                    break;
                case StatusCodes.Status415UnsupportedMediaType:
                    await Problems.WriteAsync(http, ApiErrors.BodyNotJson);
                    break;
                default:
                    break;
            }
        }
    });
}
