using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Webhooks;

/// <summary>The wire under a webhook: what it connects to, whether anything was sent, and why it failed.</summary>
internal static class WebhookTransport
{
    public static SocketsHttpHandler Handler(WebhookTarget target) => new()
    {
        // A receiver that speaks HTTP/1.0 closes behind each answer, and a message on a connection that is just being closed would be lost unanswered.
        PooledConnectionLifetime = TimeSpan.Zero,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 64,
        SslOptions = new SslClientAuthenticationOptions
        {
            // A certificate is valid in real time, whatever clock is shown.
            RemoteCertificateValidationCallback = (_, shown, chain, errors) =>
                target.Pins.FaultOf(shown as X509Certificate2, chain, errors, target.Url, TimeProvider.System.GetUtcNow()) is { } fault
                    ? throw new AuthenticationException(fault.Text)
                    : true,
        },
    };

    /// <summary>Why a call came to no answer.</summary>
    public static (string Cause, string Remedy) Explain(Exception failure, WebhookTarget target, bool begun)
    {
        if (failure is OperationCanceledException or TimeoutException)
        {
            return begun
                ? (string.Create(CultureInfo.InvariantCulture, $"{target.Place} gave no answer in time ({target.AnswerWithin.TotalSeconds:0} s, or the time-out of what sends)."),
                    "Check that the receiver works; raise the time if it is slow.")
                : ($"There was no connection to {target.Place} in time.", $"Check the {target.Setup}'s URL, the network and the firewall.");
        }

        var words = failure.GetBaseException().Message.TrimEnd().TrimEnd('.');
        return begun
            ? ($"The connection to {target.Place} broke before the answer was there: {words}.", "Look at the receiver's log; it is repeated.")
            : failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? ($"No TLS with {target.Place}: {words}.", $"Put the receiver's certificate, or that of its authority, into the {target.Setup}'s settings if it is the right one.")
            : ($"{target.Place} cannot be reached: {words}.", $"Check the {target.Setup}'s URL, and that the receiver runs.");
    }

    /// <summary>A body that knows whether its sending began; the head of a request is held back until then.</summary>
    public sealed class Body : HttpContent
    {
        private readonly byte[] _body;

        public Body(byte[] body)
        {
            _body = body;
            Headers.ContentType = new("application/json");
        }

        public bool IsBegun { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            IsBegun = true;
            await stream.WriteAsync(_body, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
