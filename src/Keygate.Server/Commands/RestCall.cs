using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Accounts;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary>One request of the command line to the server.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below <c>/api/v1</c>, with its query.</param>
internal sealed record RestCall(HttpMethod Method, string Path)
{
    /// <summary>The body; null for none.</summary>
    public byte[]? Body { get; init; }

    public static RestCall Get(string path, params (string Name, object? Value)[] query)
    {
        var set = query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(FormattableString.Invariant($"{q.Value}"))}").ToList();
        return new RestCall(HttpMethod.Get, set.Count == 0 ? path : $"{path}?{string.Join('&', set)}");
    }

    public static RestCall Post(string path, JsonObject? body = null) => new(HttpMethod.Post, path) { Body = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()) };

    public static RestCall Put(string path, JsonObject body) => new(HttpMethod.Put, path) { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };

    public static RestCall Send(HttpMethod method, string path, byte[] file) => new(method, path) { Body = file };
}

/// <summary>What the server answered.</summary>
/// <param name="Body">The body as it came.</param>
/// <param name="Json">The body as JSON; null where it is something else.</param>
/// <param name="Refusal">The refusal; null where it was done.</param>
internal sealed record RestAnswer(byte[] Body, JsonNode? Json, Error? Refusal);

/// <summary>The way from the command line to a server: the address and token of the environment, or of <c>cli.json</c>.</summary>
internal sealed class RestClient(Uri url, string token) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        BaseAddress = url,
        Timeout = TimeSpan.FromMinutes(15),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>The server that <c>KEYGATE_URL</c> and <c>KEYGATE_TOKEN</c> name, or the one whose data folder this is.</summary>
    public static Result<RestClient> Find(Func<string, string?> environment, string? dataFlag)
    {
        var data = dataFlag ?? environment(SettingsReader.Data.Key) ?? "data";
        var file = CliFile.Read(data);
        var address = environment("KEYGATE_URL") is { Length: > 0 } given ? given : file?.Url;
        var token = environment("KEYGATE_TOKEN") is { Length: > 0 } givenToken ? givenToken : file?.Token;
        if (address is null || token is null)
        {
            return ServerErrors.NoServerKnown.Because($"{(address is null ? "KEYGATE_URL" : "KEYGATE_TOKEN")} is not set, and there is no {CliFile.Name} in {Path.GetFullPath(data)}.");
        }

        // Both forms are in use: the server's address, and the API's as demo.json has it.
        address = address.TrimEnd('/');
        address = address.EndsWith("/api/v1", StringComparison.Ordinal) ? address[..^"/api/v1".Length] : address;
        return Uri.TryCreate(address + "/api/v1/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new RestClient(url!, token)
            : ServerErrors.NoServerKnown.Because($"KEYGATE_URL '{address}' is no URL.");
    }

    /// <summary>Sends. Throws <see cref="HttpRequestException"/> where no answer came.</summary>
    public async Task<RestAnswer> SendAsync(RestCall call, string idempotencyKey, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path);
        if (call.Method != HttpMethod.Get)
        {
            request.Headers.Add(WriteDoor.KeyHeader, idempotencyKey);
            request.Content = new ByteArrayContent(call.Body ?? []);
            if (call.Body is not null)
            {
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }
        }

        using var response = await _http.SendAsync(request, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        var json = body.Length > 0 && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(body) : null;
        return new RestAnswer(body, json, response.IsSuccessStatusCode ? null : RefusalOf((int)response.StatusCode, json));
    }

    public void Dispose() => _http.Dispose();

    private static Error RefusalOf(int status, JsonNode? json)
    {
        if (json?["code"] is null)
        {
            return ServerErrors.AnswerStrange.Because($"The server answered {status}, which is no answer of Keygate's.");
        }

        var all = new[] { json }.Concat(json["errors"]?.AsArray() ?? []).Select(one => ServerErrors.AnswerStrange with
        {
            Code = (string)one!["code"]!,
            Title = (string?)one["title"] ?? "",
            Detail = (string?)one["detail"] ?? "",
            Remedy = (string?)one["remedy"] ?? "",
            Field = (string?)one["field"],
        });
        return Error.Of([.. all])!;
    }
}
