using System.Diagnostics;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// The door of Partner API 3.0: JSON over HTTP. It checks in this order: credentials (401), path (404), verb (405), what the headers say (406, 415), the
/// login's role (403) and rate (429); the method checks the rest. Every refusal has a JSON body and its real status (reference 6).
/// </summary>
internal sealed class RestDoor
{
    private const string AllJson = "application/json; charset=utf-8";
    private readonly CallerEntry _entry;
    private readonly ILogger<RestDoor> _log;
    private readonly List<(string[] Path, IRestMethod Method)> _methods;

    public RestDoor(CallerEntry entry, IEnumerable<IRestMethod> methods, ILogger<RestDoor> log)
    {
        (_entry, _log) = (entry, log);
        _methods = [.. methods.Select(method => (method.Path.Split('/'), method))];
    }

    /// <summary>The commands, for the reference pages.</summary>
    internal IEnumerable<IRestMethod> Methods => _methods.Select(m => m.Method);

    /// <summary>Answers one call.</summary>
    /// <param name="http">The call.</param>
    /// <param name="path">Its path after the base.</param>
    public async Task HandleAsync(HttpContext http, string? path)
    {
        var received = TimeProvider.System.GetTimestamp();
        var (login, command) = ("", "");
        try
        {
            var answer = await CallAsync(http, path ?? "", received, (l, c) => (login, command) = (l, c));
            await WriteAsync(http, answer);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (Exception e)
        {
            await FailAsync(http, e, command);
        }

        _log.LogInformation(
            "Partner API 3.0 {Command} by {Login}: {Status} in {Milliseconds} ms", command, login, http.Response.StatusCode,
            (long)TimeProvider.System.GetElapsedTime(received).TotalMilliseconds);
    }

    private async Task<Result<RestAnswer>> CallAsync(HttpContext http, string path, long received, Action<string, string> known)
    {
        var request = http.Request;
        known("", request.Method);
        if (!(await EnterAsync(request, http.RequestAborted)).TryGet(out var caller, out var rejected))
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"Partner API\", charset=\"UTF-8\"";
            return rejected;
        }

        known(caller.Login, request.Method);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var here = _methods.Where(m => Fits(m.Path, segments)).ToList();
        if (here.Count == 0)
        {
            return KeyServerErrors.PathUnknown.Because($"There is no resource \"{RestCall.Shown(path)}\".");
        }

        if (here.Find(m => m.Method.Verb == request.Method).Method is not { } method)
        {
            http.Response.Headers.Allow = string.Join(", ", here.Select(m => m.Method.Verb));
            return KeyServerErrors.VerbUnsupported.Because($"{RestCall.Shown(request.Method)} is not supported here.");
        }

        known(caller.Login, $"{method.Verb} {method.Path}");
        if (RefusedHeader(request, method) is { } refused)
        {
            return refused;
        }

        return _entry.Refusal(caller, method.Least, method.Name) is { } denied
            ? denied
            : await method.CallAsync(new RestCall(http, caller, segments.Length > 1 ? segments[1] : "", received), http.RequestAborted);
    }

    private static bool Fits(string[] path, string[] segments) =>
        path.Length == segments.Length && path.Zip(segments).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);

    // Credentials come with every call; no client waits to be asked for them (reference 10.8).
    private async Task<Result<CallerRow>> EnterAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!BasicCredentials.TryRead(request.Headers.Authorization.ToString(), out var login, out var password))
        {
            return KeyServerErrors.LoginRejected.Because("The call carries no credentials.").Mend("Send login and password of a Partner API login by HTTP Basic.");
        }

        return await _entry.FindAsync(login, password, request.HttpContext.Connection.RemoteIpAddress, cancellation);
    }

    // Accept-Charset, Accept-Encoding and the charset are not enforced: no client sends them as the documentation demands (reference 1.2).
    private static Error? RefusedHeader(HttpRequest request, IRestMethod method)
    {
        var headers = request.GetTypedHeaders();
        if (headers.Accept is { Count: > 0 } accepted && !accepted.Any(type => type.MatchesAllTypes || Admits(type.MediaType.Value ?? "", method)))
        {
            return KeyServerErrors.AnswerNotAccepted.Because($"The call accepts {RestCall.Shown(request.Headers.Accept.ToString())} only.");
        }

        var hasBody = request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0;
        return hasBody && method.Verb is "POST" or "PUT" && request.ContentType is { Length: > 0 } type && headers.ContentType?.MediaType.Value is var media
            && !(media is not null && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("json", StringComparison.OrdinalIgnoreCase)))
            ? KeyServerErrors.MediaUnsupported.Because($"The body is said to be {RestCall.Shown(type)}.")
            : null;
    }

    private static bool Admits(string media, IRestMethod method) =>
        media is "application/*" || media.EndsWith("json", StringComparison.OrdinalIgnoreCase)
        || (method is RetrieveKey && media.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase));

    private static async Task WriteAsync(HttpContext http, Result<RestAnswer> result)
    {
        var response = http.Response;
        if (!result.TryGet(out var answer, out var refusal))
        {
            var (status, body) = RestErrors.Of(refusal);
            await WriteJsonAsync(http, status, body);
            return;
        }

        if (ReferenceEquals(answer, RestAnswer.Written))
        {
            return;
        }

        if (answer.Location is { } location)
        {
            response.Headers.Location = location.AbsoluteUri;
        }

        if (answer.File is { } file)
        {
            response.StatusCode = answer.Status;
            response.ContentType = "application/octet-stream";
            response.Headers.ContentDisposition = $"attachment; filename={file.Number}.{file.Extension}";
            response.ContentLength = file.Content.Length;
            await response.BodyWriter.WriteAsync(file.Content, http.RequestAborted);
            return;
        }

        await WriteJsonAsync(http, answer.Status, answer.Json ?? default);
    }

    private static async Task WriteJsonAsync(HttpContext http, int status, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = body.Length;
        if (body.Length > 0)
        {
            http.Response.ContentType = AllJson;
            await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
        }
    }

    private async Task FailAsync(HttpContext http, Exception crash, string command)
    {
        var trace = Activity.Current?.Id ?? http.TraceIdentifier;
        _log.LogError(crash, "Partner API 3.0 {Command} crashed ({Trace})", command, trace);
        if (http.Response.HasStarted || http.Response.BodyWriter.UnflushedBytes > 0)
        {
            // Half a list must not look like a whole one.
            http.Abort();
            return;
        }

        http.Response.Clear();
        if (StorageFaults.Of(crash) is not null)
        {
            var (status, body) = RestErrors.Of(KeyServerErrors.Unavailable);
            await WriteJsonAsync(http, status, body);
        }
        else if (crash is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            var (status, body) = RestErrors.Of(KeyServerErrors.BodyTooLarge);
            await WriteJsonAsync(http, status, body);
        }
        else
        {
            await WriteJsonAsync(http, StatusCodes.Status500InternalServerError, RestErrors.Crash(trace));
        }
    }
}
