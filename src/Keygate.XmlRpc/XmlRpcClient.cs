using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Keygate.XmlRpc;

/// <summary>
/// Calls an XML-RPC server. <see cref="CallAsync"/> is for acts: a call is sent at most once, whatever happens to connections, and its
/// <see cref="XmlRpcReply"/> tells a call that certainly was not sent from one whose fate is unknown. <see cref="QueryAsync"/> is for
/// questions, which may be repeated. Nothing is thrown for what the network or the server does. Safe for any number of threads; keep one
/// for the life of its settings.
/// </summary>
public sealed class XmlRpcClient : IDisposable
{
    private readonly XmlRpcClientOptions _options;
    private readonly HttpMessageInvoker _fresh;
    private readonly HttpMessageInvoker _kept;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly string _place;

    /// <summary>A client with these settings. Nothing is connected before the first call.</summary>
    /// <exception cref="ArgumentException">The URL is not http or https, or carries user information.</exception>
    public XmlRpcClient(XmlRpcClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var url = options.Url;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.UserInfo.Length > 0)
        {
            throw new ArgumentException("The URL must be an absolute http or https URL without login and password.", nameof(options));
        }

        _options = options;
        _place = FormattableString.Invariant($"{url.Host}:{url.Port}");
        if (options.Login is { } login)
        {
            _authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:{options.Password}")));
        }

