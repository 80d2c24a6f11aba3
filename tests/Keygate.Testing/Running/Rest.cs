using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Keygate.Testing;

/// <summary>The REST of a running server, with the token that the demo left.</summary>
public sealed class Rest : IDisposable
{
    private readonly HttpClient _http;
    private int _writes;

    public Rest(Uri server, string token)
    {
        _http = new HttpClient { BaseAddress = new Uri(server, "/api/v1/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    public async Task<int> CountAsync(string list) => (await GetAsync($"{list}?limit=500"))["items"]!.AsArray().Count;

    public Task<string> GetTextAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative));

    public Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string path, JsonNode? body = null, string? key = null) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body), key);

    public Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(HttpMethod method, string path, JsonNode? body = null) =>
        SendAsync(method, path, body is null ? null : JsonContent.Create(body), null);

    /// <summary>Sends a text as it is, broken or not.</summary>
    public Task<(HttpStatusCode Status, JsonNode Answer)> SendTextAsync(HttpMethod method, string path, string json) =>
        SendAsync(method, path, new StringContent(json, Encoding.UTF8, "application/json"), null);

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(HttpMethod method, string path, HttpContent? content, string? key)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("Idempotency-Key", key ?? FormattableString.Invariant($"scenario-{_writes++}"));
        request.Content = content;
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public void Dispose() => _http.Dispose();
}
