using System.Diagnostics;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keygate.Api;

/// <summary>A refusal on the wire: RFC 9457 with our code, remedy and field.</summary>
public sealed record Problem
{
    /// <summary><c>urn:keygate:error:</c> and the code.</summary>
    public required string Type { get; init; }

    /// <summary>One sentence, the same for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What happened this time.</summary>
    public required string Detail { get; init; }

    /// <summary>The stable code, such as <c>orders.plan-unknown</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Remedy { get; init; }

    /// <summary>The field of the request that is at fault.</summary>
    public string? Field { get; init; }

    /// <summary>Further faults of the same request.</summary>
    public IReadOnlyList<ProblemPart>? Errors { get; init; }

    /// <summary>Finds the request in the log.</summary>
    public required string TraceId { get; init; }
}

/// <summary>One further fault of a request.</summary>
public sealed record ProblemPart(string Code, string Title, string Detail, string Remedy, string? Field);

/// <summary>How a refusal becomes an answer of our REST. The one place that knows which kind has which status.</summary>
public static class Problems
{
    /// <summary>Seconds after which a caller who met something unavailable may come again.</summary>
    public const string RetryAfter = "5";

    /// <summary>The status of a kind.</summary>
    public static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => StatusCodes.Status400BadRequest,
        ErrorKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.Limit => StatusCodes.Status429TooManyRequests,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new InvalidOperationException($"The kind {kind} has no status."),
    };

    /// <summary>
    /// What an exception is to whoever asked: a request that cannot be read, a database that does not answer, or a fault of ours. What happened inside stays in the log.
    /// </summary>
    public static Error Of(Exception exception, HttpContext http, ILogger logger)
    {
        if (exception is BadHttpRequestException bad)
        {
            return RequestFaults.Of(bad);
        }

        if (StorageFaults.Of(exception) is { } storage)
        {
            logger.LogWarning(exception, "{Method} {Path} failed: {Code} (trace {TraceId})", http.Request.Method, http.Request.Path, storage.Code, TraceIdOf(http));
            return storage;
        }

        logger.LogError(exception, "{Method} {Path} failed (trace {TraceId})", http.Request.Method, http.Request.Path, TraceIdOf(http));
        return KernelErrors.Fault;
    }

    /// <summary>Writes the refusal as the answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="error">The refusal.</param>
    /// <param name="status">The status where HTTP itself knows a better one than the kind's; null else.</param>
    public static async Task WriteAsync(HttpContext http, Error error, int? status = null)
    {
        var problem = new Problem
        {
            Type = $"urn:keygate:error:{error.Code}",
            Title = error.Title,
            Status = status ?? StatusOf(error.Kind),
            Detail = error.Detail,
            Code = error.Code,
            Remedy = error.Remedy,
            Field = error.Field,
            Errors = error.Others.Count == 0 ? null : [.. error.Others.Select(o => new ProblemPart(o.Code, o.Title, o.Detail, o.Remedy, o.Field))],
            TraceId = TraceIdOf(http),
        };

        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "application/problem+json";
        if (error.Kind == ErrorKind.Unauthenticated)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"keygate\"";
        }

        if (error.Kind == ErrorKind.Unavailable)
        {
            http.Response.Headers.RetryAfter = RetryAfter;
        }

        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, Json.Options), http.RequestAborted);
    }

    /// <summary>What finds the request in the log.</summary>
    public static string TraceIdOf(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
}