        _fresh = new(Handler(TimeSpan.Zero), disposeHandler: true);
        _kept = new(Handler(options.IdleConnectionTimeout), disposeHandler: true);
    }

    /// <summary>
    /// Calls a method that acts. Each call has a connection of its own: on a kept one it could meet the server just closing it, and then
    /// nobody could say whether the call was read. Cancelling gives a reply too, since the caller must know whether anything was sent.
    /// </summary>
    /// <remarks>Sent at most once. Ends within <see cref="XmlRpcClientOptions.Timeout"/>. What a second call does is the server's affair.
    /// </remarks>
    public Task<XmlRpcReply> CallAsync(string method, XmlRpcArray parameters, CancellationToken cancellationToken) =>
        SendAsync(_fresh, keep: false, method, parameters, cancellationToken);

    /// <summary>
    /// Asks something that may be asked twice. Uses kept connections, and asks once more on a connection of its own when the first one
    /// broke before the answer was there.
    /// </summary>
    /// <remarks>Each of the two ends within <see cref="XmlRpcClientOptions.Timeout"/>.</remarks>
    public async Task<XmlRpcReply> QueryAsync(string method, XmlRpcArray parameters, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(_kept, keep: true, method, parameters, cancellationToken);
        return reply.Cause == XmlRpcCause.AnswerCut
            ? await SendAsync(_fresh, keep: false, method, parameters, cancellationToken)
            : reply;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _fresh.Dispose();
        _kept.Dispose();
    }

    private SocketsHttpHandler Handler(TimeSpan idle) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        PreAuthenticate = false,
        UseProxy = _options.Proxy is not null,
        Proxy = _options.Proxy,
        ConnectTimeout = _options.ConnectTimeout,
        PooledConnectionIdleTimeout = idle,
        PooledConnectionLifetime = idle == TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = CheckCertificate,
            CertificateRevocationCheckMode = _options.CheckRevocation && _options.Pins.IsEmpty ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            ClientCertificates = _options.ClientCertificate is { } own ? [own] : null,
        },
    };

    private async Task<XmlRpcReply> SendAsync(
        HttpMessageInvoker http,
        bool keep,
        string method,
        XmlRpcArray parameters,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        byte[] body;
        try
        {
            using var buffer = new XmlRpcBuffer();
            XmlRpcWriter.WriteRequest(buffer, method, parameters.Items);
            body = buffer.Span.ToArray();
        }
        catch (XmlRpcFormatException unwritable)
        {
            return XmlRpcReply.Failed(mayHaveLeft: false, XmlRpcCause.RequestUnwritable, $"{method} was not called: {unwritable.Message}");
        }

        using var timeout = new CancellationTokenSource(_options.Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var content = new OnceContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.UserAgent.ParseAdd(_options.UserAgent);
        request.Headers.Authorization = _authorization;
        request.Headers.ConnectionClose = keep ? null : true;

        int? status = null;
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            status = (int)response.StatusCode;
            return response.StatusCode == HttpStatusCode.OK
                ? await ReadAsync(response.Content, either.Token)
                : XmlRpcReply.Failed(
                    !content.Seal(),
                    XmlRpcCause.HttpStatus,
                    FormattableString.Invariant($"{_place} answered with HTTP status {status}{Hint(response.StatusCode)}."),
                    status);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or SocketException)
        {
            // From here on nothing can be sent any more; and if sealing succeeds, nothing was.
            var left = !content.Seal();
            var (cause, text) = Explain(failure, left, timeout.IsCancellationRequested, cancellationToken.IsCancellationRequested);
            return XmlRpcReply.Failed(left, cause, text, status);
        }
    }

    private async Task<XmlRpcReply> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var answer = new XmlRpcBuffer(4096);
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        await using (stream)
        {
            int read;
            while ((read = await stream.ReadAsync(answer.GetMemory(4096), cancellationToken)) > 0)
            {
                answer.Advance(read);
                if (answer.Length > _options.Limits.BytesMax)
                {
                    return XmlRpcReply.Failed(
                        mayHaveLeft: true,
                        XmlRpcCause.AnswerTooLarge,
                        FormattableString.Invariant($"The answer of {_place} is longer than {_options.Limits.BytesMax} bytes."));
                }
            }
        }

        try
        {
            var response = XmlRpcReader.ReadResponse(answer.Span, _options.Limits, content.Headers.ContentType?.CharSet);
            return response.Fault is { } fault ? XmlRpcReply.Faulted(fault) : XmlRpcReply.Answered(response.Value);
        }
        catch (XmlRpcFormatException unreadable)
        {
            return XmlRpcReply.Failed(
                mayHaveLeft: true,
                XmlRpcCause.AnswerUnreadable,
                $"The answer of {_place} is not XML-RPC ({unreadable.Message.TrimEnd('.')}). Check host, port and path.");
        }
    }

    private bool CheckCertificate(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) =>
        _options.Pins.FaultOf(shown as X509Certificate2, chain, errors, _options.Url, _options.Clock.GetUtcNow()) is { } fault
            ? throw new CertificateRefusedException(fault.Cause, fault.Text)
            : true;

    private (XmlRpcCause Cause, string Text) Explain(Exception failure, bool left, bool timedOut, bool cancelled)
    {
        for (Exception? inner = failure; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case CertificateRefusedException refused:
                    return (refused.Cause, refused.Message);
                case AuthenticationException when !left:
                    return (XmlRpcCause.TlsFailed, $"No TLS with {_place}: {Sentence(inner)} Check that this is the TLS port.");
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery } when !left:
                    return (XmlRpcCause.NameNotResolved, $"The name {_options.Url.Host} has no address. Check the host name and the name servers.");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused } when !left:
                    return (XmlRpcCause.ConnectionRefused, $"Nothing listens at {_place}. Check the port, and that the server runs.");
                case SocketException { SocketErrorCode: SocketError.TimedOut } when !left:
                case TimeoutException when !left:
                    return (XmlRpcCause.ConnectTimedOut, ConnectTimedOut());
                case SocketException when !left:
                    return (XmlRpcCause.HostUnreachable, $"No connection to {_place}: {Sentence(inner)}");
            }
        }

        if (cancelled)
        {
            return (XmlRpcCause.Cancelled, left ? $"The call to {_place} was given up while its answer was awaited." : $"The call to {_place} was given up before it was sent.");
        }

        if (failure is OperationCanceledException || timedOut)
        {
            return left
                ? (XmlRpcCause.TimedOut, FormattableString.Invariant($"No answer from {_place} within {_options.Timeout.TotalSeconds:0.#} s."))
                : (XmlRpcCause.ConnectTimedOut, ConnectTimedOut());
        }

        if (left)
        {
            return (XmlRpcCause.AnswerCut, $"The connection to {_place} broke before the whole answer was there: {Sentence(failure.InnerException ?? failure)}");
        }

        return failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? (XmlRpcCause.TlsFailed, $"No TLS with {_place}: {Sentence(failure.InnerException ?? failure)} Check that this is the TLS port.")
            : (XmlRpcCause.HostUnreachable, $"No connection to {_place}: {Sentence(failure)}");
    }

    private string ConnectTimedOut() => FormattableString.Invariant(
        $"No connection to {_place} within {Math.Min(_options.ConnectTimeout.TotalSeconds, _options.Timeout.TotalSeconds):0.#} s. Check host, port and firewall.");

    private static string Sentence(Exception failure) => failure.Message.TrimEnd().TrimEnd('.') + ".";

    private static string Hint(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => ": check the path of the URL",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ": check login and password",
        HttpStatusCode.BadRequest => ": check whether the port wants https",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => ": it points elsewhere, which is not followed; check the URL",
        >= HttpStatusCode.InternalServerError => ": the server failed or is overloaded",
        _ => "",
    };

    /// <summary>Carries the finding of the certificate check through the layers of TLS and HTTP.</summary>
    private sealed class CertificateRefusedException(XmlRpcCause cause, string text) : AuthenticationException(text)
    {
        public XmlRpcCause Cause { get; } = cause;
    }

    /// <summary>
    /// A body that is written at most once, and that knows whether it was. The HTTP layer keeps a request's head back until its body is
    /// written, and repeats a request on a fresh connection only before that; this makes sure of both by itself: once sealed, or begun a
    /// first time, it refuses to be written, and the connection is dropped with whatever was buffered.
    /// </summary>
    private sealed class OnceContent : HttpContent
    {
        private const int New = 0;
        private const int Begun = 1;
        private const int Sealed = 2;

        private readonly byte[] _body;
        private int _state;

        public OnceContent(byte[] body)
        {
            _body = body;
            Headers.ContentType = new("text/xml") { CharSet = "utf-8" };
        }

        /// <summary>Ends all sending. True when nothing was sent; false when sending had begun.</summary>
        public bool Seal() => Interlocked.CompareExchange(ref _state, Sealed, New) is New or Sealed;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (Interlocked.CompareExchange(ref _state, Begun, New) != New)
            {
                throw new IOException("A call is sent only once.");
            }

            await stream.WriteAsync(_body, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
