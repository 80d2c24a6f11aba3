using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Keygate.KeyServer;
using Keygate.XmlRpc;
using Shouldly;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>An answer of Partner API 3.0, as it came over the wire.</summary>
internal sealed record RestReply(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Bytes)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The error's type.</summary>
    public string? Type => Status >= 400 && Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("type", out var type) ? type.GetString() : null;

    public override string ToString() => $"{Status} {Body}";
}

/// <summary>A client of Partner API 3.0 that writes its requests as raw text.</summary>
internal sealed class Rest : IDisposable
{
    public const string Short = "/30/", Long = "/jsonrest/business-partner/30/";

    private readonly HttpClient _http;
    private readonly string _authorization;

    private Rest(HttpClient http, string authorization) => (_http, _authorization) = (http, authorization);

    /// <summary>Done before each call.</summary>
    public Func<Task>? Before { get; set; }

    /// <summary>The login of the client northwind.</summary>
    public static Task<Rest> OfAsync(TestKeyServer server) => OfAsync(server, server.Auth);

    /// <summary>Another login.</summary>
    public static async Task<Rest> OfAsync(TestKeyServer server, XmlRpcStruct auth)
    {
        var trusted = X509CertificateLoader.LoadCertificate((await server.Get<PartnerTlsCertificate>().GetAsync(CancellationToken.None)).RawData);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck } },
        };
        return new Rest(new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) }, Basic(auth["login"].AsString(), auth["password"].AsString()));
    }

    public static string Basic(string login, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:{password}"));

    public Task<RestReply> GetAsync(string path) => SendAsync("GET", path);

    public Task<RestReply> PostAsync(string path, string? body = null) => SendAsync("POST", path, body);

    public Task<RestReply> PutAsync(string path, string body) => SendAsync("PUT", path, body);

    public Task<RestReply> DeleteAsync(string path) => SendAsync("DELETE", path);

    /// <summary>Sends raw text to a path after the base, or to a whole path that begins with a slash.</summary>
    public async Task<RestReply> SendAsync(
        string verb, string path, string? body = null, string? contentType = "application/json; charset=utf-8", string? accept = null, string? authorization = null)
    {
        await (Before?.Invoke() ?? Task.CompletedTask);
        using var request = new HttpRequestMessage(new HttpMethod(verb), path.StartsWith('/') ? path : Short + path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? _authorization);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }

        using var answer = await _http.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return new RestReply((int)answer.StatusCode, Encoding.UTF8.GetString(bytes), answer.Headers, answer.Content.Headers, bytes);
    }

    /// <summary>Creates a key and returns its number without prefix and revision.</summary>
    public async Task<int> CreateAsync(string body)
    {
        var answer = await PostAsync("keys?return-key-state=yes", body);
        answer.Status.ShouldBe(201, answer.ToString());
        return answer.Json.GetProperty("keyIdentifiers").GetProperty("keyId").GetInt32();
    }

    /// <summary>A key's structure.</summary>
    public async Task<JsonElement> KeyAsync(int key)
    {
        var answer = await GetAsync($"keys/{key}");
        answer.Status.ShouldBe(200, answer.ToString());
        return answer.Json;
    }

    public void Dispose() => _http.Dispose();
}
