using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.KeyServer;

/// <summary>What a vendor has answered.</summary>
internal sealed record VendorReply
{
    /// <summary>True where he refused; nothing happened.</summary>
    public bool Refused { get; init; }

    /// <summary>His words.</summary>
    public string Words { get; init; } = "";

    /// <summary>The license body; null where the act has none.</summary>
    public byte[]? Body { get; init; }
}

/// <summary>A call of a vendor's endpoint: a form by HTTP POST (ISV protocol).</summary>
internal sealed class VendorCall(MasterKey masterKey) : IDisposable
{
    /// <summary>What the credentials are sealed for.</summary>
    public const string SealPurpose = "keyserver vendor credentials";

    private const int BodyMax = 256 * 1024, WordsMax = 200;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    { Timeout = TimeSpan.FromSeconds(90) };

    /// <summary>Posts the fields. A status in the 400s is the vendor's refusal; what may have happened is Unknown.</summary>
    public async Task<Answer> PostAsync(VendorRow vendor, IReadOnlyDictionary<string, string> fields, byte[]? previous, CancellationToken cancellation)
    {
        Tx.AssertNone();
        using var content = new Form(fields, previous);
        using var request = new HttpRequestMessage(HttpMethod.Post, vendor.Url) { Content = content };
        if (vendor.Credentials is { } box)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(masterKey.OpenText(SealPurpose, box).Reveal)));
        }

        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var body = await ReadAsync(answer, cancellation);
            return Read(vendor, fields["APS_ACTION"], answer.StatusCode, body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            var error = KeyServerErrors.VendorUnreachable.Because($"{vendor.Name} at {vendor.Url}: {e.Message}");
            return content.IsBegun ? Answer.Unknown(error) : Answer.NotDone(error);
        }
    }

    public void Dispose() => _http.Dispose();

    private static Answer Read(VendorRow vendor, string action, HttpStatusCode status, byte[]? body)
    {
        var error = KeyServerErrors.VendorUnreachable.Because(string.Create(CultureInfo.InvariantCulture, $"{vendor.Name} answered {action} with {(int)status} {Words(body)}").TrimEnd() + ".");
        var ends = action == "TERMINATE";
        return (int)status switch
        {
            200 when ends => Answer.Done(new VendorReply()),
            200 when body is { Length: > 0 } => Answer.Done(new VendorReply { Body = body }),
            204 or 410 when ends => Answer.Done(new VendorReply()),
            429 => Answer.NotDone(error),
            408 or 425 => Answer.Unknown(error),
            >= 400 and < 500 => Answer.Done(new VendorReply { Refused = true, Words = Words(body) is { Length: > 0 } words ? $"{vendor.Name}: {words}" : error.Detail }),
            _ => Answer.Unknown(error),
        };
    }

    // Null for a body over the bound: it is no license.
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var body = new byte[BodyMax + 1];
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        return length > BodyMax ? null : body[..length];
    }

    private static string Words(byte[]? body) =>
        new string([.. Encoding.UTF8.GetString(body ?? []).Trim().Split('\n')[0].Where(c => !char.IsControl(c)).Take(WordsMax)]).Trim();

    /// <summary>The form; it knows whether its sending began. The earlier body is opaque, so its bytes are written as they are.</summary>
    private sealed class Form : HttpContent
    {
        private readonly byte[] _form;

        public Form(IReadOnlyDictionary<string, string> fields, byte[]? previous)
        {
            var parts = fields.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}");
            if (previous is not null)
            {
                parts = parts.Append("PREVIOUS_LICENSE_BODY=" + string.Concat(previous.Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : $"%{b:X2}")));
            }

            _form = Encoding.ASCII.GetBytes(string.Join('&', parts));
            Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        public bool IsBegun { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            IsBegun = true;
            await stream.WriteAsync(_form, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _form.Length;
            return true;
        }
    }
}
