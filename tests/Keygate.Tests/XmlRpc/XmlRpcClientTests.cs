using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>The client against real servers over sockets: what is answered, what was certainly not sent, what is unknown.</summary>
public sealed class XmlRpcClientTests
{
    private static readonly X509Certificate2 Own = Certificate("CN=keygate", days: 30);

    [Fact]
    public async Task Gets_an_answer_over_TLS_from_a_pinned_self_signed_server()
    {
        await using var server = await Server.StartAsync(Own);
        foreach (var pins in (XmlRpcPins[])[XmlRpcPins.Of(Own), XmlRpcPins.Parse(Own.ExportCertificatePem()), XmlRpcPins.Parse(XmlRpcPins.FingerprintOf(Own))])
        {
            using var client = Client(server.Url, pins);

            var reply = await client.CallAsync("echo", ["Grüße <&>"], CancellationToken.None);

            reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.Text);
            reply.Value.AsString().ShouldBe("Grüße <&>");
        }

        server.Calls.ShouldBe(3);
    }

    [Fact]
    public async Task Accepts_a_server_whose_private_authority_is_pinned_under_its_own_name_only()
    {
        using var authority = Certificate("CN=authority", days: 30, isAuthority: true);
        using var leaf = Certificate("CN=leaf", days: 30, issuer: authority, name: "localhost");
        await using var server = await Server.StartAsync(leaf);
        var byName = new UriBuilder(server.Url) { Host = "localhost" }.Uri;

        using (var named = Client(byName, XmlRpcPins.Of(authority)))
        {
            var reply = await named.CallAsync("echo", ["x"], CancellationToken.None);
            reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.Text);
        }

        using var other = Client(server.Url, XmlRpcPins.Of(authority));
        await ShouldNotBeSentAsync(other, server, XmlRpcCause.CertificateNameMismatch, "is for another name (localhost)");
    }

    [Fact]
    public async Task Refuses_a_certificate_that_is_not_the_pinned_one()
    {
        using var foreign = Certificate("CN=keygate", days: 30);
        await using var server = await Server.StartAsync(foreign);
        using var client = Client(server.Url, XmlRpcPins.Of(Own));

        await ShouldNotBeSentAsync(client, server, XmlRpcCause.CertificateNotPinned, $"is not the pinned one (its SHA-256 is {XmlRpcPins.FingerprintOf(foreign)})");
    }

    [Fact]
    public async Task Refuses_a_self_signed_certificate_that_nobody_pinned()
    {
        await using var server = await Server.StartAsync(Own);
        using var client = Client(server.Url, XmlRpcPins.None);

        // The name is wrong as well as the authority: an address is no name of this certificate.
        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBeOneOf(XmlRpcCause.CertificateUntrusted, XmlRpcCause.CertificateNameMismatch);
        server.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_an_expired_certificate_even_if_pinned()
    {
        using var expired = Certificate("CN=keygate", days: -1);
        await using var server = await Server.StartAsync(expired);
        using var client = Client(server.Url, XmlRpcPins.Of(expired));

        await ShouldNotBeSentAsync(client, server, XmlRpcCause.CertificateExpired, "The server needs a new one.");
    }

    [Fact]
    public async Task Says_that_nothing_listens_on_a_wrong_port()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        using var client = Client(new($"https://127.0.0.1:{port}/"));

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(XmlRpcCause.ConnectionRefused);
        reply.Text.ShouldBe($"Nothing listens at 127.0.0.1:{port}. Check the port, and that the server runs.");
    }

    [Fact]
    public async Task Says_that_a_name_has_no_address()
    {
        using var client = Client(new("https://no-such-host.invalid:7050/"));

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(XmlRpcCause.NameNotResolved, reply.Text);
    }

    [Fact]
    public async Task Says_that_a_port_speaks_no_TLS()
    {
        await using var server = await Server.StartAsync(certificate: null);
        using var client = Client(new UriBuilder(server.Url) { Scheme = "https" }.Uri, XmlRpcPins.Of(Own));

        await ShouldNotBeSentAsync(client, server, XmlRpcCause.TlsFailed, "Check that this is the TLS port.");
    }

    [Fact]
    public async Task Was_not_sent_when_the_server_closes_during_the_handshake()
    {
        using var raw = new RawServer(async (stream, end) => await stream.ReadExactlyAsync(new byte[1], end));
        using var client = Client(raw.Url("https"));

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(XmlRpcCause.TlsFailed, reply.Text);
    }

    [Fact]
    public async Task Was_not_sent_when_the_handshake_takes_too_long()
    {
        using var raw = new RawServer((_, end) => Task.Delay(Timeout.Infinite, end));
        using var client = new XmlRpcClient(new() { Url = raw.Url("https"), ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(XmlRpcCause.ConnectTimedOut, reply.Text);
        reply.Text.ShouldEndWith("within 0.2 s. Check host, port and firewall.");
    }

    [Fact]
    public async Task Was_not_sent_when_the_whole_time_passes_before_the_connection()
    {
        using var raw = new RawServer((_, end) => Task.Delay(Timeout.Infinite, end));
        using var client = new XmlRpcClient(new() { Url = raw.Url("https"), Timeout = TimeSpan.FromMilliseconds(200) });

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(XmlRpcCause.ConnectTimedOut, reply.Text);
    }

    [Fact]
    public async Task Is_unknown_when_no_answer_comes_in_time()
    {
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            await Task.Delay(Timeout.Infinite, end);
        });
        using var client = new XmlRpcClient(new() { Url = raw.Url("http"), Timeout = TimeSpan.FromSeconds(1) });

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Unknown);
        reply.Cause.ShouldBe(XmlRpcCause.TimedOut, reply.Text);
        reply.Text.ShouldEndWith("within 1 s.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<?xml version=\"1.0\"?><methodRe")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<?xml\r\n")]
    public async Task Is_unknown_and_sent_once_when_the_answer_is_cut(string answer)
    {
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), end);
        });
        using var client = Client(raw.Url("http"));

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Unknown);
        reply.Cause.ShouldBe(XmlRpcCause.AnswerCut, reply.Text);
        raw.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error", XmlRpcCause.HttpStatus, 500, "answered with HTTP status 500: the server failed or is overloaded.")]
    [InlineData("HTTP/1.1 503 Service Unavailable", XmlRpcCause.HttpStatus, 503, "answered with HTTP status 503: the server failed or is overloaded.")]
    [InlineData("HTTP/1.1 404 Not Found", XmlRpcCause.HttpStatus, 404, "answered with HTTP status 404: check the path of the URL.")]
    [InlineData("HTTP/1.1 401 Unauthorized", XmlRpcCause.HttpStatus, 401, "answered with HTTP status 401: check login and password.")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/", XmlRpcCause.HttpStatus, 302, "answered with HTTP status 302: it points elsewhere, which is not followed; check the URL.")]
    [InlineData("HTTP/1.1 200 OK", XmlRpcCause.AnswerUnreadable, null, "Check host, port and path.")]
    public async Task Is_unknown_when_the_answer_is_no_answer_of_XML_RPC(string head, XmlRpcCause cause, int? status, string text)
    {
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\nContent-Length: 16\r\n\r\n<html>oh</html>\n"), end);
        });
        using var client = Client(raw.Url("http"));

        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Unknown);
        reply.Cause.ShouldBe(cause);
        reply.HttpStatus.ShouldBe(status);
        reply.Text.ShouldEndWith(text);
        raw.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task Is_unknown_when_the_server_speaks_no_HTTP()
    {
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            await stream.WriteAsync("220 mail.example.org ESMTP\r\n"u8.ToArray(), end);
        });
        using var client = Client(raw.Url("http"));

        (await client.CallAsync("echo", ["x"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Unknown);
    }

    [Fact]
    public async Task Is_unknown_when_the_answer_is_longer_than_the_limit()
    {
        await using var server = await Server.StartAsync(certificate: null);
        using var client = new XmlRpcClient(new() { Url = server.Url, Limits = new() { BytesMax = 1000 } });

        var reply = await client.CallAsync("echo", [new string('x', 5000)], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Unknown);
        reply.Cause.ShouldBe(XmlRpcCause.AnswerTooLarge);
    }

    [Fact]
    public async Task Hands_on_a_fault()
    {
        await using var server = await Server.StartAsync(certificate: null);
        using var client = Client(server.Url);

        var reply = await client.CallAsync("nobody", [], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Fault);
        reply.Fault.ShouldBe(new(XmlRpcFaultCodes.MethodNotFound, "There is no method nobody."));
    }

    [Fact]
    public async Task Keeps_a_connection_for_questions_in_a_row()
    {
        await using var server = await Server.StartAsync(Own);
        using var client = Client(server.Url, XmlRpcPins.Of(Own));
        for (var i = 0; i < 5; i++)
        {
            (await client.QueryAsync("echo", ["x"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Answered);
        }

        server.Connections.ShouldBe(1);
    }

    /// <summary>On a kept connection a call may meet the server just closing it, and then nobody knows whether it was read.</summary>
    [Fact]
    public async Task Makes_a_connection_for_each_call_even_when_one_is_kept()
    {
        await using var server = await Server.StartAsync(Own);
        using var client = Client(server.Url, XmlRpcPins.Of(Own));
        (await client.QueryAsync("echo", ["x"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Answered);
        for (var i = 0; i < 3; i++)
        {
            (await client.CallAsync("echo", ["x"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Answered);
        }

        server.Connections.ShouldBe(4);
        server.Calls.ShouldBe(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Asks_again_when_a_kept_connection_closes_on_a_question(bool reset)
    {
        var requests = 0;
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            Interlocked.Increment(ref requests);
            await stream.WriteAsync(KeepAliveAnswer(), end);
            if (requests == 1)
            {
                await ReadRequestAsync(stream, end);
                Interlocked.Increment(ref requests);
                if (reset)
                {
                    stream.Socket.LingerState = new(enable: true, seconds: 0);
                }
            }
        });
        using var client = Client(raw.Url("http"));
        (await client.QueryAsync("echo", ["1"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Answered);

        var reply = await client.QueryAsync("echo", ["2"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.Text);
        requests.ShouldBe(3);
        raw.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task Asks_no_third_time()
    {
        using var raw = new RawServer((stream, end) => ReadRequestAsync(stream, end));
        using var client = Client(raw.Url("http"));

        var reply = await client.QueryAsync("echo", ["1"], CancellationToken.None);

        (reply.Kind, reply.Cause).ShouldBe((XmlRpcReplyKind.Unknown, XmlRpcCause.AnswerCut));
        raw.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task Says_what_was_sent_when_the_caller_gives_up()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var raw = new RawServer(async (stream, end) =>
        {
            await ReadRequestAsync(stream, end);
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, end);
        });
        using var client = Client(raw.Url("http"));
        using var before = new CancellationTokenSource();
        await before.CancelAsync();
        using var during = new CancellationTokenSource();

        var early = await client.CallAsync("echo", ["x"], before.Token);
        var calling = client.CallAsync("echo", ["x"], during.Token);
        await arrived.Task;
        await during.CancelAsync();
        var late = await calling;

        (early.Kind, early.Cause).ShouldBe((XmlRpcReplyKind.NotSent, XmlRpcCause.Cancelled));
        (late.Kind, late.Cause).ShouldBe((XmlRpcReplyKind.Unknown, XmlRpcCause.Cancelled));
        raw.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task Sends_nothing_when_a_text_cannot_be_written()
    {
        using var raw = new RawServer((_, _) => Task.CompletedTask);
        using var client = Client(raw.Url("http"));

        var reply = await client.CallAsync("echo", ["a\u0001"], CancellationToken.None);

        (reply.Kind, reply.Cause).ShouldBe((XmlRpcReplyKind.NotSent, XmlRpcCause.RequestUnwritable));
        raw.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Sends_login_and_password_at_once()
    {
        var head = "";
        using var raw = new RawServer(async (stream, end) =>
        {
            head = await ReadRequestAsync(stream, end);
            await stream.WriteAsync(KeepAliveAnswer(), end);
        });
        using var client = new XmlRpcClient(new() { Url = raw.Url("http"), Login = "admin", Password = "sé:cret" });

        (await client.CallAsync("echo", ["x"], CancellationToken.None)).Kind.ShouldBe(XmlRpcReplyKind.Answered);

        head.ShouldContain($"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:sé:cret"))}");
        head.ShouldContain("Content-Type: text/xml; charset=utf-8");
        head.ShouldNotContain("Expect:");
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("https://login:password@127.0.0.1/")]
    public void Refuses_a_URL_that_it_cannot_call(string url) =>
        Should.Throw<ArgumentException>(() => new XmlRpcClient(new() { Url = new(url) }));

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ABCD")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void Refuses_a_pin_that_is_none(string text) => Should.Throw<FormatException>(() => XmlRpcPins.Parse(text));

    [Fact]
    public void Reads_pins_with_colons_and_several_at_once()
    {
        var colons = string.Join(':', XmlRpcPins.FingerprintOf(Own).Chunk(2).Select(c => new string(c)));

        XmlRpcPins.Parse(colons.ToUpperInvariant()).IsEmpty.ShouldBeFalse();
        XmlRpcPins.Parse($"{colons}\n{Own.ExportCertificatePem()}\n{new string('a', 64)}").Holds(Own).ShouldBeTrue();
        XmlRpcPins.Parse("  \n").IsEmpty.ShouldBeTrue();
        XmlRpcPins.Parse(new string('a', 64)).Holds(Own).ShouldBeFalse();
    }

    private static XmlRpcClient Client(Uri url, XmlRpcPins? pins = null) => new(new() { Url = url, Pins = pins ?? XmlRpcPins.None });

    private static async Task ShouldNotBeSentAsync(XmlRpcClient client, Server server, XmlRpcCause cause, string text)
    {
        var calls = server.Calls;
        var reply = await client.CallAsync("echo", ["x"], CancellationToken.None);

        reply.Kind.ShouldBe(XmlRpcReplyKind.NotSent);
        reply.Cause.ShouldBe(cause, reply.Text);
        reply.Text.ShouldContain(text);
        server.Calls.ShouldBe(calls);
    }

    private static byte[] KeepAliveAnswer()
    {
        using var body = new XmlRpcBuffer();
        XmlRpcWriter.WriteResponse(body, "x");
        return [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\n\r\n"), .. body.Span];
    }

    /// <summary>Reads one request to its last byte, and returns its head.</summary>
    private static async Task<string> ReadRequestAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[64 << 10];
        var length = 0;
        while (true)
        {
            var got = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken);
            got.ShouldBePositive();
            length += got;
            var text = Encoding.ASCII.GetString(bytes, 0, length);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end && text.EndsWith("</methodCall>", StringComparison.Ordinal))
            {
                return text[..end];
            }
        }
    }

    private static X509Certificate2 Certificate(string subject, int days, X509Certificate2? issuer = null, bool isAuthority = false, string? name = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (now.AddDays(-10), now.AddDays(days));
        if (issuer is null)
        {
            using var self = request.CreateSelfSigned(from, to);
            return X509CertificateLoader.LoadPkcs12(self.Export(X509ContentType.Pkcs12), null);
        }

        using var signed = request.Create(issuer, from, to.AddDays(-1), [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A Kestrel server with a dispatcher that echoes.</summary>
    internal sealed class Server : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _calls;
        private int _connections;

        private Server(WebApplication app) => _app = app;

        public Uri Url { get; private set; } = null!;

        public int Calls => _calls;

        public int Connections => _connections;

        public static async Task<Server> StartAsync(X509Certificate2? certificate)
        {
            Server? server = null;
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Use(next => connection =>
                {
                    Interlocked.Increment(ref server!._connections);
                    return next(connection);
                });
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            }));
            var app = builder.Build();
            server = new(app);
            var dispatcher = new XmlRpcDispatcher<HttpContext>().Register("echo", new XmlRpcSignature(XmlRpcKinds.Any), (args, _, _) =>
            {
                Interlocked.Increment(ref server._calls);
                return new(args[0]);
            });
            app.Run(async http =>
            {
                using var answer = await dispatcher.AnswerAsync(http.Request.BodyReader, null, http, http.RequestAborted);
                http.Response.ContentType = "text/xml; charset=utf-8";
                http.Response.ContentLength = answer.Length;
                await http.Response.BodyWriter.WriteAsync(answer.Memory, http.RequestAborted);
            });
            await app.StartAsync(CancellationToken.None);
            server.Url = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
            return server;
        }

        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
        }
    }

    /// <summary>A server of bytes: runs one function for each connection and then closes it.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly Func<NetworkStream, CancellationToken, Task> _serve;
        private int _connections;

        public RawServer(Func<NetworkStream, CancellationToken, Task> serve)
        {
            _serve = serve;
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Connections => _connections;

        public Uri Url(string scheme) => new($"{scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        public void Dispose()
        {
            _end.Cancel();
            _listener.Stop();
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            var end = _end.Token;
            while (!end.IsCancellationRequested)
            {
                try
                {
                    var socket = await _listener.AcceptTcpClientAsync(end);
                    Interlocked.Increment(ref _connections);
                    _ = ServeAsync(socket, end);
                }
                catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task ServeAsync(TcpClient socket, CancellationToken end)
        {
            using (socket)
            {
                await _serve(socket.GetStream(), end);
            }
        }
    }
}
