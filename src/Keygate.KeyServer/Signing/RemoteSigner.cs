using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>
/// A signing key behind a socket: <c>GET</c> answers its certificate, <c>POST</c> signs. docs/operate/signing-keys.md has the protocol. Thread-safe.
/// </summary>
internal sealed class RemoteSigner : ILicenseSigner
{
    private const int AnswerBytesMax = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;
    private readonly Uri _url;

    private RemoteSigner(HttpClient http, Uri url, string keyId, TrustedCertificate certificate) => (_http, _url, KeyId, Certificate) = (http, url, keyId, certificate);

    public string KeyId { get; }

    public TrustedCertificate Certificate { get; }

    /// <summary>A client for a signer's address.</summary>
    public static HttpClient ClientOf(Secret? token)
    {
        var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3), AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        if (token is { } bearer)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Reveal);
        }

        return http;
    }

    /// <summary>Asks the signer for its certificate, as PEM.</summary>
    public static Task<string> CertificateAsync(HttpClient http, Uri url, CancellationToken cancellation) => AskAsync(url, async () =>
    {
        using var answer = await http.GetAsync(url, cancellation);
        return (await ReadAsync<CertificateAnswer>(url, answer, cancellation)).Certificate;
    });

    public static RemoteSigner Of(HttpClient http, Uri url, string keyId, TrustedCertificate certificate) => new(http, url, keyId, certificate);

    public async ValueTask<byte[]> SignAsync(byte[] octets, CancellationToken cancellation)
    {
        Tx.AssertNone();
        var request = new SignRequest(Certificate.KeyThumbprint, Certificate.Algorithm.TokenName(), octets);
        return await AskAsync(_url, async () =>
        {
            // With its length, which small servers want to know.
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, Json.Options));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await _http.PostAsync(_url, content, cancellation);
            return (await ReadAsync<SignAnswer>(_url, answer, cancellation)).Signature;
        });
    }

    private static async Task<T> AskAsync<T>(Uri url, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException e)
        {
            throw new SignerException($"The signer at {url.Authority} cannot be reached: {e.Message}", e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new SignerException($"The signer at {url.Authority} did not answer within {Patience.TotalSeconds} s.", e);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new SignerException($"The signer at {url.Authority} answered something that is no answer of a signer.", e);
        }
    }

    private static async Task<T> ReadAsync<T>(Uri url, HttpResponseMessage answer, CancellationToken cancellation) => answer.StatusCode == HttpStatusCode.OK
        ? await answer.Content.ReadFromJsonAsync<T>(Json.Options, cancellation) ?? throw new JsonException()
        : throw new SignerException($"The signer at {url.Authority} refused: {(int)answer.StatusCode}.");

    private sealed record CertificateAnswer(string Certificate);

    private sealed record SignRequest(string Kid, string Algorithm, byte[] Octets);

    private sealed record SignAnswer(byte[] Signature);
}
