using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.Scenarios.BadInput;

/// <summary>A TLS server on loopback whose certificate has expired.</summary>
internal sealed class ExpiredServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    private ExpiredServer(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Pem => _certificate.ExportCertificatePem();

    public static ExpiredServer Start()
    {
        using var made = WrongPluginTests.Certificate("CN=127.0.0.1", -30, -1);
        return new ExpiredServer(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(_certificate);
                _ = await tls.ReadAsync(new byte[1]);
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // The client did not like what it was shown.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
