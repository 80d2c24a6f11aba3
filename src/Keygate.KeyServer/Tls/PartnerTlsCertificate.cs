using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.Storage;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// The certificate of the Partner API listener where the operator gives none: self-signed, made at first start for the public host, localhost
/// and 127.0.0.1, valid for ten years, sealed in the key server's database and so the same on every node. Clients pin it. Thread-safe.
/// </summary>
public sealed class PartnerTlsCertificate : IDisposable
{
    private const string Name = "partner-api";
    private const string Purpose = "keyserver tls certificate";
    private const int Years = 10;
    private readonly Database _database;
    private readonly SigningKeyStore _store;
    private readonly MasterKey _masterKey;
    private readonly IOptions<KeyServerOptions> _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private X509Certificate2? _certificate;

    internal PartnerTlsCertificate(Database database, SigningKeyStore store, MasterKey masterKey, IOptions<KeyServerOptions> options, TimeProvider time) =>
        (_database, _store, _masterKey, _options, _time) = (database, store, masterKey, options, time);

    /// <summary>
    /// The certificate with its private key, for the listener; made when the database has none. The object stays this class's: don't dispose it.
    /// </summary>
    public async Task<X509Certificate2> GetAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            return _certificate ??= await LoadAsync(cancellation);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The certificate that is shown, alone and as PEM, for clients that pin it: the operator's where there is one.</summary>
    public async Task<string> ToPemAsync(CancellationToken cancellation) =>
        (_options.Value.OperatorCertificate?.Invoke() ?? await GetAsync(cancellation)).ExportCertificatePem() + "\n";

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate?.Dispose();
        _loading.Dispose();
    }

    private async Task<X509Certificate2> LoadAsync(CancellationToken cancellation)
    {
        var row = await _database.ReadAsync(s => _store.FindTlsAsync(s, Name, cancellation), cancellation);
        if (row is null)
        {
            var made = Make();
            row = await _database.WriteAsync(async tx =>
            {
                await _store.AddTlsAsync(tx, Name, made, _time.GetUtcNow(), cancellation);

                // Two nodes may start at once: whichever came first has made the certificate for both.
                return await _store.FindTlsAsync(tx, Name, cancellation);
            }, cancellation);
        }

        return X509Certificate2.CreateFromPem(row!.Certificate, Encoding.ASCII.GetString(_masterKey.Open(Purpose, row.PrivateKey)));
    }

    private TlsCertificateRow Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = _options.Value.PublicUrl.IdnHost;
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(host.Length <= 64 ? host : "keygate");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        if (IPAddress.TryParse(host, out var address))
        {
            if (!IPAddress.IsLoopback(address))
            {
                names.AddIpAddress(address);
            }
        }
        else if (!host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));

        // Clients judge it by the machine's clock, so it isn't dated by the clock of a test.
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        return new TlsCertificateRow
        {
            Certificate = certificate.ExportCertificatePem(),
            PrivateKey = _masterKey.Seal(Purpose, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem())),
        };
    }
}
