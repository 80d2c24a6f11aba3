using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Keygate.Demo;

/// <summary>Keygate's REST as any client sees it: JSON over HTTP with a bearer token and an idempotency key for each write.</summary>
internal sealed class Client : IDisposable
{
    private readonly HttpClient _http;

    public Client(string url, string token)
    {
        _http = new HttpClient { BaseAddress = new Uri(url.TrimEnd('/') + "/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return await ReadAsync(answer, $"GET {path}", cancellation);
    }

    public async Task<string> GetTextAsync(string path, CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            await ReadAsync(answer, $"GET {path}", cancellation);
        }

        return await answer.Content.ReadAsStringAsync(cancellation);
    }

    /// <summary>
    /// Writes. The key is the same at each start of the demo on the same data, so a demo that was cut off goes on where it was and makes nothing twice.
    /// </summary>
    public Task<JsonNode> PostAsync(string path, string idempotencyKey, JsonNode? body, CancellationToken cancellation) =>
        WriteAsync(HttpMethod.Post, path, idempotencyKey, body, cancellation);

    /// <summary>Puts a whole thing in place; the same promise.</summary>
    public Task<JsonNode> PutAsync(string path, string idempotencyKey, JsonNode body, CancellationToken cancellation) =>
        WriteAsync(HttpMethod.Put, path, idempotencyKey, body, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> WriteAsync(HttpMethod method, string path, string idempotencyKey, JsonNode? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request, cancellation);
        return await ReadAsync(answer, $"{method} {path}", cancellation);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, string what, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        var json = text.Length > 0 && answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null;
        if (answer.IsSuccessStatusCode)
        {
            return json ?? new JsonObject();
        }

        throw new RefusedException($"{what} was refused ({(int)answer.StatusCode}): {json?["detail"] ?? text} {json?["remedy"]}");
    }
}

/// <summary>The server refused; the message says cause and remedy in its words.</summary>
internal sealed class RefusedException(string message) : Exception(message);
